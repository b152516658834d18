"""Local time to an instant; the tables of docs/scheduling.md hold the cases of starts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.errors import UsageError
from campaign.scheduling.zones import (
    checked_zone,
    closing_of,
    known_zone,
    local_time,
    opening_of,
    read_moment,
    start_of,
)

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ZONES = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "UTC"]


@given(st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2028-01-01")), st.sampled_from(ZONES))
def test_an_opening_is_never_before_its_hour_and_a_closing_never_after(local, zone):
    assert closing_of(local, zone) <= start_of(local, zone) <= opening_of(local, zone)
    assert local_time(opening_of(local, zone), zone) >= local
    assert local_time(closing_of(local, zone) - timedelta(microseconds=1), zone) < local


@pytest.mark.parametrize("name", ["CST6", "Mars/Olympus", "", "America", "../etc/passwd", "/etc/localtime", "a" * 300])
def test_what_is_no_zone_is_refused(name):
    assert not known_zone(name)
    with pytest.raises(UsageError, match="is no time zone"):
        checked_zone(name)


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-11-23T09:00:00-06:00", None, "2026-11-23T15:00:00+00:00"),
        ("2026-11-23T09:00", "America/Mexico_City", "2026-11-23T15:00:00+00:00"),
        ("09:00", "America/Mexico_City", "2026-11-21T15:00:00+00:00"),
        ("09:01", "America/Mexico_City", "2026-11-20T15:01:00+00:00"),
    ],
)
def test_moments_as_people_write_them(text, zone, instant):
    assert read_moment(text, zone, now=NOW, given_as="--at").isoformat() == instant

"""Windows; the tables of docs/scheduling.md hold the cases of hours and days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.errors import UsageError
from campaign.scheduling.windows import Window, first_opening, openings, read_window

ZONES = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "UTC"]
START = datetime(2026, 1, 1, tzinfo=UTC)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True),
    st.integers(0, 700),
    st.sampled_from([(9, 20), (1, 3), (2, 5), (0, 24)]),
)
def test_what_is_open_is_within_the_hours_of_every_zone(zones, day, hours):
    first = START + timedelta(days=day)
    window = read_window(f"{hours[0]:02d}:00-{hours[1]:02d}:00")
    for opens, closes in openings(window, zones, first, first + timedelta(days=3)):
        moment = opens
        while moment < closes:
            for zone in zones:
                assert hours[0] <= moment.astimezone(ZoneInfo(zone)).hour < hours[1]
            moment += timedelta(minutes=15)


def test_a_window_is_the_same_after_it_was_kept():
    window = read_window("mon-fri 09:00-20:00, sat 10:00-14:00", quiet_days=["2026-12-24"], holidays="MX")
    assert Window.from_json(window.as_json()) == window


def test_a_window_without_an_open_hour_in_common_never_opens():
    window = read_window("10:00-11:00")
    assert first_opening(window, ("America/New_York", "Asia/Tokyo"), START) is None
    assert first_opening(window, ("America/New_York",), START) is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mon", "names days without hours"),
        ("foo 09:00-10:00", "foo is no day"),
        ("25:00-26:00", "25:00 is no time of day"),
        ("09:00-09:00", "never opens"),
        ("09:00-12:00, 11:00-13:00", "open already"),
        ("", "is no window"),
    ],
)
def test_what_is_no_window_says_why(text, words):
    with pytest.raises(UsageError, match=words):
        read_window(text)

"""Rules of recurrence that are refused; docs/scheduling.md holds those that are taken."""

from datetime import UTC, datetime

import pytest

from campaign.errors import UsageError
from campaign.scheduling.recurrence import read_recurrence

FIRST = datetime.fromisoformat("2026-11-23T09:00")


def read(rule):
    return read_recurrence(rule, zone="UTC", first_at=FIRST, until=None)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("often", "is no rule"),
        ("FREQ=SECONDLY", "from YEARLY to MINUTELY"),
        ("FREQ=DAILY;BYDAY=XX", "is no rule"),
        ("FREQ=DAILY;INTERVAL=0", "at least 1"),
        ("FREQ=DAILY;COUNT=0", "at least 1"),
        ("FREQ=DAILY;UNTIL=2020", "is no moment"),
        ("FREQ=DAILY;UNTIL=20200101", "no start before its end"),
        ("DTSTART=20260101;FREQ=DAILY", "takes no DTSTART"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=9", "never comes"),
        ("FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30", "never comes"),
    ],
)
def test_rules_that_are_none_or_never_come(rule, words):
    with pytest.raises(UsageError, match=words):
        read(rule)


@pytest.mark.parametrize(
    ("rule", "name"),
    [("FREQ=DAILY", "2026-11-23"), ("FREQ=HOURLY", "2026-11-23 09:00"), ("FREQ=DAILY;BYHOUR=9,15", "2026-11-23 09:00")],
)
def test_a_run_is_named_by_its_day_and_its_time_where_there_are_several(rule, name):
    found = read(rule)
    assert found.name(next(found.after(datetime(2026, 1, 1, tzinfo=UTC)))) == name


def test_a_rule_knows_whether_it_ends():
    assert read("FREQ=DAILY").endless
    assert not read("FREQ=DAILY;COUNT=3").endless

"""Plans over days: pure, so each rule is a row."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.planning.days import MOST_DAYS, Limits, Opening, plan
from campaign.planning.warm_up import WarmUp

EIGHT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
FREE = Limits(rate_mps=80)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def counts(found):
    return [day.messages for day in found.days]


def causes(found):
    return [", ".join(day.limited_by) for day in found.days]


def test_without_limits_the_rate_alone_counts():
    found = plan(80 * 3600, FREE, start=EIGHT)
    assert counts(found) == [80 * 3600]
    assert (found.start, found.end) == (EIGHT, EIGHT + HOUR)
    assert causes(found) == [""]


def test_nothing_to_send_is_no_plan():
    found = plan(0, FREE, start=EIGHT)
    assert (found.days, found.start, found.end, found.left) == ([], None, None, 0)


def test_a_slow_rate_fills_days():
    found = plan(3 * 86_400, Limits(rate_mps=1), start=EIGHT)
    assert counts(found) == [16 * 3600, 86_400, 86_400, 8 * 3600]
    assert causes(found) == ["rate", "rate", "rate", ""]
    assert found.end == EIGHT + 3 * DAY


def test_the_messaging_limit_lets_so_many_people_a_day():
    found = plan(4500, replace(FREE, tier=2000), start=EIGHT)
    assert counts(found) == [2000, 2000, 500]
    assert causes(found) == ["messaging limit", "messaging limit", ""]
    assert EIGHT + 2 * DAY < found.end < EIGHT + 2 * DAY + 5 * 60 * timedelta(seconds=1)


def test_a_reserve_is_kept():
    assert counts(plan(4500, replace(FREE, tier=2000, reserve=0.25), start=EIGHT)) == [1500, 1500, 1500]


def test_people_of_the_last_day_make_room_hour_by_hour():
    used = ((EIGHT - 20 * HOUR, 600), (EIGHT - 2 * HOUR, 400))
    found = plan(1300, replace(FREE, tier=1000, used_by_hour=used), start=EIGHT)
    # 600 become free at noon, 400 at six the next morning, and those of noon at noon again.
    assert found.start == EIGHT + 4 * HOUR
    assert counts(found) == [600, 700]


def test_a_warm_up_below_the_limit_counts_and_rises():
    warm_up = WarmUp(1000, 1.5, DAY)
    found = plan(6000, replace(FREE, tier=2500, warm_up=warm_up), start=EIGHT)
    assert counts(found) == [1000, 1500, 2250, 1250]
    assert causes(found) == ["warm-up", "warm-up", "warm-up", ""]
    assert counts(plan(9000, replace(FREE, tier=2500, warm_up=warm_up), start=EIGHT)) == [1000, 1500, 2250, 2500, 1750]


def windows(first=EIGHT, hours=12, capacity=None):
    return (Opening(first + number * DAY, first + number * DAY + hours * HOUR, capacity) for number in count())


def test_messages_leave_only_while_a_window_is_open():
    found = plan(30_000, Limits(rate_mps=1), start=EIGHT + 6 * HOUR, openings=windows(hours=12))
    # Six hours are left of the first window; each later one has twelve.
    assert counts(found) == [6 * 3600, 30_000 - 6 * 3600]
    assert causes(found) == ["sending window", ""]
    assert found.end == EIGHT + DAY + timedelta(seconds=30_000 - 6 * 3600)


def test_a_capacity_spreads_messages():
    found = plan(250, FREE, start=EIGHT, openings=windows(capacity=100))
    assert counts(found) == [100, 100, 50]
    assert causes(found) == ["spread", "spread", ""]


def test_windows_that_end_leave_messages_behind():
    found = plan(250, FREE, start=EIGHT, openings=[Opening(EIGHT, EIGHT + HOUR, 100)])
    assert (counts(found), found.end, found.left) == ([100], None, 150)


def test_a_day_begins_where_people_live():
    found = plan(2 * 86_400, Limits(rate_mps=1), start=EIGHT, zone=ZoneInfo("America/Mexico_City"))
    assert found.days[0].day == date(2026, 11, 20)
    assert counts(found)[0] == 22 * 3600


def test_a_plan_that_nobody_waits_for_gives_up():
    found = plan(1_000_000, replace(FREE, tier=250), start=EIGHT)
    assert len(found.days) in {MOST_DAYS, MOST_DAYS + 1}
    assert found.end is None
    assert found.left > 0


def test_a_limit_that_a_reserve_eats_up_gives_no_plan():
    found = plan(10, replace(FREE, tier=1, reserve=0.5), start=EIGHT)
    assert (found.days, found.end, found.left) == ([], None, 10)


@given(
    st.integers(1, 20_000),
    st.integers(1, 200),
    st.integers(1, 5000),
    st.lists(st.tuples(st.integers(0, 23), st.integers(1, 3000)), max_size=5),
)
def test_no_24_hours_hold_more_than_the_limit_and_nothing_is_lost(to_message, rate, tier, used):
    hours = tuple(sorted((EIGHT - hour * HOUR, people) for hour, people in used))
    found = plan(to_message, Limits(rate, tier, used_by_hour=hours), start=EIGHT)
    assert sum(counts(found)) + found.left == to_message
    # A calendar day may touch two moving days.
    assert all(messages <= 2 * tier for messages in counts(found))
    if found.end is not None:
        assert found.end >= EIGHT + (max(0, -(-to_message // tier) - 1)) * DAY


@pytest.mark.parametrize("capacity", [1, 7, 1000])
def test_a_plan_is_quick_whatever_it_is_asked(capacity):
    found = plan(1_000_000, Limits(0.01, tier=250), start=EIGHT, openings=windows(capacity=capacity))
    assert found.left > 0

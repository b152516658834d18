"""A cap that rises."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaign.errors import UsageError
from campaign.planning.warm_up import WarmUp, checked
from tests.factories import NOON

DAY = timedelta(days=1)
PLAN = WarmUp(1000, 1.5, DAY, until=3000, began=NOON)


@pytest.mark.parametrize(
    ("after", "cap"),
    [
        (timedelta(), 1000),
        (DAY - timedelta(seconds=1), 1000),
        (DAY, 1500),
        (2 * DAY, 2250),
        (3 * DAY, None),
        (9999 * DAY, None),
    ],
)
def test_the_cap_rises_step_by_step_and_ends(after, cap):
    assert PLAN.cap_at(NOON + after) == cap


def test_it_begins_with_the_first_message():
    waiting = replace(PLAN, began=None)
    assert waiting.cap_at(NOON + 100 * DAY) == 1000
    assert waiting.rises_at(NOON) is None
    assert [step[1] for step in waiting.steps(NOON, 9)] == [None] * 3


def test_it_tells_its_next_rise():
    assert PLAN.rises_at(NOON + timedelta(hours=30)) == NOON + 2 * DAY
    assert PLAN.rises_at(NOON + 3 * DAY) is None


def test_it_tells_its_steps_from_now_on():
    assert PLAN.steps(NOON + DAY, 9) == [(DAY, NOON + DAY, 1500), (2 * DAY, NOON + 2 * DAY, 2250)]


def test_without_an_end_it_rises_until_no_limit_is_above_it():
    endless = replace(PLAN, until=None)
    assert endless.cap_at(NOON + 30 * DAY) > 100_000_000
    assert endless.cap_at(NOON + 100_000 * DAY) is None


def test_it_is_kept_and_read_again():
    assert WarmUp.kept(PLAN.to_keep(), NOON) == PLAN
    assert WarmUp.kept(None, None) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start": 0}, "--start 0"),
        ({"grow": 1.0}, "--grow 1"),
        ({"grow": float("nan")}, "--grow nan"),
        ({"every": timedelta(seconds=5)}, "--every 5s"),
        ({"until": 1000}, "--until 1000"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(change, words):
    with pytest.raises(UsageError, match=words):
        checked(replace(PLAN, **change))

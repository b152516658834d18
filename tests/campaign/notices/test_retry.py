"""Waits grow, and end."""

from campaign.notices.retry import WAITS, next_try
from tests.factories import NOON


def test_waits_grow_and_end_after_some_three_days():
    waits = [next_try(tries, NOON) - NOON for tries in range(1, len(WAITS) + 1)]
    assert waits == sorted(waits)
    assert 2 < sum(wait.total_seconds() for wait in waits) / 86400 < 4
    assert next_try(len(WAITS) + 1, NOON) is None

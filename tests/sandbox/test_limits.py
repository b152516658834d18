"""The limits by themselves, in made-up time."""

import random
from collections.abc import Callable

import pytest

from sandbox.ledger import busiest_second
from sandbox.limits import ManagementCalls, PairLimit, Throughput, Tier
from sandbox.refusals import Refusal
from sandbox.scenario import Limits

DAY = 86_400.0


def refused(deed: Callable[[], None]) -> int | None:
    try:
        deed()
    except Refusal as refusal:
        return refusal.code
    return None


def test_no_second_admits_more_than_the_throughput() -> None:
    throughput, dice, now, admitted = Throughput(), random.Random(1), 0.0, list[float]()
    for _ in range(5_000):
        now += dice.expovariate(200)
        if throughput.admit("n", now, 80):
            admitted.append(now)
    assert busiest_second(admitted).arrivals == 80
    assert len(admitted) > 70 * now


def test_numbers_do_not_share_a_throughput() -> None:
    throughput = Throughput()
    assert [throughput.admit(number, 1.0, 1) for number in ("a", "a", "b")] == [True, False, True]


def test_a_pair_may_burst_and_then_waits_six_seconds_each() -> None:
    pairs, limits = PairLimit(), Limits(pair_interval_s=6, pair_burst=3)
    took = [refused(lambda: pairs.take(("n", "p"), 100.0, limits)) for _ in range(4)]
    assert took == [None, None, None, 131056]
    assert refused(lambda: pairs.take(("n", "p"), 105.9, limits)) == 131056
    assert refused(lambda: pairs.take(("n", "p"), 106.0, limits)) is None
    assert refused(lambda: pairs.take(("n", "p"), 106.0, limits)) == 131056
    assert refused(lambda: pairs.take(("n", "other"), 106.0, limits)) is None
    assert refused(lambda: pairs.take(("m", "p"), 106.0, limits)) is None


def test_a_pair_limit_of_zero_is_none() -> None:
    pairs = PairLimit()
    for _ in range(100):
        pairs.take(("n", "p"), 1.0, Limits(pair_interval_s=0))


def test_old_pairs_are_forgotten() -> None:
    pairs, limits = PairLimit(), Limits()
    for number in range(120_000):
        pairs.take(("n", str(number)), number / 1000, limits)
    assert len(pairs._full_until) < 60_000


def test_a_tier_counts_different_people_of_a_day() -> None:
    tier, limits = Tier(), Limits(tier=2)
    assert refused(lambda: tier.take("a", 0.0, limits)) is None
    assert refused(lambda: tier.take("b", 10.0, limits)) is None
    assert refused(lambda: tier.take("c", 20.0, limits)) == 131048
    assert refused(lambda: tier.take("a", 30.0, limits)) is None
    # b's day is over first, since a was written to again.
    assert refused(lambda: tier.take("c", 10.0 + DAY, limits)) is None
    assert refused(lambda: tier.take("d", 10.0 + DAY, limits)) == 131048
    assert tier.used(11.0 + DAY) == 2
    assert tier.used(10.0 + 3 * DAY) == 0


def test_management_calls_have_an_hour() -> None:
    calls = ManagementCalls()
    calls.take(0.0, 2)
    calls.take(1.0, 2)
    with pytest.raises(Refusal) as refusal:
        calls.take(2.0, 2)
    assert refusal.value.code == 80007
    calls.take(3600.0, 2)

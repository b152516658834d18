"""What comes next after a failure, as rows."""

import random
from datetime import timedelta

import pytest

from campaign.sending.error_table import Action
from campaign.sending.retry import JITTER, Dropped, Failure, GiveUp, RetryPolicy, SendAgainAt, Unsure, next_step
from tests.factories import NOON

POLICY = RetryPolicy(
    first=timedelta(seconds=2),
    longest=timedelta(seconds=300),
    limit=6,
    marketing=[timedelta(days=1), timedelta(days=2), timedelta(days=4)],
)


def step(failure: Failure) -> object:
    return next_step(failure, POLICY, now=NOON, rng=random.Random(7))


@pytest.mark.parametrize(
    ("failure", "wait_s", "punished"),
    [
        (Failure(131053, "", retries=0), 2, True),
        (Failure(131053, "", retries=3), 16, True),
        (Failure(133004, "", retries=5), 64, True),
        (Failure(131049, "", retries=0, by_webhook=True), 86_400, True),
        (Failure(131049, "", retries=1, by_webhook=True), 172_800, True),
        (Failure(131049, "", retries=2, by_webhook=True), 345_600, True),
        (Failure(131056, "", retries=0), 1, True),
        (Failure(131056, "", retries=1), 4, True),
        (Failure(131056, "", retries=3), 64, True),
        (Failure(130429, "", retries=0), 0, False),
        (Failure(132015, "", retries=0), 0, False),
        (Failure(190, "", retries=0), 0, False),
        (Failure(131048, "", retries=1, by_webhook=True), 4, True),
        (Failure(131000, "", retries=0, by_webhook=True), 2, True),
    ],
)
def test_sent_again_after(failure: Failure, wait_s: float, punished: bool) -> None:
    decided = step(failure)
    assert isinstance(decided, SendAgainAt)
    waited = (decided.due_at - NOON).total_seconds()
    assert wait_s <= waited <= wait_s * (1 + JITTER)
    assert decided.punished is punished


@pytest.mark.parametrize(
    "failure",
    [
        Failure(131053, "", retries=6),
        Failure(131049, "", retries=3, by_webhook=True),
        Failure(131056, "", retries=6),
        Failure(130472, "", retries=0, by_webhook=True),
        Failure(131026, "", retries=0, by_webhook=True),
        Failure(131050, "", retries=0, by_webhook=True),
        Failure(132000, "", retries=0),
    ],
)
def test_failed_for_good(failure: Failure) -> None:
    decided = step(failure)
    assert isinstance(decided, GiveUp)
    assert decided.rule is not None
    assert decided.reason == decided.rule.action.value


def test_an_unknown_code_is_never_sent_again() -> None:
    assert step(Failure(424242, "new", retries=0)) == GiveUp("unknown_code", None)


@pytest.mark.parametrize("code", [132015, 2061])
def test_a_pause_by_webhook_means_dropped(code: int) -> None:
    assert isinstance(step(Failure(code, "", retries=0, by_webhook=True)), Dropped)


@pytest.mark.parametrize("code", [1, 131000, 131016])
def test_an_unclear_fault_up_front_is_unsure(code: int) -> None:
    decided = step(Failure(code, "", retries=0, http_status=500))
    assert isinstance(decided, Unsure)
    assert decided.rule.action is Action.UNCERTAIN

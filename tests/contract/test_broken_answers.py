"""Answers that no proper platform gives: never a crash, always an outcome with a class."""

import pytest

from campaign.providers.base import Accepted, NotSent, Outcome, Refused, Uncertain
from campaign.sending.error_table import Action, rule_for
from tests.contract.conftest import Bound

TAKEN = {"reset_after", "timeout_after", "error_after", "slow", "truncated", "not_json", "huge", "empty"}


async def send(bound: Bound, kind: str, **more: object) -> Outcome:
    bound.arm(kind, **more)
    return await bound.provider.send(bound.message())


@pytest.mark.parametrize(
    "kind",
    ["reset_before", "reset_after", "timeout_before", "timeout_after", "truncated", "not_json", "empty", "huge"],
)
async def test_what_leaves_doubt_is_uncertain(bound: Bound, kind: str) -> None:
    outcome = await send(bound, kind)
    assert isinstance(outcome, Uncertain), outcome
    assert outcome.text
    assert (bound.entry()["outcome"] == "accepted") is (kind in TAKEN)


@pytest.mark.parametrize("status", [408, 500, 502, 504, 599])
async def test_a_page_of_a_broken_proxy_is_uncertain(bound: Bound, status: int) -> None:
    assert isinstance(await send(bound, "http", status=status), Uncertain)


@pytest.mark.parametrize("status", [400, 403, 404, 429, 503])
async def test_a_page_of_a_refusing_proxy_is_a_refusal(bound: Bound, status: int) -> None:
    outcome = await send(bound, "http", status=status)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.http_status) == (None, status)


@pytest.mark.parametrize("kind", ["error_before", "error_after"])
async def test_a_fault_of_the_platforms_own_is_never_sent_again_at_once(bound: Bound, kind: str) -> None:
    """Both look the same from here, and one of them was taken."""
    outcome = await send(bound, kind)
    assert isinstance(outcome, Refused)
    rule = rule_for(outcome.code, outcome.text, outcome.http_status)
    assert rule is not None
    assert rule.action is Action.UNCERTAIN


async def test_a_slow_answer_within_the_timeout_counts(bound: Bound) -> None:
    assert isinstance(await send(bound, "slow", after_s=0.2), Accepted)


async def test_a_slow_answer_beyond_the_timeout_is_uncertain(bound: Bound) -> None:
    outcome = await send(bound, "slow", after_s=2.0)
    assert isinstance(outcome, Uncertain)
    assert "0.6 s" in outcome.text


async def test_a_broken_answer_does_not_spoil_the_next(bound: Bound) -> None:
    for kind in ("reset_after", "truncated", "not_json"):
        assert not isinstance(await send(bound, kind), Accepted | NotSent)
        assert isinstance(await bound.provider.send(bound.message("+525555500009")), Accepted)

"""Every row of the error table, driven by the platform through a real provider to what the engine does about it."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from campaign.callback import callback_data, read_callback
from campaign.providers.base import Accepted, DeliveryStatus, Refused
from campaign.providers.events import read_webhook
from campaign.sending.error_table import (
    CLOUD_RULES,
    ONPREM_RULES,
    STATUS_RULES,
    TEXT_RULES,
    Action,
    Rule,
    TextRule,
    rule_for,
)
from campaign.sending.retry import Dropped, Failure, GiveUp, NextStep, RetryPolicy, SendAgainAt, Unsure, next_step
from tests.contract.conftest import Bound

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
POLICY = RetryPolicy(timedelta(seconds=2), timedelta(seconds=300), 6, (timedelta(hours=24),))

AT_ONCE: dict[Action, type] = {
    Action.RETRY_BACKOFF: SendAgainAt,
    Action.RETRY_INCREASING: SendAgainAt,
    Action.PAIR_RATE_LIMIT: SendAgainAt,
    Action.THROTTLE_ALL: SendAgainAt,
    Action.PAUSE_TEMPLATE: SendAgainAt,
    Action.PAUSE_NUMBER: SendAgainAt,
    Action.SUPPRESS_RECIPIENT: GiveUp,
    Action.WAIT_FOR_CONVERSATION: GiveUp,
    Action.PARAMETER_BUG: GiveUp,
    Action.UNCERTAIN: Unsure,
}
"""What becomes of a message that is refused in the answer, by action."""

LATER: dict[Action, type] = AT_ONCE | {Action.PAUSE_TEMPLATE: Dropped, Action.UNCERTAIN: SendAgainAt}
"""The same when it was taken first and its failure reported by webhook: that it failed is certain then."""


def step_of(failure: Failure) -> NextStep:
    return next_step(failure, POLICY, now=NOON, rng=random.Random(1))


async def refused(bound: Bound) -> Refused:
    outcome = await bound.provider.send(bound.message())
    assert isinstance(outcome, Refused), outcome
    return outcome


def check(outcome: Refused, action: Action) -> None:
    rule = rule_for(outcome.code, outcome.text, outcome.http_status)
    assert rule is not None
    assert rule.action is action
    assert isinstance(step_of(Failure(outcome.code, outcome.text, 0, outcome.http_status)), AT_ONCE[action])


def code_of(rule: Rule) -> str:
    return str(rule.code)


@pytest.mark.parametrize("bound", ["cloud", "d360"], indirect=True)
@pytest.mark.parametrize("rule", CLOUD_RULES, ids=code_of)
async def test_each_cloud_code_comes_to_its_action(bound: Bound, rule: Rule) -> None:
    bound.arm("refuse", code=rule.code)
    outcome = await refused(bound)
    assert outcome.code == rule.code
    check(outcome, rule.action)


@pytest.mark.parametrize("bound", ["d360-onprem"], indirect=True)
@pytest.mark.parametrize("rule", ONPREM_RULES, ids=code_of)
async def test_each_on_premise_code_comes_to_its_action(bound: Bound, rule: Rule) -> None:
    bound.arm("refuse", code=rule.code)
    outcome = await refused(bound)
    assert outcome.code == rule.code
    check(outcome, rule.action)


SENTENCES = (
    (400, "API has been disabled"),
    (400, "You have exceeded the endpoint rate limit"),
    (400, "Limit of 1 request every 5 seconds"),
    (400, "Message was not sent because of lack of payment"),
    (401, "Invalid api key"),
    (404, "Invalid api key"),
    (403, "This endpoint is blocked"),
)


def text_rule(text: str) -> TextRule:
    return next(rule for rule in TEXT_RULES if all(word in text.lower() for word in rule.words))


def test_every_sentence_of_the_gateway_has_a_case() -> None:
    assert {text_rule(text) for _, text in SENTENCES} == set(TEXT_RULES)


@pytest.mark.parametrize("bound", ["d360", "d360-onprem"], indirect=True)
@pytest.mark.parametrize(("status", "text"), SENTENCES)
async def test_each_sentence_of_the_gateway_comes_to_its_action(bound: Bound, status: int, text: str) -> None:
    bound.arm("gateway", status=status, text=text)
    outcome = await refused(bound)
    assert outcome.code is None
    check(outcome, text_rule(text).action)


@pytest.mark.parametrize("status", STATUS_RULES)
async def test_each_status_without_a_body_comes_to_its_action(bound: Bound, status: int) -> None:
    bound.arm("http", status=status)
    check(await refused(bound), STATUS_RULES[status].action)


async def test_an_unknown_code_is_never_sent_again(bound: Bound) -> None:
    bound.arm("refuse", code=999_999)
    outcome = await refused(bound)
    step = step_of(Failure(outcome.code, outcome.text, 0, outcome.http_status))
    assert step == GiveUp("unknown_code", None)


BY_WEBHOOK = {
    # Code of the Cloud dialects, and its twin On-Premise.
    130472: 472, 131000: 500, 131026: 1013, 131042: 402, 131045: 430, 131047: 470, 131048: 471, 131049: 131049,
    131050: 131050, 131053: 1014, 131056: 1015, 132015: 2061,
}  # fmt: skip


async def test_each_code_that_comes_by_webhook_comes_to_its_action(bound: Bound) -> None:
    """After a 200: marks W of platform.md C.3."""
    ids = {}
    for number, code in enumerate(BY_WEBHOOK, start=1):
        phone = f"+5255555009{number:02d}"
        bound.arm("fail_later", code=code, to=phone)
        outcome = await bound.provider.send(bound.message(phone, callback_data=callback_data(1, number, 1)))
        assert isinstance(outcome, Accepted)
        ids[outcome.wamid] = BY_WEBHOOK[code] if bound.dialect == "d360-onprem" else code
    bound.receiver.until(lambda: {s["id"] for s in bound.receiver.statuses() if s["status"] == "failed"} == set(ids))
    events = [event for post in bound.receiver.posts for event in read_webhook(bound.dialect, post.body).deliveries]
    failures = {event.wamid: event for event in events if event.status is DeliveryStatus.FAILED}
    for wamid, code in ids.items():
        event = failures[wamid]
        assert event.error_code == code
        assert (read_callback(event.callback_data) is None) is (bound.dialect == "d360-onprem")
        rule = rule_for(code)
        assert rule is not None
        step = step_of(Failure(code, event.error_text or "", 0, by_webhook=True))
        assert isinstance(step, LATER[rule.action]), (code, step)

"""Events in any order, any number of times: the same rows at the end. And each rule of the merge by itself."""

import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.providers.base import DeliveryEvent, DeliveryStatus
from campaign.sending.error_table import ERROR_TABLE
from campaign.sending.retry import Dropped, Failure, GiveUp, NextStep, SendAgainAt
from campaign.webhooks.facts import attempt_values, message_values, superseded
from campaign.webhooks.merge import AttemptFacts, MessageFacts, Report, Rules, merge
from models.message import AttemptEnd
from models.states import FINAL_STATES, MessageState
from tests.factories import NOON

S, D = MessageState, DeliveryStatus
NOW = NOON + timedelta(hours=1)
RETRY_AT = NOW + timedelta(days=1)
CAPPED, UNREACHABLE, PAUSED, UNKNOWN, FAULT = 131049, 131026, 132015, 999999, 131000


def policy(failure: Failure, *, now: datetime) -> NextStep:
    """Capped waits a day, a fault two seconds, a paused template drops, the rest is given up."""
    rule = ERROR_TABLE.get(failure.code or -1)
    if failure.code == FAULT:
        return SendAgainAt(NOW + timedelta(seconds=2), "uncertain", ERROR_TABLE[FAULT])
    if failure.code == CAPPED:
        return SendAgainAt(RETRY_AT, "retry_increasing", ERROR_TABLE[CAPPED])
    if failure.code == PAUSED:
        return Dropped(ERROR_TABLE[PAUSED])
    return GiveUp("unknown_code" if rule is None else rule.action.value, rule)


RULES = Rules(policy, NOW)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def message(state: MessageState = S.ACCEPTED, number: int = 1, **attempt: Any) -> MessageFacts:
    """A message whose live attempt was answered, unless told otherwise."""
    values = {"wamid": f"wamid.{number}", "claimed_at": NOON, "accepted_at": at(1)} | attempt
    return MessageFacts(1, 7, 3, state, NOON, 0, AttemptFacts(number, **values))


def thought_absent(state: MessageState = S.QUEUED) -> MessageFacts:
    """A message that waits to be sent again, because nothing was heard of its first attempt."""
    return MessageFacts(1, 7, 3, state, NOON, 0, AttemptFacts(1, AttemptEnd.ABSENT, claimed_at=NOON, ended_at=NOON))


def event(status: DeliveryStatus, seconds: float, code: int | None = None, wamid: str = "wamid.1") -> DeliveryEvent:
    failed = status is D.FAILED
    return DeliveryEvent(wamid, status, at(seconds), None, code, f"words after {seconds} s" if failed else None)


def tell(facts: MessageFacts, *events: DeliveryEvent, attempt: int = 1, rules: Rules = RULES) -> MessageFacts:
    for each in events:
        merge(facts, [Report(attempt, each)], rules)
    return facts


def rows(facts: MessageFacts) -> Any:
    """What stands in the database, without `due_at` where nothing is due any more."""
    shown = facts if facts.state is S.QUEUED else replace(facts, due_at=NOON)
    return message_values(shown), [attempt_values(facts.id, attempt) for attempt in superseded(facts)]


CODES = st.lists(st.sampled_from([CAPPED, UNREACHABLE, PAUSED, UNKNOWN, FAULT]), max_size=3)
FACTS_OF_ONE_ATTEMPT = st.tuples(st.booleans(), st.booleans(), st.booleans(), CODES)


@st.composite
def told_events(draw: st.DrawFn, number: int) -> list[Report]:
    sent, delivered, read, codes = draw(FACTS_OF_ONE_ATTEMPT)
    statuses = [status for status, given in ((D.SENT, sent), (D.DELIVERED, delivered), (D.READ, read)) if given]
    # The same thing may be told twice with different instants.
    instants = st.lists(st.integers(1, 5), min_size=1, max_size=2)
    events = [event(status, at, wamid=f"wamid.{number}") for status in statuses for at in draw(instants)]
    for code in codes:
        events += [event(D.FAILED, at, code, wamid=f"wamid.{number}") for at in draw(instants)]
    priced = [each._replace(category="marketing", billable=draw(st.booleans())) for each in events]
    return [Report(number, each) for each in priced]


@st.composite
def situations(draw: st.DrawFn) -> tuple[MessageFacts, list[Report]]:
    """A message anywhere in its life, and everything that the platform tells of its attempts."""
    kind = draw(st.sampled_from(["live", "waiting", "second try"]))
    if kind == "waiting":
        end = draw(st.sampled_from([AttemptEnd.ABSENT, AttemptEnd.REFUSED, AttemptEnd.SENT_AGAIN]))
        facts = thought_absent(draw(st.sampled_from([S.QUEUED, S.SKIPPED])))
        facts.newest.ended_as = end.value
        return facts, draw(told_events(1))
    if kind == "live":
        state = draw(st.sampled_from([S.SENDING, S.UNCERTAIN, S.ACCEPTED, S.HELD, S.EXPIRED]))
        answered = state not in (S.SENDING, S.UNCERTAIN)
        held = at(1) if state is S.HELD else None
        return message(state, wamid="wamid.1" if answered else None, held_at=held), draw(told_events(1))
    state = draw(st.sampled_from([S.SENDING, S.UNCERTAIN, S.ACCEPTED]))
    facts = message(state, number=2, wamid="wamid.2" if state is S.ACCEPTED else None)
    facts.older = [AttemptFacts(1, draw(st.sampled_from(list(AttemptEnd))).value, claimed_at=NOON, ended_at=NOON)]
    return facts, draw(told_events(1)) + draw(told_events(2))


@settings(max_examples=1500, deadline=None)
@given(data=st.data())
def test_any_order_and_any_duplication_end_in_the_same_rows(data: st.DataObject) -> None:
    facts, reports = data.draw(situations())
    rules = data.draw(st.sampled_from([RULES, RULES, Rules(policy, NOW, cancelled=True)]))
    ordered = copy.deepcopy(facts)
    for report in sorted(reports, key=lambda r: (r.event.occurred_at, r.attempt)):
        merge(ordered, [report], rules)

    told = data.draw(
        st.permutations(reports + data.draw(st.lists(st.sampled_from(reports)) if reports else st.just([])))
    )
    while told:
        batch = data.draw(st.integers(1, len(told)))
        merge(facts, told[:batch], rules)
        told = told[batch:]

    assert rows(facts) == rows(ordered)


@pytest.mark.parametrize(
    ("state", "told", "end"),
    [
        # As the platform usually tells it, platform.md D.3.
        (S.ACCEPTED, [event(D.SENT, 2)], S.SENT),
        (S.ACCEPTED, [event(D.SENT, 2), event(D.DELIVERED, 3)], S.DELIVERED),
        (S.ACCEPTED, [event(D.SENT, 2), event(D.DELIVERED, 3), event(D.READ, 4)], S.READ),
        # Backwards, and with steps left out.
        (S.ACCEPTED, [event(D.READ, 4), event(D.DELIVERED, 3), event(D.SENT, 2)], S.READ),
        (S.ACCEPTED, [event(D.READ, 4)], S.READ),
        # Before the answer was recorded, and instead of it.
        (S.SENDING, [event(D.SENT, 2)], S.SENT),
        (S.SENDING, [event(D.DELIVERED, 2)], S.DELIVERED),
        (S.UNCERTAIN, [event(D.SENT, 2)], S.SENT),
        # Released, and dropped.
        (S.HELD, [event(D.SENT, 2)], S.SENT),
        (S.HELD, [event(D.FAILED, 2, PAUSED)], S.DROPPED),
        # Failed at once, after sent, and with two devices of which one has it.
        (S.ACCEPTED, [event(D.FAILED, 2, UNREACHABLE)], S.FAILED),
        (S.SENT, [event(D.FAILED, 2, UNREACHABLE)], S.FAILED),
        (S.ACCEPTED, [event(D.FAILED, 2, UNKNOWN)], S.FAILED),
        (S.ACCEPTED, [event(D.FAILED, 2, None)], S.FAILED),
        (S.ACCEPTED, [event(D.FAILED, 2, UNREACHABLE), event(D.DELIVERED, 3)], S.DELIVERED),
        (S.ACCEPTED, [event(D.DELIVERED, 3), event(D.FAILED, 4, UNREACHABLE)], S.DELIVERED),
        (S.ACCEPTED, [event(D.DELIVERED, 3), event(D.FAILED, 4, CAPPED)], S.DELIVERED),
        # Later than anybody waited.
        (S.EXPIRED, [event(D.DELIVERED, 99)], S.DELIVERED),
        (S.EXPIRED, [event(D.FAILED, 99, CAPPED)], S.FAILED),
        (S.EXPIRED, [event(D.SENT, 99)], S.EXPIRED),
        (S.SKIPPED, [event(D.READ, 99)], S.READ),
    ],
)
def test_the_state_that_events_lead_to(state: MessageState, told: list[DeliveryEvent], end: MessageState) -> None:
    assert tell(message(state), *told).state is end


def test_each_milestone_keeps_its_earliest_instant() -> None:
    facts = tell(message(), event(D.SENT, 5), event(D.SENT, 3), event(D.SENT, 4))
    assert facts.newest.sent_at == at(3)


def test_a_capped_message_waits_and_keeps_what_is_known_of_its_attempt() -> None:
    facts = tell(message(), event(D.SENT, 2), event(D.FAILED, 3, CAPPED))
    assert (facts.state, facts.due_at, facts.retries, facts.reason) == (S.QUEUED, RETRY_AT, 1, "retry_increasing")
    attempt = facts.newest
    assert (attempt.ended_as, attempt.wamid, attempt.sent_at, attempt.failed_at) == ("failed", "wamid.1", at(2), at(3))
    assert (attempt.error_code, attempt.ended_at) == (CAPPED, NOW)


def test_the_same_failure_again_costs_no_second_try() -> None:
    once = tell(message(), event(D.FAILED, 3, CAPPED))
    assert rows(tell(copy.deepcopy(once), event(D.FAILED, 3, CAPPED))) == rows(once)


def test_a_sent_that_is_late_does_not_take_a_waiting_message_out_of_the_queue() -> None:
    facts = tell(message(), event(D.FAILED, 3, CAPPED), event(D.SENT, 2))
    assert (facts.state, facts.newest.sent_at) == (S.QUEUED, at(2))


@pytest.mark.parametrize(
    "rules",
    [Rules(policy, NOW, cancelled=True), Rules(policy, NOW, deadline_at=RETRY_AT)],
    ids=["cancelled", "past the deadline"],
)
def test_nothing_is_tried_again_when_it_could_not_be_sent_any_more(rules: Rules) -> None:
    facts = tell(message(), event(D.FAILED, 3, CAPPED), rules=rules)
    assert (facts.state, facts.retries, facts.newest.ended_as) == (S.FAILED, 0, None)


def test_a_report_of_an_attempt_thought_absent_takes_the_message_out_of_the_queue() -> None:
    facts = tell(thought_absent(), event(D.SENT, 2))
    assert (facts.state, facts.newest.ended_as, facts.newest.wamid) == (S.SENT, None, "wamid.1")


def test_an_attempt_thought_absent_that_failed_is_decided_like_any_other() -> None:
    facts = tell(thought_absent(), event(D.FAILED, 2, CAPPED))
    assert (facts.state, facts.retries, facts.newest.ended_as) == (S.QUEUED, 1, "failed")
    assert tell(thought_absent(), event(D.FAILED, 2, UNREACHABLE)).state is S.FAILED


def test_a_delivered_of_an_earlier_attempt_is_seen_in_the_message() -> None:
    facts = message(S.SENDING, number=2, wamid=None)
    facts.older = [AttemptFacts(1, AttemptEnd.ABSENT, claimed_at=NOON, ended_at=NOON)]
    tell(facts, event(D.DELIVERED, 9))
    assert (facts.state, facts.older[0].delivered_at, facts.newest.delivered_at) == (S.DELIVERED, at(9), None)
    assert at(9) in message_values(facts)


def test_while_an_earlier_attempt_is_on_its_way_the_newest_is_not_repeated() -> None:
    facts = message(S.ACCEPTED, number=2)
    facts.older = [AttemptFacts(1, AttemptEnd.ABSENT, claimed_at=NOON, ended_at=NOON)]
    tell(facts, event(D.SENT, 2))
    tell(facts, event(D.FAILED, 3, CAPPED, "wamid.2"), attempt=2)
    assert facts.state is S.SENT
    tell(facts, event(D.FAILED, 4, UNREACHABLE))
    assert (facts.state, facts.retries) == (S.QUEUED, 1)


def test_a_number_that_no_attempt_has_changes_nothing() -> None:
    facts = message()
    before = rows(copy.deepcopy(facts))
    tell(facts, event(D.READ, 3), attempt=9)
    assert rows(facts) == before


def test_the_price_is_kept_whichever_report_brings_it() -> None:
    priced = event(D.DELIVERED, 3)._replace(category="marketing", billable=True)
    for told in ([event(D.SENT, 2), priced], [priced, event(D.READ, 4)]):
        facts = tell(message(), *told)
        assert (facts.category, facts.billable) == ("marketing", True)


@pytest.mark.parametrize("state", sorted(FINAL_STATES))
def test_what_has_ended_is_never_queued_again(state: MessageState) -> None:
    facts = tell(message(state), event(D.SENT, 2), event(D.FAILED, 3, CAPPED))
    assert facts.state is not S.QUEUED
    assert facts.retries == 0


@pytest.mark.parametrize(
    ("codes", "counts", "state"),
    [
        ((FAULT, UNREACHABLE), UNREACHABLE, S.FAILED),
        ((FAULT, CAPPED), CAPPED, S.QUEUED),
        ((CAPPED, PAUSED), PAUSED, S.DROPPED),
        ((PAUSED, UNKNOWN), UNKNOWN, S.FAILED),
        ((UNKNOWN, UNREACHABLE), UNREACHABLE, S.FAILED),
        ((131050, UNREACHABLE), UNREACHABLE, S.FAILED),
    ],
)
def test_of_two_codes_of_one_attempt_the_more_final_counts_in_either_order(
    codes: tuple[int, int], counts: int, state: MessageState
) -> None:
    for order in (codes, codes[::-1]):
        facts = tell(message(), *(event(D.FAILED, 3, code) for code in order))
        assert (facts.state, facts.newest.error_code) == (state, counts)
        assert facts.retries == (state is S.QUEUED)
        assert state is not S.QUEUED or facts.due_at == RETRY_AT


def test_a_merge_tells_what_was_decided_and_what_was_disproved() -> None:
    facts = message()
    decided = merge(facts, [Report(1, event(D.FAILED, 3, UNREACHABLE))], RULES)
    assert decided.failure is not None
    assert decided.failure.code == UNREACHABLE
    assert merge(facts, [Report(1, event(D.FAILED, 3, UNREACHABLE))], RULES).failure is None
    assert merge(facts, [Report(1, event(D.READ, 4))], RULES).disproved

"""Events in any order, any number of times: the same rows at the end. And each rule of the merge by itself."""

import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.providers.base import DeliveryEvent, DeliveryStatus
from campaign.sending.error_table import ERROR_TABLE
from campaign.sending.retry import Dropped, Failure, GiveUp, NextStep, SendAgainAt
from campaign.webhooks.facts import attempt_values, message_values, superseded
from campaign.webhooks.merge import AttemptFacts, MessageFacts, Report, Rules, merge
from models.message import AttemptEnd
from models.states import MessageState
from tests.factories import NOON

S, D = MessageState, DeliveryStatus
NOW = NOON + timedelta(hours=1)
RETRY_AT = NOW + timedelta(days=1)
CAPPED, UNREACHABLE, PAUSED, UNKNOWN = 131049, 131026, 132015, 999999


def policy(failure: Failure, *, now: datetime) -> NextStep:
    """Capped waits a day, a paused template drops, the rest is given up."""
    rule = ERROR_TABLE.get(failure.code or -1)
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
    return DeliveryEvent(wamid, status, at(seconds), None, code, "words" if failed else None)


def tell(facts: MessageFacts, *events: DeliveryEvent, attempt: int = 1, rules: Rules = RULES) -> MessageFacts:
    for each in events:
        merge(facts, [Report(attempt, each)], rules)
    return facts


def rows(facts: MessageFacts) -> Any:
    """What stands in the database, without `due_at` where nothing is due any more."""
    shown = facts if facts.state is S.QUEUED else replace(facts, due_at=NOON)
    return message_values(shown), [attempt_values(facts.id, attempt) for attempt in superseded(facts)]


# The platform tells of one attempt at most one failure, doubled or not, platform.md I.3.
FACTS_OF_ONE_ATTEMPT = st.tuples(
    st.booleans(), st.booleans(), st.booleans(), st.sampled_from([None, CAPPED, UNREACHABLE, PAUSED, UNKNOWN])
)


@st.composite
def told_events(draw: st.DrawFn, number: int) -> list[Report]:
    sent, delivered, read, code = draw(FACTS_OF_ONE_ATTEMPT)
    statuses = [status for status, given in ((D.SENT, sent), (D.DELIVERED, delivered), (D.READ, read)) if given]
    events = [event(status, draw(st.integers(1, 5)), wamid=f"wamid.{number}") for status in statuses]
    if code is not None:
        events.append(event(D.FAILED, draw(st.integers(1, 5)), code, wamid=f"wamid.{number}"))
    priced = [replace(each, category="marketing", billable=draw(st.booleans())) for each in events]
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
    ordered = copy.deepcopy(facts)
    for report in sorted(reports, key=lambda r: (r.event.occurred_at, r.attempt)):
        merge(ordered, [report], RULES)

    told = data.draw(
        st.permutations(reports + data.draw(st.lists(st.sampled_from(reports)) if reports else st.just([])))
    )
    while told:
        batch = data.draw(st.integers(1, len(told)))
        merge(facts, told[:batch], RULES)
        told = told[batch:]

    assert rows(facts) == rows(ordered)

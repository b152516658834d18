"""Events to milestones and state, in any order and any number of times. Pure: knows no session, clock or network.

The state is never written by an event. Events only add facts to attempts (each milestone keeps its earliest instant),
and the state follows from the facts of all attempts through `models.states`. So the last event need not be the latest,
a doubled one changes nothing, and every order ends the same:

    delivered or read, of any attempt      the message is delivered or read, and never goes back
    sent, of the newest attempt            the message is sent
    sent, of an attempt thought not sent   the message is sent too: the newest attempt is not repeated
    failed, of the newest attempt          the policy decides: back to the queue, dropped, or failed
    failed twice, with different codes     the most final class counts, then the lowest code: final, unknown, dropped,
                                           a long wait, a short one; what another code decided is decided anew

A message that waits for another try has its newest attempt set aside as a superseded one. When a report shows that the
wait is in vain (a late delivered, an absence that was none), the attempt is taken back into the message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from campaign.providers.base import DeliveryEvent, DeliveryStatus
from campaign.sending.error_table import Action, rule_for
from campaign.sending.retry import Dropped, Failure, GiveUp, NextStep, SendAgainAt
from models.message import AttemptEnd
from models.states import MessageState, Signal, next_state


class Policy(Protocol):
    """Decides what becomes of a message whose failure was reported; see campaign.sending.retry.next_step."""

    def __call__(self, failure: Failure, *, now: datetime) -> NextStep:
        """The next step."""


@dataclass(slots=True)
class AttemptFacts:
    """What is known of one attempt. `ended_as` None: it is the live one and stands in the message's own row."""

    number: int
    ended_as: str | None = None
    wamid: str | None = None
    claimed_at: datetime | None = None
    accepted_at: datetime | None = None
    held_at: datetime | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    failed_at: datetime | None = None
    error_code: int | None = None
    error_text: str | None = None
    ended_at: datetime | None = None


@dataclass(slots=True)
class MessageFacts:
    """A message with its newest attempt, and those that it superseded, as far as a merge needs them.

    stored  the row that it was read from, for whoever writes it back
    """

    id: int
    campaign_id: int
    sender_id: int
    state: MessageState
    due_at: datetime
    retries: int
    newest: AttemptFacts
    older: list[AttemptFacts] = field(default_factory=list)
    reason: str | None = None
    category: str | None = None
    billable: bool | None = None
    pricing_model: str | None = None
    pricing_type: str | None = None
    user_id: str | None = None
    expires_at: datetime | None = None
    stored: Sequence[Any] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rules:
    """What bounds another try: the policy, whether the campaign still sends, and until when."""

    policy: Policy
    now: datetime
    cancelled: bool = False
    deadline_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One event and the number of the attempt that it is about."""

    attempt: int
    event: DeliveryEvent


class Merged(NamedTuple):
    """What a merge means beyond the message itself.

    failure    the failure that was decided on, if one was
    disproved  the message had failed and has reached the person all the same
    reached    the message has reached the person
    codes      codes of failures that were not known before, whichever counts, and when they came
    """

    failure: Failure | None = None
    disproved: bool = False
    reached: bool = False
    codes: Mapping[int, datetime] = MappingProxyType({})


def merge(message: MessageFacts, reports: Sequence[Report], rules: Rules) -> Merged:
    """Add reports to what is known of a message, and draw the conclusions. Changes `message` in place."""
    failed, codes, before = False, _new_codes(message, reports), message.state
    spent = message.state is MessageState.FAILED and message.reason in _CLASSES
    known = (message.newest.failed_at, message.newest.error_code)
    for report in reports:
        attempt = _attempt(message, report.attempt)
        if attempt is not None:
            _fold(message, attempt, report.event)
            failed = failed or report.event.status is DeliveryStatus.FAILED
    if _reached_the_person(message):
        return Merged(disproved=before is MessageState.FAILED, reached=True, codes=codes)
    taken_back = _left_the_platform(message)
    newest = message.newest
    if known[0] is not None and known[1] != newest.error_code:
        _take_decision_back(message)
    if _older_on_its_way(message) and newest.failed_at and newest.ended_as is None:
        # Had its report come first, nothing would have been decided yet.
        _take_decision_back(message)
        _move(message, Signal.SENT_SEEN)
    # An older attempt on its way holds back the decision on the newest; when that one fails too, it is due.
    if (failed or taken_back) and newest.ended_as is None and newest.failed_at and not _older_on_its_way(message):
        return Merged(failure=_decide(message, rules, spent=spent), codes=codes)
    return Merged(codes=codes)


def _new_codes(message: MessageFacts, reports: Sequence[Report]) -> dict[int, datetime]:
    """Codes of failures that an attempt was not known to have, and the earliest instant of each."""
    codes: dict[int, datetime] = {}
    for report in reports:
        code, at = report.event.error_code, report.event.occurred_at
        if report.event.status is not DeliveryStatus.FAILED or code is None:
            continue
        attempt = _attempt(message, report.attempt)
        # What has reached the person keeps no code, only that something failed.
        reached = message.state in (MessageState.DELIVERED, MessageState.READ)
        if attempt is not None and (attempt.failed_at is None or not (reached or attempt.error_code == code)):
            codes[code] = min(at, codes.get(code, at))
    return codes


def _attempt(message: MessageFacts, number: int) -> AttemptFacts | None:
    if number == message.newest.number:
        return message.newest
    return next((attempt for attempt in message.older if attempt.number == number), None)


_MILESTONES = {
    DeliveryStatus.SENT: "sent_at",
    DeliveryStatus.DELIVERED: "delivered_at",
    DeliveryStatus.READ: "read_at",
    DeliveryStatus.FAILED: "failed_at",
}


def _fold(message: MessageFacts, attempt: AttemptFacts, event: DeliveryEvent) -> None:
    """One event's facts: the earliest instant of each milestone, the error that counts, the price."""
    if event.status is DeliveryStatus.FAILED:
        _fold_error(attempt, event)
    milestone = _MILESTONES[event.status]
    known = getattr(attempt, milestone)
    if known is None or event.occurred_at < known:
        setattr(attempt, milestone, event.occurred_at)
    attempt.wamid = attempt.wamid or event.wamid
    # The platform does not contradict itself here; should it, the same word wins in every order.
    if event.category is not None and (message.category is None or event.category > message.category):
        message.category = event.category
    if event.billable is not None:
        message.billable = message.billable or event.billable
    if event.pricing_type is not None and (message.pricing_type is None or event.pricing_type > message.pricing_type):
        message.pricing_type = event.pricing_type
    if event.pricing_model is not None and (
        message.pricing_model is None or event.pricing_model > message.pricing_model
    ):
        message.pricing_model = event.pricing_model
    if event.user_id is not None and (message.user_id is None or event.user_id > message.user_id):
        message.user_id = event.user_id


def _fold_error(attempt: AttemptFacts, event: DeliveryEvent) -> None:
    new, known = (event.error_code, event.error_text), (attempt.error_code, attempt.error_text)
    if attempt.failed_at is None or _weight(*new) < _weight(*known):
        attempt.error_code, attempt.error_text = new


_CLASSES = frozenset(action.value for action in Action)
_UNKNOWN, _FINAL, _SHORT_WAIT = 1, 0, 4
_WEIGHTS = {
    Action.SUPPRESS_RECIPIENT: _FINAL,
    Action.WAIT_FOR_CONVERSATION: _FINAL,
    Action.PARAMETER_BUG: _FINAL,
    Action.PAUSE_TEMPLATE: 2,
    Action.RETRY_INCREASING: 3,
}


def _weight(code: int | None, words: str | None) -> tuple[int, int, str]:
    """The order of failures of one attempt: the least counts, whichever came first."""
    rule = rule_for(code, words or "")
    return _UNKNOWN if rule is None else _WEIGHTS.get(rule.action, _SHORT_WAIT), code or 0, words or ""


def _take_decision_back(message: MessageFacts) -> None:
    """Let the newest attempt stand as if its failure had not been decided on yet: another code of it counts now."""
    newest = message.newest
    waits = message.state is MessageState.QUEUED and newest.ended_as == AttemptEnd.FAILED
    ended = message.state in (MessageState.FAILED, MessageState.DROPPED) and newest.ended_as is None
    if waits or ended:
        message.retries -= waits
        newest.ended_as = newest.ended_at = None
        message.state, message.reason = MessageState.SENT if newest.sent_at else MessageState.ACCEPTED, None


def _reached_the_person(message: MessageFacts) -> bool:
    """Apply a delivered or read of any attempt; whether the message stands there now."""
    every = (message.newest, *message.older)
    if any(attempt.read_at for attempt in every):
        _move(message, Signal.READ_SEEN)
    elif any(attempt.delivered_at for attempt in every):
        _move(message, Signal.DELIVERED_SEEN)
    return message.state in (MessageState.DELIVERED, MessageState.READ)


def _left_the_platform(message: MessageFacts) -> bool:
    """Apply what proves that an attempt was sent; whether that took the newest attempt back into the message."""
    newest = message.newest
    set_aside = newest.ended_as is not None
    sent = _proven_sent(newest) if set_aside else newest.sent_at is not None
    if sent or any(_proven_sent(attempt) and attempt.sent_at for attempt in message.older):
        _move(message, Signal.SENT_SEEN)
    return set_aside and newest.ended_as is None


def _proven_sent(attempt: AttemptFacts) -> bool:
    """Whether a superseded attempt that we took for not sent has left after all."""
    if attempt.ended_as in (AttemptEnd.ABSENT, AttemptEnd.SENT_AGAIN):
        return attempt.sent_at is not None or attempt.failed_at is not None
    # The platform may report the failure that it also answered with; only `sent` contradicts the answer.
    return attempt.ended_as == AttemptEnd.REFUSED and attempt.sent_at is not None


def _older_on_its_way(message: MessageFacts) -> bool:
    """Whether an attempt thought not sent is still with the platform: then nothing is sent again."""
    return any(_proven_sent(attempt) and attempt.failed_at is None for attempt in message.older)


def _move(message: MessageFacts, signal: Signal) -> None:
    """Let the table of moves decide; leaving the queue takes the newest attempt back into the message."""
    target = next_state(message.state, signal)
    if target is None:
        return
    message.state, message.reason = target, None
    if message.newest.ended_as is not None:
        if message.newest.ended_as == AttemptEnd.FAILED:
            message.retries -= 1
        message.newest.ended_as = message.newest.ended_at = None


def _decide(message: MessageFacts, rules: Rules, *, spent: bool = False) -> Failure | None:
    """Act on the failure of the newest attempt, once: from a final state no signal below moves it.

    spent  it had failed though its class is tried again: it had expired, say, and is not sent again for another code
    """
    newest = message.newest
    failure = Failure(newest.error_code, newest.error_text or "", message.retries, by_webhook=True)
    if next_state(message.state, Signal.FAILED_SEEN) is None:
        return None
    step = rules.policy(failure, now=rules.now)
    if isinstance(step, SendAgainAt) and not spent and _may_send_again(message, step, rules):
        message.state, message.reason = MessageState.QUEUED, step.reason
        message.due_at, message.retries = step.due_at, message.retries + 1
        newest.ended_as, newest.ended_at = AttemptEnd.FAILED.value, rules.now
        return failure
    _move(message, Signal.DROPPED_SEEN if isinstance(step, Dropped) else Signal.FAILED_SEEN)
    message.reason = step.reason if isinstance(step, GiveUp) or step.rule is None else step.rule.action.value
    return failure


def _may_send_again(message: MessageFacts, step: SendAgainAt, rules: Rules) -> bool:
    in_time = rules.deadline_at is None or step.due_at < rules.deadline_at
    return in_time and not rules.cancelled and next_state(message.state, Signal.RETRY_LATER) is MessageState.QUEUED

"""Rows to the facts that a merge works on, and back. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from campaign.reconciliation.ttl import expires_at
from campaign.webhooks.merge import AttemptFacts, MessageFacts
from models.states import MessageState

REACHED = (MessageState.DELIVERED, MessageState.READ)


def message_facts(row: Sequence[Any], attempts: Sequence[AttemptFacts]) -> MessageFacts:
    """A message from a row of `store.lock_touched` and its superseded attempts in ascending order."""
    category, billable, model, kind, user_id, expires, due_at, retries, reason = row[6:15]
    campaign_id, sender_id, number = row[-3:]
    older = list(attempts)
    # A message that waits for another try has its newest attempt among the superseded ones.
    set_aside = bool(older) and older[-1].number == number
    newest = older.pop() if set_aside else _live(row)
    return MessageFacts(
        row[0],
        campaign_id,
        sender_id,
        MessageState(row[1]),
        due_at,
        retries,
        newest,
        older,
        reason,
        category,
        billable,
        model,
        kind,
        user_id,
        expires,
        row,
    )


def _live(row: Sequence[Any]) -> AttemptFacts:
    wamid, sent, delivered, read = row[2:6]
    claimed, accepted, held, failed, code, words = row[15:21]
    # Without a failure of its own, the error is what an earlier attempt was refused for.
    error = (code, words) if failed else (None, None)
    return AttemptFacts(row[-1], None, wamid, claimed, accepted, held, sent, delivered, read, failed, *error)


def attempt_facts(row: Sequence[Any]) -> AttemptFacts:
    """A superseded attempt from a row of `store.attempts_of`, without its leading message id."""
    return AttemptFacts(*row)


def needs_attempts(row: Sequence[Any]) -> bool:
    """Whether a message may have superseded attempts; most have none, and need not be asked."""
    state, number = row[1], row[-1]
    return bool(number > 1 or (number == 1 and state in _WAITING))


_WAITING = (MessageState.QUEUED, MessageState.SKIPPED)


def set_expiry(message: MessageFacts, category: str, ttl_s: int | None, buffer_s: float | None) -> None:
    """Give a message that the platform has taken its end, when the answer that would have was never recorded."""
    if message.newest.ended_as is not None or message.state in REACHED:
        message.expires_at = None
    elif message.expires_at is None and message.newest.claimed_at is not None:
        message.expires_at = expires_at(message.newest.claimed_at, category, ttl_s, buffer_s)


def message_values(message: MessageFacts) -> tuple[Any, ...]:
    """The columns of `store.MESSAGE_COLUMNS` as they should stand."""
    it = message.newest
    progress = (message.id, message.state.value)
    price = (message.category, message.billable, message.pricing_model, message.pricing_type)
    told = (*price, message.user_id, message.expires_at)
    plan = (message.due_at, message.retries, message.reason)
    if it.ended_as is not None:
        # Set aside, the attempt stands in a row of its own; only what the message waits for is seen here.
        return (*progress, *_NONE, *told, *plan, *_NONE, it.error_code, it.error_text)
    delivered, read = it.delivered_at, it.read_at
    if message.older:
        delivered = _earliest([delivered, *(attempt.delivered_at for attempt in message.older)])
        read = _earliest([read, *(attempt.read_at for attempt in message.older)])
    # That one device failed no longer matters once another has it.
    error = (it.error_code, it.error_text) if it.failed_at and message.state not in REACHED else (None, None)
    live = (it.claimed_at, it.accepted_at, it.held_at, it.failed_at)
    return (*progress, it.wamid, it.sent_at, delivered, read, *told, *plan, *live, *error)


_NONE = (None,) * 4


def _earliest(instants: Sequence[datetime | None]) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)


def attempt_values(message_id: int, attempt: AttemptFacts) -> tuple[Any, ...]:
    """The columns of `store.ATTEMPT_COLUMNS` of a superseded attempt."""
    return (
        message_id,
        attempt.number,
        attempt.ended_as,
        attempt.wamid,
        attempt.claimed_at,
        attempt.accepted_at,
        attempt.held_at,
        attempt.sent_at,
        attempt.delivered_at,
        attempt.read_at,
        attempt.failed_at,
        attempt.error_code,
        attempt.error_text,
        attempt.ended_at,
    )


def superseded(message: MessageFacts) -> list[AttemptFacts]:
    """The attempts that have a row of their own."""
    return message.older if message.newest.ended_as is None else [*message.older, message.newest]

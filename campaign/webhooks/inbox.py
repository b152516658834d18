"""The inbox of webhooks: handed out in order of arrival, one applier at a time, one bad webhook costs one webhook."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from campaign.fault_points import FaultPoint, reached
from campaign.providers.base import UnreadableWebhook
from campaign.webhooks import store
from campaign.webhooks.batch import Applied, InboxRules, Said, apply_batch
from campaign.webhooks.store import Processed, StoredWebhook
from models.session import Sessions, session_scope

log = structlog.get_logger(__name__)


def apply_webhooks(sessions: Sessions, rules: InboxRules, *, clock: Callable[[], datetime]) -> Applied:
    """Work the inbox off until it is empty, the time budget is used up, or another applier has it. Safe to run twice.

    A webhook that cannot be read or merged is kept with its error, and blocks nothing.

    raises  OperationalError when the database is away; what was applied before stays applied
    """
    total = Applied()
    end = time.monotonic() + rules.budget_s
    heard = False
    while True:
        with without_collector(), session_scope(sessions) as session:
            webhooks = _take(session, rules)
            personal = [] if heard else [each for each in webhooks if _is_personal(each)]
            # What people want is on record before the merge: that may wait for a lock, an opt-out may not.
            if heard := bool(personal):
                _listen_first(session, personal, rules, clock())
                continue
            if webhooks:
                total.add(apply_each(session, webhooks, rules, clock()))
                reached(FaultPoint.BEFORE_APPLY_COMMIT)
        if webhooks:
            reached(FaultPoint.AFTER_APPLY_COMMIT)
        if not webhooks or time.monotonic() > end:
            break
    if total.webhooks:
        log.info(
            "webhooks applied",
            webhooks=total.webhooks,
            events=total.events,
            unmatched=total.unmatched,
            problems=total.problems,
            others=dict(total.others),
        )
    return total


_PERSONAL = (b'"messages":', b'"user_preferences":')
"""In bodies of every dialect, what begins the words of people; as the name of a field it is followed by no colon."""


def _is_personal(webhook: StoredWebhook) -> bool:
    return any(mark in webhook.body for mark in _PERSONAL)


def _listen_first(session: Session, webhooks: Sequence[StoredWebhook], rules: InboxRules, now: datetime) -> None:
    said = []
    for webhook in webhooks:
        # Whatever cannot be read is told of when its turn comes.
        with suppress(UnreadableWebhook):
            said.append(Said(webhook.sender_id, rules.read(webhook.provider, webhook.body)))
    try:
        with session.begin_nested():
            rules.listen_first(session, said, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - a worker's edge: the batch is applied bit by bit, and finds the culprit
        log.warning("what people want waits for its batch", error=type(error).__name__)


@contextmanager
def without_collector() -> Iterator[None]:
    """Pause the search for reference cycles: a batch makes many objects and no cycles, and the search took 40 %."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _take(session: Session, rules: InboxRules) -> Sequence[StoredWebhook]:
    if not store.lock_inbox(session):
        return ()
    return store.unprocessed(session, limit=rules.batch, most_bytes=rules.batch_bytes)


def apply_each(session: Session, webhooks: Sequence[StoredWebhook], rules: InboxRules, now: datetime) -> Applied:
    """Apply a batch; when that fails, its halves, down to the one webhook that cannot be applied."""
    try:
        with session.begin_nested():
            return apply_batch(session, webhooks, rules, now)
    except (OperationalError, InterfaceError):
        # The database is away or another transaction is in the way: no webhook's fault, so none is set aside.
        raise
    except Exception as error:  # noqa: BLE001 - a worker's edge: whatever one webhook breaks must not stop the others
        if len(webhooks) == 1:
            return _park(session, webhooks[0], error, now)
    half = len(webhooks) // 2
    applied = apply_each(session, webhooks[:half], rules, now)
    applied.add(apply_each(session, webhooks[half:], rules, now))
    return applied


def _park(session: Session, webhook: StoredWebhook, error: Exception, now: datetime) -> Applied:
    words = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}".replace("\x00", "")[:500]
    log.error("webhook set aside", webhook_id=webhook.id, sender_id=webhook.sender_id, error=words)
    store.mark_processed(session, [Processed(webhook.id, webhook.received_at, 0, 0, words, hides=True)], now)
    return Applied(webhooks=1, problems=1)

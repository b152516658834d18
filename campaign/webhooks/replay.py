"""Webhooks applied once more: a range of arrivals, or single ones that could not be read before.

Applying a webhook again changes nothing that it changed before: milestones only get earlier and states only go forward.
So a range can be replayed whenever there is doubt, after a restore or a mended reader. What is told of templates and
senders is left out of a range, since the platform itself tells how they stand now.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from campaign.errors import NotFound
from campaign.webhooks import inbox_store as store
from campaign.webhooks.batch import Applied, InboxRules, Listener, Said
from campaign.webhooks.inbox import apply_each, without_collector
from campaign.webhooks.inbox_store import Range
from campaign.webhooks.store import StoredWebhook
from models.session import Sessions, session_scope

log = structlog.get_logger(__name__)

Progress = Callable[[Applied], None]
"""Told of the whole so far after each batch."""


def replay(
    sessions: Sessions,
    span: Range,
    rules: InboxRules,
    *,
    clock: Callable[[], datetime],
    dry_run: bool = False,
    progress: Progress = lambda total: None,
) -> Applied:
    """Apply the webhooks of a range that were applied before, once more; what that came to. Safe to run twice.

    dry_run  change nothing, only say what would be; a batch at a time, so a message of two batches counts once
    locks    the applier's place, for a batch at a time
    """
    total, after = Applied(), (span.since, 0)
    rules = again(rules)
    while True:
        with without_collector(), _passing(sessions, dry_run=dry_run) as session:
            store.wait_for_inbox(session)
            webhooks, place = store.next_of(session, span, after, limit=rules.batch, most_bytes=rules.batch_bytes)
            if place is None:
                break
            total.add(apply_each(session, webhooks, rules, clock()))
        after = place
        progress(total)
    log.info("webhooks replayed", webhooks=total.webhooks, changed=len(total.changed), dry_run=dry_run)
    return total


def retry(sessions: Sessions, event_ids: Sequence[int], rules: InboxRules, *, clock: Callable[[], datetime]) -> Applied:
    """Apply single webhooks once more, everything in them included, whatever became of them before.

    raises  NotFound, and then nothing is applied
    """
    with session_scope(sessions) as session:
        store.wait_for_inbox(session)
        webhooks = [_one(session, event_id) for event_id in event_ids]
        for event_id in event_ids:
            store.open_again(session, event_id)
        return apply_each(session, webhooks, rules, clock())


def again(rules: InboxRules) -> InboxRules:
    """The rules for webhooks that were applied before."""
    return replace(rules, listen=_only_of_people(rules.listen), count_kinds=False)


def _only_of_people(listen: Listener) -> Listener:
    def heard(session: Session, said: Sequence[Said], now: datetime) -> None:
        of_people = [
            each._replace(content=replace(each.content, template_events=(), sender_events=())) for each in said
        ]
        if telling := [each for each in of_people if each.content.tells_more]:
            listen(session, telling, now)

    return heard


@contextmanager
def _passing(sessions: Sessions, *, dry_run: bool) -> Iterator[Session]:
    """A transaction that is committed, or taken back when it was only to see."""
    with sessions() as session, session.begin() as transaction:
        yield session
        if dry_run:
            transaction.rollback()


def _one(session: Session, event_id: int) -> StoredWebhook:
    found = store.one_event(session, event_id)
    if found is None:
        raise NotFound(f"there is no webhook {event_id}; campaign webhooks problems lists those with a problem")
    return StoredWebhook(found.id, found.sender_id, found.provider, found.received_at, found.body, found.asked)

"""The sweeps: each finds what time alone has changed. All are safe to run twice, and at once in several processes."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from campaign.reconciliation import store
from campaign.reconciliation.absence import Patience, Stream, absent
from campaign.settings import Settings
from models.session import Sessions, session_scope
from models.states import CampaignState

log = structlog.get_logger(__name__)

BATCH = 5000


def sweep(sessions: Sessions, settings: Settings, *, clock: Callable[[], datetime]) -> int:
    """Every sweep once, in the order in which one's work is the next one's. Returns what was moved."""
    moved = sweep_leases(sessions, now=clock())
    moved += sweep_uncertain(sessions, settings, now=clock())
    moved += sweep_deadlines(sessions, now=clock())
    moved += sweep_expired(sessions, now=clock())
    return moved + sweep_campaigns(sessions, now=clock())


def sweep_leases(sessions: Sessions, *, now: datetime) -> int:
    """Messages whose lease ran out become uncertain: whoever claimed them has vanished. Returns how many."""
    return _in_batches(sessions, "leases", lambda session: store.end_leases(session, now, BATCH))


def sweep_uncertain(sessions: Sessions, settings: Settings, *, now: datetime) -> int:
    """Uncertain messages whose request provably never arrived are queued again. Returns how many.

    The proof and its guards: campaign.reconciliation.absence.
    """
    departure = timedelta(seconds=settings.departure_window_s + settings.answer_timeout_s)
    patience = Patience(departure, timedelta(seconds=settings.uncertain_grace_s))
    with session_scope(sessions) as session:
        if not store.lock_sweep(session, "uncertain"):
            return 0
        return _requeue_absent(session, patience, now)


def _requeue_absent(session: Session, patience: Patience, now: datetime) -> int:
    drained = store.drained_until(session, now)
    waiting = store.unanswered(session, drained - patience.departure - patience.grace, BATCH)
    moved = 0
    for sender_id, unanswered in waiting.items():
        stream = Stream(store.stream(session, sender_id, unanswered[0].claimed_at))
        proven = absent(unanswered, stream, patience, drained)
        moved += store.requeue_absent(session, proven, now) if proven else 0
        log.info("uncertain messages", sender_id=sender_id, waiting=len(unanswered), absent=len(proven))
    return moved


def sweep_expired(sessions: Sessions, *, now: datetime) -> int:
    """Messages without a delivery in their time to live count as dropped by the platform. Returns how many.

    A webhook that waits in the inbox may tell better, so only what ended before the oldest of them is touched.

    source  platform.md H
    """

    def expire(session: Session) -> int:
        return store.expire(session, store.drained_until(session, now), now, BATCH)

    return _in_batches(sessions, "expired", expire)


def sweep_deadlines(sessions: Sessions, *, now: datetime) -> int:
    """Messages that were not sent by their campaign's deadline are skipped. Returns how many."""
    return _in_batches(sessions, "deadlines", lambda session: store.skip_past_deadline(session, now, BATCH))


C = CampaignState

MOVES = ((C.SETTLING, C.RUNNING), (C.RUNNING, C.SETTLING), (C.PAUSED, C.SETTLING), (C.SETTLING, C.COMPLETED))
"""In this order, so that a campaign with nothing left to do ends in one run."""


def sweep_campaigns(sessions: Sessions, *, now: datetime) -> int:
    """Campaigns follow their messages: nothing left to send, something to send again, nothing open. Returns moves."""
    with session_scope(sessions) as session:
        if not store.lock_sweep(session, "campaigns"):
            return 0
        moved = 0
        for source, target in MOVES:
            ids = store.move_campaigns(session, source, target, now)
            moved += len(ids)
            for campaign_id in ids:
                log.info("campaign moved", campaign_id=campaign_id, source=source.value, target=target.value)
        return moved


def _in_batches(sessions: Sessions, name: str, step: Callable[[Session], int]) -> int:
    """Repeat a step, a transaction each, until it moves less than a batch."""
    total, moved = 0, BATCH
    while moved >= BATCH:
        with session_scope(sessions) as session:
            moved = step(session) if store.lock_sweep(session, name) else 0
        total += moved
    if total:
        log.info("swept", sweep=name, messages=total)
    return total

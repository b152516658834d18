"""The sweeps: each finds what time alone has changed. All are safe to run twice, and at once in several processes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy.orm import Session

from campaign.reconciliation import store
from campaign.reconciliation.absence import Evidence, Patience, Stream, Unanswered, absent
from campaign.reconciliation.hearing import Hearing, longest_silence
from campaign.reconciliation.store import Claimed
from campaign.settings import Settings
from models.session import Sessions, session_scope
from models.states import CampaignState, Signal

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
    patience = patience_of(settings)
    with session_scope(sessions) as session:
        if not store.lock_sweep(session, "uncertain"):
            return 0
        return _requeue_absent(session, patience, now) + _resend_unprovable(session, patience, now)


def patience_of(settings: Settings) -> Patience:
    """How long the settings let a request leave and be reported."""
    return Patience(
        departure=timedelta(seconds=settings.departure_window_s + settings.answer_timeout_s),
        grace=timedelta(seconds=settings.uncertain_grace_s),
        retries=timedelta(seconds=settings.webhook_retry_s),
    )


LATELY = timedelta(minutes=10)
"""How long a message in doubt is compared with later traffic in every sweep; then in steps that grow with its age."""

LOOKS = 20
"""A message long in doubt is looked at again after this part of its age: later traffic grows with it, and the cost."""

EVER = datetime.min.replace(tzinfo=UTC)


def _requeue_absent(session: Session, patience: Patience, now: datetime) -> int:
    drained = store.drained_until(session, now)
    ripe = drained - patience.departure - patience.grace

    look = _Look(session, patience, drained, now)
    moved = look(store.unanswered(session, Claimed(ripe - LATELY, ripe), BATCH))
    due = [
        doubt.sender_id
        for doubt in store.old_doubts(session, ripe - LATELY)
        if doubt.looked_at is None or now - doubt.looked_at >= (now - doubt.claimed_at) / LOOKS
    ]
    if due:
        moved += look(store.unanswered(session, Claimed(EVER, ripe - LATELY), BATCH, due))
        store.note_look(session, due, now)
    return moved


class _Look(NamedTuple):
    """One comparison of messages in doubt with later traffic, as of one instant."""

    session: Session
    patience: Patience
    drained: datetime
    now: datetime

    def __call__(self, waiting: Mapping[int, Sequence[Unanswered]]) -> int:
        """Queue again those whose absence is proven; how many."""
        moved = 0
        for sender_id, unanswered in waiting.items():
            found = evidence(self.session, sender_id, unanswered, self.patience, self.drained)
            proven = absent(unanswered, found, self.patience)
            moved += store.requeue(self.session, proven, Signal.ABSENCE_PROVEN, self.now) if proven else 0
            log.info("uncertain messages", sender_id=sender_id, waiting=len(unanswered), absent=len(proven))
        return moved


def evidence(
    session: Session, sender_id: int, unanswered: Sequence[Unanswered], patience: Patience, drained: datetime
) -> Evidence:
    """What is known that tells of some messages of a sender, the oldest of them first."""
    since = unanswered[0].claimed_at
    seconds = store.stream(session, sender_id, since)
    due = [second.start for second in seconds]
    silence = longest_silence(patience.grace)
    hearing = Hearing(*store.heard(session, sender_id, since - silence), due, silence)
    held_until = store.held_until(session, (each.template_id for each in unanswered))
    return Evidence(Stream(seconds), hearing, held_until, drained)


def _resend_unprovable(session: Session, patience: Patience, now: datetime) -> int:
    """Where nothing can be proven and the owner chose to resend all the same: after the grace time, nothing sooner."""
    drained = store.drained_until(session, now)
    waiting = store.unprovable(session, drained - patience.departure - patience.grace, BATCH)
    if waiting:
        log.warning("uncertain messages are sent again without proof, as their owner chose", messages=len(waiting))
    return store.requeue(session, waiting, Signal.SEND_AGAIN, now) if waiting else 0


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


def sweep_holds(sessions: Sessions, settings: Settings, *, now: datetime) -> int:
    """Name the campaigns whose messages are held past the guard time. Returns how many; moves nothing.

    They end by the platform's late verdict or, at the latest, by their time to live.

    source  platform.md B.4
    """
    with session_scope(sessions) as session:
        stuck = store.stuck_holds(session, now - timedelta(seconds=settings.hold_guard_s))
    for each in stuck:
        log.warning("messages are held past the guard time", campaign=each.name, held_since=str(each.held_at))
    return len(stuck)


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

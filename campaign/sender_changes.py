"""What webhooks tell of numbers and accounts: kept on the senders, and acted on at once.

A restriction counts until its end, or for a day where it names none; then the sender is let go by itself, and what it
sends shows whether it may.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy.orm import Session

from campaign import store
from campaign.lifecycle import follow_templates
from campaign.providers.base import SenderEvent
from campaign.sender_health import follow_state, tier_after
from models.sender import Sender, SenderState
from models.session import Sessions, session_scope

log = structlog.get_logger(__name__)

DAY = timedelta(hours=24)
"""How long a restriction counts that names no end. Source: platform.md G.5."""

SECOND = timedelta(seconds=1)
"""The platform's times come in whole seconds."""


class ToldSender(NamedTuple):
    """One change as it was told of: the account that it belongs to, and the platform's event."""

    account: str
    event: SenderEvent


@dataclass(frozen=True, slots=True)
class SenderChanges:
    """What events came to: the senders that changed state, and those to be looked at again; by id."""

    moved: frozenset[int]
    look_again: frozenset[int]


def apply_sender_events(session: Session, told: Sequence[ToldSender], now: datetime) -> SenderChanges:
    """Keep what the platform told of senders; campaigns pause and resume with them. Safe to run twice, in any order.

    writes  state, restricted_until, quality and tier of senders; their campaigns
    locks   the senders of the accounts and of their portfolios until the caller commits
    source  platform.md D.4
    """
    senders = store.lock_senders(session, sorted({each.account for each in told}))
    before = {sender.id: SenderState(sender.state) for sender in senders}
    look_again: set[int] = set()
    # In the order in which it happened; what bears no time counts as of now.
    for each in sorted(told, key=lambda each: each.event.occurred_at or now):
        concerned = [sender for sender in senders if sender.account == each.account]
        look_again |= {sender.id for sender in concerned}
        _keep(each.event, concerned, senders, now)
    moved = [sender for sender in senders if sender.state != before[sender.id]]
    session.flush()
    for sender in moved:
        _follow(session, sender, before[sender.id])
    return SenderChanges(frozenset(sender.id for sender in moved), frozenset(look_again))


def sweep_restrictions(sessions: Sessions, *, now: datetime) -> int:
    """Let senders go whose restriction has ended, and their campaigns with them. Returns how many senders."""
    with session_scope(sessions) as session:
        released = store.lock_released(session, now)
        for sender in released:
            sender.state, sender.restricted_until = SenderState.CONNECTED.value, None
            session.flush()
            _follow(session, sender, SenderState.RESTRICTED)
        if released:
            # Those that wait for their template as well: it may be back meanwhile.
            follow_templates(session)
        return len(released)


def _keep(event: SenderEvent, concerned: Sequence[Sender], known: Sequence[Sender], now: datetime) -> None:
    portfolios = {sender.portfolio for sender in concerned}
    if event.messaging_limit is not None:
        for sender in known:
            if sender.portfolio in portfolios and not _late(event, sender):
                sender.tier = tier_after(sender, event.messaging_limit)
                sender.messaging_limit = event.messaging_limit
    # Which of several numbers is meant the event tells only by its phone, which we do not keep: a look will show.
    if event.phone is None or len(concerned) == 1:
        for sender in concerned:
            _keep_state(event, sender, now)


def _keep_state(event: SenderEvent, sender: Sender, now: datetime) -> None:
    late = _late(event, sender)
    if event.quality is not None and not late:
        sender.quality = event.quality
    state = state_after_event(SenderState(sender.state), event, now)
    # A restriction that still lasts is no old news, whatever was read since.
    if late and state is not SenderState.RESTRICTED:
        return
    sender.state = state.value
    if event.state == SenderState.RESTRICTED and state is SenderState.RESTRICTED:
        sender.restricted_until = event.until or (event.occurred_at or now) + DAY
    elif state is not SenderState.RESTRICTED:
        sender.restricted_until = None


def state_after_event(state: SenderState, event: SenderEvent, now: datetime) -> SenderState:
    """The state after an event. Flags come and go between connected and flagged; only an account lifts more. Pure."""
    match event.state:
        case SenderState.DISABLED:
            return SenderState.DISABLED
        case SenderState.RESTRICTED if state is not SenderState.DISABLED:
            ended = (event.until or (event.occurred_at or now) + DAY) <= now
            return state if ended else SenderState.RESTRICTED
        case SenderState.FLAGGED if state is SenderState.CONNECTED:
            return SenderState.FLAGGED
        case SenderState.CONNECTED if state is SenderState.FLAGGED or event.phone is None:
            return SenderState.CONNECTED
    return state


def _late(event: SenderEvent, sender: Sender) -> bool:
    """Whether the number itself was read after the event."""
    if event.occurred_at is None or sender.refreshed_at is None or sender.status is None:
        return False
    return event.occurred_at < sender.refreshed_at - SECOND


def _follow(session: Session, sender: Sender, before: SenderState) -> None:
    after = SenderState(sender.state)
    log.warning("sender changed state", sender=sender.name, before=before, after=after)
    follow_state(session, sender, before, after)

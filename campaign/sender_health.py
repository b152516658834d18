"""What the platform lets a number do: read, kept on the sender, and acted on.

A number that may not send any more pauses its campaigns; one that may again resumes those that were paused for it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from campaign.lifecycle import pause_by_engine, resume_by_engine
from campaign.providers.base import NumberInfo, Provider
from campaign.sending.store import MAY_SEND, running_ids
from models.sender import Sender, SenderState
from models.session import Sessions, session_scope
from models.states import PauseReason

log = structlog.get_logger()

STATES: Mapping[str, SenderState] = {
    "CONNECTED": SenderState.CONNECTED,
    "FLAGGED": SenderState.FLAGGED,
    "RESTRICTED": SenderState.RESTRICTED,
    "RATE_LIMITED": SenderState.RESTRICTED,
    "DISCONNECTED": SenderState.DISABLED,
    "UNVERIFIED": SenderState.DISABLED,
    "PENDING": SenderState.DISABLED,
    "BANNED": SenderState.DISABLED,
}
"""The platform's words for a number. It is an open list: an unknown word does not send. Source: platform.md A.2."""

BLOCKED = "BLOCKED"
_TIER = re.compile(r"TIER_(\d+)(K?)")
UNLIMITED_TIER = "TIER_UNLIMITED"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh came to: the number as the platform tells it, and the sender's state before and after."""

    info: NumberInfo
    before: SenderState
    after: SenderState

    @property
    def told_nothing(self) -> bool:
        """Whether the provider knows no such question."""
        return self.info == NumberInfo()


async def refresh_sender(sessions: Sessions, sender: Sender, provider: Provider, *, now: datetime) -> Refreshed:
    """Read a sender's number from the platform, keep what it tells, and act on it.

    writes  the sender; its running campaigns when it may not send any more, its paused ones when it may again
    raises  PlatformError when the platform refuses or does not answer; then nothing is changed
    """
    return keep_refreshed(sessions, sender, await provider.read_number(), now)


def keep_refreshed(sessions: Sessions, sender: Sender, info: NumberInfo, now: datetime) -> Refreshed:
    """Keep what the platform told of a number, and act on it; the second half of `refresh_sender`."""
    with session_scope(sessions) as session:
        kept = session.get_one(Sender, sender.id, with_for_update=True)
        before = SenderState(kept.state)
        keep_number(kept, info, now)
        after = SenderState(kept.state)
        follow_state(session, kept, before, after)
    if before is not after:
        log.warning("sender changed state", sender=sender.name, before=before, after=after, status=info.status)
    return Refreshed(info, before, after)


def keep_number(sender: Sender, info: NumberInfo, now: datetime) -> None:
    """Write what the platform tells onto the sender; what it does not tell stays as it was."""
    sender.tier = tier_after(sender, info.messaging_limit)
    sender.state = state_after(sender, info, now).value
    if sender.state in MAY_SEND:
        sender.restricted_until = None
    for name in ("status", "quality", "throughput", "messaging_limit", "health"):
        setattr(sender, name, getattr(info, name) or getattr(sender, name))
    if info.health is not None:
        sender.health_reason = info.health_reason
    sender.refreshed_at = now


def state_after(sender: Sender, info: NumberInfo, now: datetime) -> SenderState:
    """The state that the platform's words mean. A restriction with an end that has not come is not lifted by them.

    source  platform.md A.2, D.4
    """
    told = STATES.get(info.status, SenderState.RESTRICTED) if info.status is not None else None
    if info.health == BLOCKED and told in {None, *MAY_SEND}:
        told = SenderState.RESTRICTED
    if told is None and info.health is not None and sender.state not in MAY_SEND:
        told = SenderState.CONNECTED
    if told is None:
        return SenderState(sender.state)
    waits = sender.restricted_until is not None and sender.restricted_until > now
    return SenderState(sender.state) if waits and told in MAY_SEND else told


def tier_people(word: str) -> int | None:
    """Unique people in 24 h that a word such as `TIER_2K` stands for; None: no limit.

    raises  ValueError for a word that is no tier
    """
    if word == UNLIMITED_TIER:
        return None
    found = _TIER.fullmatch(word)
    if found is None:
        raise ValueError(f"{word!r} is no tier")
    return int(found[1]) * (1000 if found[2] else 1)


def tier_after(sender: Sender, word: str | None) -> int | None:
    """The platform's tier, unless a person gave a lower one: that one stands until they change it."""
    try:
        told = tier_people(word) if word is not None else sender.tier
        followed = sender.messaging_limit is not None and tier_people(sender.messaging_limit) == sender.tier
    except ValueError:
        return sender.tier
    if followed or sender.tier is None or told is None:
        return told if followed or sender.tier is None else sender.tier
    return min(told, sender.tier)


def follow_state(session: Session, sender: Sender, before: SenderState, after: SenderState) -> None:
    """Pause a sender's campaigns when it may not send any more, and resume those paused for it when it may again."""
    if before in MAY_SEND and after not in MAY_SEND:
        words = f"Sender {sender.name} is {after}{_why(sender)}. {_ENDS}"
        pause_by_engine(session, running_ids(session, sender.id), PauseReason.SENDER_RESTRICTED, words)
    elif after in MAY_SEND and before not in MAY_SEND:
        resume_by_engine(session, sender.id, PauseReason.SENDER_RESTRICTED)


def _why(sender: Sender) -> str:
    if sender.restricted_until is not None:
        return f" until {sender.restricted_until:%Y-%m-%d %H:%M} UTC"
    told = sender.health_reason or (sender.status if sender.status not in {None, "CONNECTED"} else None)
    return f": {told}" if told else ""


_ENDS = "Goes on by itself when the platform has cleared it."

"""The messaging limit: unique people per portfolio in a moving 24 hours, shared by all its numbers; warm-ups below it.

Counted exactly in Postgres, within the claim's own transaction and one portfolio at a time, so that no claim goes past
it. Source: platform.md E.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.lifecycle import pause_by_engine, resume_by_engine
from campaign.planning.ceiling import WARM_UP, Ceiling, tightest
from campaign.planning.store import begin_warm_up
from campaign.planning.warm_up import WarmUp
from campaign.sending import store
from models import Sender
from models.states import PauseReason

# Resumed with this share of the limit free, so that a campaign does not start and stop for every single person.
WORTH_RESUMING = 0.01


def ceiling_of(sender: Sender, reserve: float, now: datetime) -> Ceiling | None:
    """The tighter of a sender's messaging limit and its warm-up; None where there is neither."""
    return tightest(sender.tier, reserve, WarmUp.kept(sender.warm_up, sender.warm_up_began_at), now)


def room_in_tier(session: Session, sender: Sender, reserve: float, now: datetime) -> int | None:
    """How many more people may be written to now; None where there is no limit.

    reserve  share of the limit that is kept for other traffic, 0..1
    locks    the portfolio, until the caller commits
    """
    ceiling = ceiling_of(sender, reserve, now)
    if ceiling is None:
        return None
    store.lock_portfolio(session, sender.portfolio)
    return max(0, ceiling.people - store.recipients_counted(session, sender.portfolio, now))


def count_claimed(session: Session, sender: Sender, identities: Sequence[str], now: datetime) -> None:
    """Count the people just claimed, in the transaction that asked for the room."""
    if not identities:
        return
    if sender.tier is not None or sender.warm_up is not None:
        store.count_recipients(session, sender.portfolio, identities, now)
    if sender.warm_up is not None and sender.warm_up_began_at is None:
        begin_warm_up(session, sender.id, now)


def pause_exhausted(session: Session, sender: Sender, reserve: float, now: datetime) -> None:
    """Pause the sender's campaigns until people drop out of the moving 24 hours, or a warm-up's cap rises."""
    # Read anew: a lane may have begun before the first message of a warm-up, and the words tell when its cap rises.
    kept = session.get_one(Sender, sender.id)
    if (ceiling := ceiling_of(kept, reserve, now)) is not None:
        ids = store.running_ids(session, kept.id)
        pause_by_engine(session, ids, PauseReason.TIER_EXHAUSTED, _words(kept, ceiling, now))


def resume_freed(session: Session, reserve: float, now: datetime) -> list[int]:
    """Resume campaigns whose limit has room again, or was lifted; their ids."""
    resumed: list[int] = []
    for sender in store.senders_out_of_tier(session):
        ceiling, room = ceiling_of(sender, reserve, now), room_in_tier(session, sender, reserve, now)
        if ceiling is None or room is None or room >= max(1, WORTH_RESUMING * ceiling.people):
            resumed += resume_by_engine(session, sender.id, PauseReason.TIER_EXHAUSTED)
    return resumed


def _words(sender: Sender, ceiling: Ceiling, now: datetime) -> str:
    ends = "goes on by itself when people who were written to a day ago no longer count"
    if ceiling.limited_by != WARM_UP:
        return f"The messaging limit of {sender.tier:,} people in 24 hours is used up; {ends}."
    warm_up = WarmUp.kept(sender.warm_up, sender.warm_up_began_at)
    rises_at = warm_up.rises_at(now) if warm_up else None
    rises = f", or when the cap rises at {rises_at:%Y-%m-%d %H:%M} UTC" if rises_at else ""
    return f"The warm-up of sender {sender.name}, {ceiling.people:,} people in 24 hours, is used up; {ends}{rises}."

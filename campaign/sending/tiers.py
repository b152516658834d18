"""The messaging limit: unique people per portfolio in a moving 24 hours, shared by all its numbers.

Counted exactly in Postgres, within the claim's own transaction and one portfolio at a time, so that no claim goes past
it. Source: platform.md E.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.lifecycle import pause_by_engine, resume_by_engine
from campaign.sending import store
from models import Sender
from models.states import PauseReason

# Resumed with this share of the limit free, so that a campaign does not start and stop for every single person.
WORTH_RESUMING = 0.01


def room_in_tier(session: Session, sender: Sender, reserve: float, now: datetime) -> int | None:
    """How many more people may be written to now; None where there is no limit.

    reserve  share of the limit that is kept for other traffic, 0..1
    locks    the portfolio, until the caller commits
    """
    if sender.tier is None:
        return None
    store.lock_portfolio(session, sender.portfolio)
    return max(0, int(sender.tier * (1 - reserve)) - store.recipients_counted(session, sender.portfolio, now))


def count_claimed(session: Session, sender: Sender, identities: Sequence[str], now: datetime) -> None:
    """Count the people just claimed, in the transaction that asked for the room."""
    if sender.tier is not None and identities:
        store.count_recipients(session, sender.portfolio, identities, now)


def pause_exhausted(session: Session, sender: Sender) -> None:
    """Pause the sender's campaigns until people drop out of the moving 24 hours."""
    words = (
        f"The messaging limit of {sender.tier:,} people in 24 hours is used up; goes on by itself when people who were "
        "written to a day ago no longer count."
    )
    pause_by_engine(session, store.running_ids(session, sender.id), PauseReason.TIER_EXHAUSTED, words)


def resume_freed(session: Session, reserve: float, now: datetime) -> list[int]:
    """Resume campaigns whose limit has room again, or was lifted; their ids."""
    resumed: list[int] = []
    for sender in store.senders_out_of_tier(session):
        room = room_in_tier(session, sender, reserve, now)
        if room is None or room >= max(1, WORTH_RESUMING * (sender.tier or 0)):
            resumed += resume_by_engine(session, sender.id, PauseReason.TIER_EXHAUSTED)
    return resumed

"""The hold watch: when the platform holds messages for quality, stop feeding the hold and await the verdict.

Good verdict: the held messages are released and the campaign goes on. Bad: they are dropped, and a person must mend the
template. No verdict within the guard time: the campaign goes on. Source: platform.md B.4.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign.lifecycle import pause_by_engine
from campaign.sending import store
from models.states import PauseReason

HELD_WORDS = (
    "WhatsApp holds messages of this campaign until it has judged the template; goes on by itself when it lets them "
    "go, or after the guard time."
)
DROPPED_WORDS = (
    "WhatsApp dropped the messages it had held: the template was judged badly. Mend it, then resume the campaign."
)


def watch_holds(session: Session, campaign_ids: Iterable[int], hold_after: int) -> list[int]:
    """Pause those of the campaigns whose policy is to pause and that have `hold_after` messages held; their ids."""
    stopped = store.campaigns_with_holds(session, sorted(set(campaign_ids)), hold_after)
    return pause_by_engine(session, stopped, PauseReason.HELD_FOR_QUALITY, HELD_WORDS) if stopped else []


def follow_verdicts(session: Session, guard: timedelta, now: datetime) -> None:
    """Move campaigns that wait for a verdict: on when nothing is held any more or the guard time is over.

    Those whose held messages were dropped stay paused, now for their template.
    """
    store.stop_dropped(session, PauseReason.TEMPLATE_PAUSED, DROPPED_WORDS)
    store.resume_released(session, now - guard)

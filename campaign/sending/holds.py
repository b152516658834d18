"""The hold watch: when the platform holds messages for quality, stop feeding the hold and await the verdict.

Good verdict: the held messages are released and the campaign goes on. Bad: they are dropped, and a person must mend the
template. No verdict within the guard time: the campaign goes on. Source: platform.md B.4.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign.lifecycle import pause_by_engine
from campaign.sending.pauses import store
from campaign.sending.pauses.endings import with_ending
from models.states import PauseReason

HELD_WORDS = with_ending(
    PauseReason.HELD_FOR_QUALITY, "WhatsApp holds messages of this campaign until it has judged the template."
)
DROPPED_WORDS = (
    "WhatsApp dropped the messages it had held: the template was judged badly. What was not sent goes on by itself "
    "when the template is read as APPROVED; campaign move sends dropped and unsent messages with another template."
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

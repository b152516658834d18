"""A canary on its way: its claims counted exactly, its wait, and what follows from the outcomes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from campaign import store as campaigns
from campaign.sending.canary import store
from campaign.sending.canary.store import DueCanary
from campaign.sending.canary.terms import CanaryTerms, judge, tells_enough
from campaign.sending.pauses.endings import with_ending
from models.states import PauseReason

log = structlog.get_logger(__name__)

WAIT_WORDS = with_ending(
    PauseReason.CANARY, "The first people have been written to; now it waits for what becomes of it."
)


def bounded_shares(session: Session, shares: Mapping[int, int], canaries: Iterable[int]) -> dict[int, int]:
    """What each campaign may give, no more than its canary has room for; those without room are left out.

    canaries  ids of campaigns that may have one
    locks     those that do, until the caller commits: two lanes never take more than the canary between them
    """
    room = store.lock_room(session, sorted(set(canaries) & shares.keys()))
    bounded = {id_: min(share, room.get(id_, share)) for id_, share in shares.items()}
    return {id_: share for id_, share in bounded.items() if share}


def note_taken(session: Session, taken: Mapping[int, Sequence[int]], now: datetime) -> None:
    """Count what a claim took for canaries, message ids by campaign; runs in the transaction of the claim."""
    if taken:
        store.note_taken(session, taken, WAIT_WORDS, now)


def follow_canaries(session: Session, now: datetime) -> list[int]:
    """Judge the canaries whose wait is over; ids of the campaigns that go on for everybody."""
    gone_on = [due.campaign_id for due in store.due_canaries(session, now) if _judged_well(session, due)]
    # While they stood still, a template may have been paused too.
    held_up = campaigns.pause_unsendable(session) if gone_on else []
    return [id_ for id_ in gone_on if id_ not in held_up]


def _judged_well(session: Session, due: DueCanary) -> bool:
    terms, counts = CanaryTerms.from_json(due.terms), due.counts
    if not tells_enough(counts):
        store.take_again(session, due.campaign_id)
        return False
    trouble = judge(terms, counts)
    log.info("canary judged", campaign_id=due.campaign_id, trouble=trouble, **counts._asdict())
    if trouble is None:
        store.go_on(session, due.campaign_id)
        return True
    doubt = f" {counts.unsure:,} are uncertain." if counts.unsure else ""
    words = (
        f"The canary went badly: {trouble}.{doubt} A person decides: campaign resume goes on all the same, "
        "campaign move sends another template, campaign cancel ends it."
    )
    store.stay(session, due.campaign_id, words)
    return False

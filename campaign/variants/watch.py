"""Samples whose wait is over: the winner for the rest of the list, decided once."""

from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from campaign.variants import store
from campaign.variants.store import DueSample
from campaign.variants.winner import Arm, decide
from models.variant import Measure

log = structlog.get_logger(__name__)

VERBS = {Measure.READ: "read it", Measure.REPLY: "replied"}
WITHOUT = "The rest gets the variants by their shares."
"""What happens where nobody wins."""

GONE_ON = f"No winner: the campaign went on or ended before the sample could be judged. {WITHOUT}"


def follow_winners(session: Session, now: datetime) -> list[int]:
    """Decide the samples whose wait is over; ids of their campaigns. Runs before campaign.sending.canary.watch, which
    lets them go on for everybody, in one transaction with it.
    """
    decided = [due.campaign_id for due in store.due_samples(session, now) if _decided(session, due, now)]
    store.close_undecided(session, now, GONE_ON)
    return decided


def _decided(session: Session, due: DueSample, now: datetime) -> bool:
    sample = store.sample_of(session, due.campaign_id)
    # As the canary has it: where most were never sent, it takes its people again, and the decision waits.
    if 2 * sum(arm.sent for arm in sample) < sum(arm.taken for arm in sample):
        return False
    measure = Measure(due.measure)
    arms = [Arm(arm.name, arm.delivered, arm.read if measure is Measure.READ else arm.replied) for arm in sample]
    decision = decide(arms, due.confidence, VERBS[measure])
    words = f"{decision.text} The rest gets {decision.winner}." if decision.winner else f"{decision.text} {WITHOUT}"
    if not store.keep_decision(session, due.campaign_id, decision.winner, words, now):
        return False
    given = store.give_winner(session, due.campaign_id, decision.winner) if decision.winner else 0
    log.info("variants compared", campaign_id=due.campaign_id, winner=decision.winner, changed=given)
    return True

"""The sweep of sequences: who has come far enough goes on to the next step. Safe to run twice, and at once."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from campaign.reconciliation.store import drained_until
from campaign.scheduling.placing import begin
from campaign.sequences import store
from campaign.sequences.store import Looked, StepToSweep
from campaign.store import pause_unsendable
from models.campaign import Campaign
from models.session import Sessions, session_scope
from models.states import CampaignState, campaign_may_move

log = structlog.get_logger(__name__)

BATCH = 5000
"""People judged in one transaction."""

MOST_BATCHES = 40
"""Batches of one step in one sweep, so that other sweeps get their turn."""

LATELY = timedelta(days=1)
"""How old a reply may be to end a sequence at once; an older one is found when the person is looked at."""

_WAITING = frozenset({CampaignState.SCHEDULED, CampaignState.SETTLING, CampaignState.COMPLETED})


def sweep_sequences(sessions: Sessions, *, now: datetime) -> int:
    """End sequences for who has replied, move who falls due, and complete what everybody has left. Moves and ends."""
    with session_scope(sessions) as session:
        changed = store.end_answered(session, now - LATELY, now)
    with session_scope(sessions) as session:
        due = store.steps_due(session, now)
    for step in due:
        changed += _sweep_step(sessions, step, now)
    with session_scope(sessions) as session:
        for sequence_id in store.complete_ended(session, now):
            log.info("sequence completed", sequence_id=sequence_id)
    return changed


def _sweep_step(sessions: Sessions, step: StepToSweep, now: datetime) -> int:
    """Batch after batch, a transaction each; how many people moved or ended."""
    changed = 0
    for _ in range(MOST_BATCHES):
        with session_scope(sessions) as session:
            looked = _look(session, step, now)
        changed += looked.moved + looked.ended
        if looked.people < BATCH:
            break
    if changed:
        log.info("sequence swept", sequence_id=step.sequence_id, step=step.number, changed=changed)
    return changed


def _look(session: Session, step: StepToSweep, now: datetime) -> Looked:
    nobody = Looked(0, 0, 0)
    if not store.lock_running(session, step.sequence_id):
        return nobody
    onward = None if step.last else store.lock_onward(session, step.sequence_id, step.number + 1)
    if onward is None and not step.last:
        return nobody
    told = drained_until(session, now)
    looked = store.look(session, step, onward, now=now, told=told, limit=BATCH)
    if onward is not None and looked.moved:
        store.count_rows(session, onward[1].id, looked.moved)
        _receive(session, onward[1], now)
    return looked


def _receive(session: Session, campaign: Campaign, now: datetime) -> None:
    """Let a step run that people have come to, unless somebody keeps it paused."""
    if campaign.state not in _WAITING:
        return
    assert campaign_may_move(CampaignState(campaign.state), CampaignState.RUNNING)
    campaign.state, campaign.state_reason, campaign.state_text = CampaignState.RUNNING.value, None, None
    campaign.ended_at = None
    if campaign.launched_at is None:
        campaign.launched_at = now
        begin(session, campaign, now)
    session.flush()
    # While it waited, its template may have been paused.
    pause_unsendable(session)

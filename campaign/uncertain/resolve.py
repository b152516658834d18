"""A person's decision about uncertain messages."""

from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy.orm import Session

from campaign.errors import Conflict
from campaign.lifecycle import find_campaign
from campaign.reconciliation.store import requeue
from campaign.uncertain import store
from models.session import Sessions, session_scope
from models.states import CampaignState, Signal

log = structlog.get_logger(__name__)

BATCH = 5000


class Decision(StrEnum):
    """What becomes of them: sent once more, at the risk of a second message, or given up as failed."""

    RESEND = "resend"
    FAILED = "failed"


def count_concerned(session: Session, name: str, older_than: timedelta, *, now: datetime) -> int:
    """How many uncertain messages a decision would concern.

    raises  NotFound
    """
    campaign = find_campaign(session, name)
    return store.count_older(session, campaign.sender_id, campaign.id, now - older_than)


def resolve(sessions: Sessions, name: str, decision: Decision, older_than: timedelta, *, now: datetime) -> int:
    """Act on a person's decision about messages claimed longer ago than `older_than`; how many were moved.

    One that is sent again keeps its attempt as superseded, so a late report still finds it. What a report resolves in
    the meantime is left alone.

    writes   messages and attempts, a transaction per batch
    raises   NotFound; Conflict when the campaign was cancelled and nothing of it may be sent
    """
    moved, batch = 0, BATCH
    while batch >= BATCH:
        with session_scope(sessions) as session:
            batch = _resolve_batch(session, name, decision, now - older_than, now)
        moved += batch
    log.info("uncertain messages resolved by a person", campaign=name, decision=decision.value, messages=moved)
    return moved


def _resolve_batch(session: Session, name: str, decision: Decision, before: datetime, now: datetime) -> int:
    campaign = find_campaign(session, name)
    if decision is Decision.RESEND and campaign.state == CampaignState.CANCELLED:
        raise Conflict(f"campaign {name} was cancelled, so nothing of it is sent again; resolve them as failed")
    chosen = store.older(session, campaign.sender_id, campaign.id, before, BATCH)
    if decision is Decision.RESEND:
        return requeue(session, chosen, Signal.SEND_AGAIN, now)
    return store.give_up(session, chosen, now)

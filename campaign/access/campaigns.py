"""What a person does to a campaign: permission checked, done, and written down."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from campaign import lifecycle
from campaign.access import approvals, store
from campaign.access.audit import Recording, audited
from campaign.access.roles import Act, Actor
from campaign.creation import NewCampaign, create_campaign
from campaign.errors import Conflict
from campaign.moving import move as moving
from campaign.moving.move import Move, MovePlan
from campaign.uncertain import resolve
from campaign.uncertain.resolve import Decision
from models.campaign import Campaign
from models.session import Sessions, session_scope
from models.states import CampaignState


def create(sessions: Sessions, by: Actor, request: NewCampaign, *, now: datetime, **how: Any) -> Campaign:
    """`campaign.creation.create_campaign`, audited; `how` is handed on.

    raises  Forbidden, and what create_campaign raises
    """
    with audited(sessions, by, Act.CREATE_CAMPAIGN, _subject(request.name)) as act:
        campaign = create_campaign(act.sessions, request, now=now, **how)
        act.after = {"template": request.template, "sender": request.sender, "audience": request.audience_name}
        return campaign


def launch(sessions: Sessions, by: Actor, name: str, *, now: datetime, approval_above: int | None) -> Campaign:
    """Launch, or ask for a second person's word where the size wants it: then the campaign stays a draft.

    raises  Forbidden, Conflict, NotFound
    """
    with audited(sessions, by, Act.LAUNCH, _subject(name)) as act:
        with act.sessions() as session, session.begin():
            campaign = lifecycle.find_campaign(session, name)
            _refuse_step(session, campaign)
            if approvals.would_ask(session, campaign, approval_above):
                approvals.ask(session, campaign, by, now)
                act.after = {"asked_for_approval": True}
                return campaign
        return _moved(act, name, lambda inner: lifecycle.launch(inner, name, now=now))


def approve(sessions: Sessions, by: Actor, name: str, *, now: datetime) -> Campaign:
    """Say yes to a launch that somebody else asked for, and launch.

    raises  Forbidden, Conflict, NotFound
    """
    with audited(sessions, by, Act.APPROVE, _subject(name)) as act:
        with act.sessions() as session, session.begin():
            campaign = lifecycle.find_campaign(session, name)
            _refuse_step(session, campaign)
            approvals.approve(session, campaign, by, now)
        return _moved(act, name, lambda inner: lifecycle.launch(inner, name, now=now))


def pause(sessions: Sessions, by: Actor, name: str) -> Campaign:
    """Stop sending within a second.

    raises  Forbidden, Conflict, NotFound
    """
    with audited(sessions, by, Act.PAUSE, _subject(name)) as act:
        return _moved(act, name, lambda inner: lifecycle.pause(inner, name))


def resume(sessions: Sessions, by: Actor, name: str, *, now: datetime) -> Campaign:
    """Go on with a paused campaign.

    raises  Forbidden, Conflict, NotFound
    """
    with audited(sessions, by, Act.RESUME, _subject(name)) as act:
        return _moved(act, name, lambda inner: lifecycle.resume(inner, name, now=now))


def cancel(sessions: Sessions, by: Actor, name: str, *, now: datetime) -> Campaign:
    """End a campaign for good.

    raises  Forbidden, Conflict, NotFound
    """
    with audited(sessions, by, Act.CANCEL, _subject(name)) as act:
        return _moved(act, name, lambda inner: lifecycle.cancel(inner, name, now=now))


def move(sessions: Sessions, by: Actor, request: Move, *, now: datetime) -> MovePlan:
    """Send what was dropped or not sent yet with another template; what was done, and the state after it.

    raises  Forbidden, Conflict, NotFound, UsageError
    """
    with audited(sessions, by, Act.MOVE, _subject(request.name)) as act:
        plan = moving.move(act.sessions, request, now=now)
        act.after = {"template": plan.template, "language": plan.language, "messages": plan.messages}
        return plan


def resolve_uncertain(
    sessions: Sessions, by: Actor, name: str, decision: Decision, older_than: timedelta = timedelta(), *, now: datetime
) -> int:
    """Decide about messages that may or may not have been sent; how many were moved.

    raises  Forbidden, Conflict, NotFound
    """
    with audited(sessions, by, Act.RESOLVE_UNCERTAIN, _subject(name)) as act:
        moved = resolve.resolve(act.sessions, name, decision, older_than, now=now)
        act.after = {"decision": decision.value, "older_than_s": older_than.total_seconds(), "messages": moved}
        return moved


def delete_draft(sessions: Sessions, by: Actor, name: str) -> None:
    """Take back a campaign that was never launched, with its list. What was launched stays for ever.

    raises  Forbidden, Conflict, NotFound
    """
    with audited(sessions, by, Act.CREATE_CAMPAIGN, _subject(name)) as act:
        with session_scope(act.sessions) as session:
            campaign = lifecycle.find_campaign(session, name)
            if campaign.state != CampaignState.DRAFT:
                raise Conflict(f"campaign {name} was launched and stays; only drafts can be taken back")
            session.delete(campaign)
            act.after = {"deleted": True}


def _refuse_step(session: Session, campaign: Campaign) -> None:
    if sequence := store.draft_sequence_of(session, campaign.id):
        raise Conflict(f"campaign {campaign.name} is a step of sequence {sequence}; launch the sequence instead")


def _moved(act: Recording, name: str, move: Any) -> Campaign:
    """Make a move and note the state before and after it."""
    with act.sessions() as session:
        act.before = _state(lifecycle.find_campaign(session, name))
    campaign: Campaign = move(act.sessions)
    act.after = _state(campaign)
    return campaign


def _state(campaign: Campaign) -> dict[str, Any]:
    return {"state": campaign.state, "reason": campaign.state_reason}


def _subject(name: str) -> str:
    return f"campaign:{name}"

"""Launches that want a second person's word. Off unless CAMPAIGN_APPROVAL_ABOVE is set."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign import store as campaigns
from campaign.access import store
from campaign.access.roles import Actor
from campaign.errors import Conflict
from models.access import Approval
from models.campaign import Campaign
from models.states import CampaignState, MessageState


def wanted(session: Session, campaign: Campaign, above: int | None) -> bool:
    """Whether this launch needs the word of a second person: more than `above` messages are to be sent."""
    if above is None:
        return False
    return campaigns.count_messages(session, campaign.id).get(MessageState.QUEUED, 0) > above


def would_ask(session: Session, campaign: Campaign, above: int | None) -> bool:
    """Whether a launch would only ask: it needs a second person's word and has none."""
    given = approval_of(session, campaign)
    granted = given is not None and given.approved_at is not None
    return campaign.state == CampaignState.DRAFT and not granted and wanted(session, campaign, above)


def approval_of(session: Session, campaign: Campaign) -> Approval | None:
    """What was asked and said about the launch of a campaign."""
    return session.get(Approval, campaign.id)


def ask(session: Session, campaign: Campaign, by: Actor, now: datetime) -> None:
    """Ask for a second person's word; asking again changes nothing."""
    store.ask_for_approval(session, campaign.id, by.name, now)


def approve(session: Session, campaign: Campaign, by: Actor, now: datetime) -> None:
    """Say yes to the launch that somebody else asked for.

    raises  Conflict when nobody asked, when who asked is who approves, or when it was approved before
    """
    approval = session.get(Approval, campaign.id, with_for_update=True)
    if approval is None:
        raise Conflict(f"nobody asked to launch campaign {campaign.name}; whoever wants to launches it first")
    if approval.approved_by is not None:
        raise Conflict(f"campaign {campaign.name} was approved by {approval.approved_by} already")
    if approval.asked_by == by.name:
        raise Conflict(f"{by.person} asked for the launch of campaign {campaign.name}; somebody else has to approve it")
    approval.approved_by, approval.approved_at = by.name, now


def waiting(session: Session) -> Sequence[tuple[Approval, Campaign]]:
    """Launches that wait for a second person, oldest first."""
    rows = session.execute(
        select(Approval, Campaign)
        .join(Campaign, Campaign.id == Approval.campaign_id)
        .where(Approval.approved_at.is_(None), Campaign.state == CampaignState.DRAFT)
        .order_by(Approval.asked_at)
    )
    return [(approval, campaign) for approval, campaign in rows]

"""Everything that is to be known before a launch, read together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.access.approvals import approval_of, wanted
from campaign.check import Forecast, forecast
from campaign.drafting import store
from campaign.drafting.obstacles import Obstacle, obstacles
from campaign.lifecycle import find_campaign
from campaign.settings import Settings
from models.access import Approval
from models.campaign import Campaign
from models.sender import Sender
from models.template import Template


@dataclass(frozen=True, slots=True)
class PreFlight:
    """What a launch would do and what it takes.

    approval   what was asked and said about it already; `wanted`: a second person has to say yes
    approvers  who may, beside whoever asked or is about to
    """

    campaign: Campaign
    sender: Sender
    template: Template
    forecast: Forecast
    obstacles: Sequence[Obstacle]
    wanted: bool
    approval: Approval | None
    approvers: Sequence[str]


def pre_flight(session: Session, name: str, settings: Settings, *, by: str, now: datetime) -> PreFlight:
    """The pre-flight of a campaign that was not launched yet.

    by      who is about to launch, as in the audit log
    raises  NotFound
    """
    campaign = find_campaign(session, name)
    sender = session.get_one(Sender, campaign.sender_id)
    template = session.get_one(Template, campaign.template_id)
    found = forecast(session, name, now=now, settings=settings)
    approval = approval_of(session, campaign)
    asking = approval.asked_by if approval is not None else by
    return PreFlight(
        campaign=campaign,
        sender=sender,
        template=template,
        forecast=found,
        obstacles=obstacles(campaign, sender, found, sendable=template.sendable, now=now),
        wanted=wanted(session, campaign, settings.approval_above),
        approval=approval,
        approvers=store.approvers(session, asking.partition(":")[2]),
    )

"""The SQL of drafts in the making: names that are taken, the state of a campaign, who may approve."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Role, User
from models.campaign import Campaign
from models.schedule import Schedule


def name_taken(session: Session, name: str, *, but: int) -> bool:
    """Whether another campaign or a schedule has a name."""
    campaign = session.scalar(select(Campaign.id).where(Campaign.name == name, Campaign.id != but))
    return campaign is not None or session.scalar(select(Schedule.id).where(Schedule.name == name)) is not None


def campaign_if_there(session: Session, campaign_id: int) -> Campaign | None:
    """A campaign by its id, or nothing when it was taken back."""
    return session.get(Campaign, campaign_id)


def approvers(session: Session, but: str) -> Sequence[str]:
    """Names of those who may approve a launch that `but` asked for."""
    roles = (Role.APPROVER.value, Role.ADMIN.value)
    found = select(User.name).where(User.role.in_(roles), User.disabled_at.is_(None), User.name != but)
    return session.scalars(found.order_by(User.name)).all()

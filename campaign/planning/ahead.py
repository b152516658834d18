"""The plan of one campaign, from what its sender is allowed and has used of it in the last 24 hours."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.planning.days import Limits, Opening, Plan, plan
from campaign.planning.store import used_by_hour
from campaign.planning.warm_up import WarmUp
from models.campaign import Campaign
from models.sender import Sender


def limits_ahead(session: Session, sender: Sender, *, rate_mps: float, reserve: float, now: datetime) -> Limits:
    """What bounds a sender from `now` on; people who were written to in the last 24 hours count by the hour.

    rate_mps  messages per second that a campaign keeps up
    reserve   share of the messaging limit that is kept for other traffic, 0..1
    """
    warm_up = WarmUp.kept(sender.warm_up, sender.warm_up_began_at)
    return Limits(rate_mps, sender.tier, reserve, warm_up, used_by_hour(session, sender.portfolio, now))


def plan_campaign(
    campaign: Campaign,
    to_message: int,
    limits: Limits,
    now: datetime,
    openings: Iterable[Opening] | None = None,
) -> Plan:
    """What becomes of the messages that a campaign has still to send, launched at `now` or at its own start.

    It is alone in that: other campaigns of the portfolio would share what is planned here. People who count already,
    or whose service window is open, would need no room and are planned as if they did.

    openings  when messages may leave; None: any time
    """
    start = max(now, campaign.start_at) if campaign.start_at else now
    return plan(to_message, limits, start=start, openings=openings)

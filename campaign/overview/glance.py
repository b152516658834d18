"""A campaign at one look: what it is doing, its counts, its pace. Costs the same with a million messages.

Small campaigns are counted at the look; for large ones the count kept ahead is shown, with its instant.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign.access.approvals import approval_of
from campaign.overview import pacing_store, store
from campaign.overview.campaigns import CampaignLine, campaign_by_id, line_of
from campaign.overview.pacing_store import Due
from campaign.overview.telling import Standing, Told, tell
from campaign.uncertain.settling import Settles, what_settles
from models.campaign import Campaign
from models.sender import Sender
from models.states import CampaignState, MessageState

SMALL = 20_000
"""Messages up to which a campaign is counted at the look."""

PACE_WINDOW = timedelta(seconds=5)

Effective = Callable[[Sender], float]
"""Messages per second that the limiters grant a sender now."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Messages per second: just now, granted now, allowed to this campaign, allowed to the number."""

    now: float
    effective: float
    allowed: int
    number: int


@dataclass(frozen=True, slots=True)
class Glance:
    """A campaign as one looks at it.

    counted_at  of the counts; None: nothing has changed since the list was read
    exact       counted at this look
    asked_by    who (`user:NAME`) asked for a second person's word on the launch, which has not come yet
    """

    line: CampaignLine
    told: Told
    pace: Pace
    eta: datetime | None
    counted_at: datetime | None
    exact: bool
    asked_by: str | None
    looked_at: datetime

    @property
    def messages(self) -> int:
        """Rows that became a message."""
        return sum(self.line.counts.values())

    def count(self, *states: MessageState) -> int:
        """Messages in any of some states."""
        return sum(self.line.counts.get(state, 0) for state in states)


def glance(session: Session, campaign_id: int, *, now: datetime, effective: Effective) -> Glance:
    """A campaign now.

    raises  NotFound
    """
    campaign = campaign_by_id(session, campaign_id)
    sender = session.get_one(Sender, campaign.sender_id)
    line, exact = _line(session, campaign, now)
    due = pacing_store.due(session, campaign.id, now)
    pace = _pace(session, campaign, sender, now, effective)
    asked_by = _asked_by(session, campaign)
    eta = _eta(line, pace, due, now)
    standing = Standing(
        state=line.state, now=now, reason=line.reason, counts=line.counts, refused=line.refused,
        template=line.template, sender=line.sender, effective_mps=pace.effective, eta=eta, due=int(due.now),
        next_due_at=due.next_at, start_at=line.start_at, ended_at=line.ended_at,
        restricted_until=sender.restricted_until, canary_until=campaign.canary_until,
        canary_people=campaign.canary_left or 0, asked_by=asked_by and asked_by.partition(":")[2],
        traffic_settles=what_settles(sender.provider, campaign.uncertain_policy) is Settles.TRAFFIC,
    )  # fmt: skip
    return Glance(
        line, tell(standing), pace, eta, counted_at=now if exact else line.counted_at, exact=exact,
        asked_by=asked_by, looked_at=now,
    )  # fmt: skip


def _line(session: Session, campaign: Campaign, now: datetime) -> tuple[CampaignLine, bool]:
    """The campaign in a list, and whether it was counted now."""
    row = store.one_campaign(session, campaign.name)
    line = line_of(row)
    if line.launched_at is None or line.rows - line.refused > SMALL:
        return line, False
    counts = {each.state: each.messages for each in store.count_states(session, campaign.id)}
    return replace(line, counts=counts, counted_at=now), True


def _pace(session: Session, campaign: Campaign, sender: Sender, now: datetime, effective: Effective) -> Pace:
    allowed = min(sender.rate_mps, campaign.rate_mps or sender.rate_mps)
    if campaign.state != CampaignState.RUNNING:
        return Pace(0.0, 0.0, allowed, sender.rate_mps)
    recent = pacing_store.claims_since(session, campaign.id, now - PACE_WINDOW)
    granted = min(effective(sender), float(allowed))
    return Pace(round(recent / PACE_WINDOW.total_seconds(), 1), granted, allowed, sender.rate_mps)


def _asked_by(session: Session, campaign: Campaign) -> str | None:
    if campaign.state != CampaignState.DRAFT:
        return None
    asked = approval_of(session, campaign)
    return asked.asked_by if asked is not None and asked.approved_at is None else None


def _eta(line: CampaignLine, pace: Pace, due: Due, now: datetime) -> datetime | None:
    queued = line.counts.get(MessageState.QUEUED, 0)
    if line.state != CampaignState.RUNNING or not queued or pace.effective <= 0:
        return None
    # Who is to be tried again tomorrow leaves tomorrow, however fast the others go.
    return max(now + timedelta(seconds=queued / pace.effective), due.last_at or now)

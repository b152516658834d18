"""What stands behind the counts of a campaign: what holds it up, what went wrong, what waits, how it went over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from campaign import store as campaigns
from campaign.audience.funnel import Step, funnel
from campaign.lifecycle import find_campaign
from campaign.overview import pacing_store, store
from campaign.overview.campaigns import Trouble, Waiting, troubles_of, waiting_of
from campaign.overview.glance import Glance
from campaign.overview.tally import bucket_s
from campaign.planning.ahead import limits_ahead, plan_campaign
from campaign.planning.days import Plan
from campaign.planning.warm_up import WarmUp
from campaign.replies.store import Replied, people_who_replied
from campaign.scheduling.ahead import openings_ahead
from campaign.sending.canary.terms import CanaryTerms
from campaign.settings import Settings
from campaign.uncertain.doubts import Doubts, find_doubts
from models.campaign import Campaign
from models.sender import Sender, SenderState
from models.states import MessageState, PauseReason

LONG = timedelta(days=1)
"""A campaign that takes longer is shown day by day."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a campaign beside its rate.

    share      of the number's rate that is granted now, 0..1: below 1 while a brake is on
    tier       people in 24 hours; None: unlimited. `counted` are those of the last 24 hours
    warm_up    people in 24 hours by the plan of a new number, where it is on
    window     hours, as they were written
    """

    share: float
    flagged: bool
    tier: int | None
    counted: int
    warm_up: int | None
    window: str | None
    zone: str | None
    own_clock: bool
    per_hour: int | None
    per_day: int | None
    spread_s: int | None
    deadline_at: datetime | None


@dataclass(frozen=True, slots=True)
class Holds:
    """What WhatsApp holds for quality.

    dropped      messages that were held and then dropped: the verdict was bad
    guard_until  until when a verdict is awaited; None: the campaign does not wait for it
    """

    messages: int
    since: datetime | None
    dropped: int
    policy: str
    hold_after: int
    guard_until: datetime | None


@dataclass(frozen=True, slots=True)
class Canary:
    """The first people of a campaign, and what becomes of them. `left` are those still to be taken."""

    terms: CanaryTerms
    taken: int
    left: int
    delivered: int
    failed: int
    held: int
    until: datetime | None
    over: bool


@dataclass(frozen=True, slots=True)
class Course:
    """A campaign over time. Buckets (see CampaignTally.series) of `bucket_s` seconds, the empty ones left out."""

    since: datetime | None
    until: datetime
    bucket_s: int
    buckets: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Details:
    """All of it. `plan` only where what is left takes longer than a day."""

    steps: Sequence[Step]
    limits: Limits
    holds: Holds | None
    canary: Canary | None
    doubts: Doubts | None
    waiting: Sequence[Waiting]
    troubles: Sequence[Trouble]
    course: Course
    replied: Replied
    plan: Plan | None


def details(session: Session, seen: Glance, settings: Settings) -> Details:
    """What stands behind a glance.

    raises  NotFound
    """
    campaign = find_campaign(session, seen.line.name)
    sender = session.get_one(Sender, campaign.sender_id)
    now, S = seen.looked_at, MessageState
    unreached = seen.count(S.FAILED, S.DROPPED, S.EXPIRED, S.SKIPPED)
    doubtful = seen.count(S.UNCERTAIN) or not seen.exact
    return Details(
        steps=funnel(seen.line.rows, campaigns.refused_by_reason(session, campaign.id), {}),
        limits=_limits(session, campaign, sender, seen),
        holds=_holds(session, campaign, seen, settings),
        canary=_canary(session, campaign),
        doubts=find_doubts(session, campaign.name, settings, now=now) if doubtful else None,
        waiting=waiting_of(session, campaign.id, now) if seen.count(S.QUEUED) and seen.line.launched_at else (),
        troubles=troubles_of(session, campaign.id) if unreached else (),
        course=_course(session, seen),
        replied=people_who_replied(session, campaign.id),
        plan=_plan(session, campaign, sender, seen, settings),
    )


def _limits(session: Session, campaign: Campaign, sender: Sender, seen: Glance) -> Limits:
    now = seen.looked_at
    warm_up = WarmUp.kept(sender.warm_up, sender.warm_up_began_at)
    bounded = sender.tier is not None or warm_up is not None
    running = seen.pace.effective > 0 or seen.told.key == "running_stopped"
    return Limits(
        share=min(1.0, seen.pace.effective / seen.pace.allowed) if running else 1.0,
        flagged=sender.state == SenderState.FLAGGED,
        tier=sender.tier,
        counted=pacing_store.people_counted(session, sender.portfolio, now - timedelta(days=1)) if bounded else 0,
        warm_up=warm_up.cap_at(now) if warm_up else None,
        window=campaign.sending_window["hours"] if campaign.sending_window else None,
        zone=campaign.zone,
        own_clock=campaign.sending_window is not None,
        per_hour=campaign.per_hour,
        per_day=campaign.per_day,
        spread_s=campaign.spread_s,
        deadline_at=campaign.deadline_at,
    )


def _holds(session: Session, campaign: Campaign, seen: Glance, settings: Settings) -> Holds | None:
    dropped = seen.count(MessageState.DROPPED)
    if not dropped and not seen.count(MessageState.HELD):
        return None
    held = pacing_store.held(session, campaign.id)
    waits = campaign.state_reason == PauseReason.HELD_FOR_QUALITY and held.last_at is not None
    guard = timedelta(seconds=settings.hold_guard_s)
    return Holds(
        messages=held.messages,
        since=held.first_at,
        dropped=dropped,
        policy=campaign.hold_policy,
        hold_after=settings.hold_after,
        guard_until=held.last_at + guard if waits and held.last_at else None,
    )


def _canary(session: Session, campaign: Campaign) -> Canary | None:
    if campaign.canary is None:
        return None
    so_far = pacing_store.canary_now(session, campaign.id)
    return Canary(
        terms=CanaryTerms.from_json(campaign.canary),
        taken=so_far.taken,
        left=campaign.canary_left or 0,
        delivered=so_far.delivered,
        failed=so_far.failed,
        held=so_far.held,
        until=campaign.canary_until,
        over=campaign.canary_left is None,
    )


def _course(session: Session, seen: Glance) -> Course:
    line = seen.line
    until = min(line.ended_at or seen.looked_at, seen.looked_at)
    if line.launched_at is None:
        return Course(None, until, 1, ())
    length = bucket_s(line.launched_at, until)
    if seen.exact:
        return Course(line.launched_at, until, length, store.count_series(session, line.id, line.launched_at, length))
    row = store.one_campaign(session, line.name)
    counted_at = row.series_at if row is not None else None
    if counted_at is not None:
        length = bucket_s(line.launched_at, line.ended_at or counted_at)
    return Course(line.launched_at, until, length, (row.series if row is not None else None) or ())


def _plan(session: Session, campaign: Campaign, sender: Sender, seen: Glance, settings: Settings) -> Plan | None:
    queued, rate = seen.count(MessageState.QUEUED), seen.pace.effective or float(seen.pace.allowed)
    soon = seen.eta is not None and seen.eta - seen.looked_at <= LONG and sender.tier is None
    if not queued or seen.line.ended_at is not None or soon:
        return None
    limits = limits_ahead(session, sender, rate_mps=rate, reserve=settings.tier_reserve, now=seen.looked_at)
    used = sum(people for _, people in limits.used_by_hour)
    limited = limits.warm_up is not None or (limits.tier is not None and limits.tier - used < queued)
    openings = openings_ahead(session, campaign, queued, rate_mps=rate, limited=limited, now=seen.looked_at)
    found = plan_campaign(campaign, queued, limits, seen.looked_at, openings)
    return found if len(found.days) > 1 or found.left else None

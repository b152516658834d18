"""Where a campaign stands: counts that add up to the rows uploaded, its pace, and when the last message leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Row
from sqlalchemy.orm import Session

from campaign.costs.actual import campaign_cost
from campaign.lifecycle import find_campaign
from campaign.replies.store import count_replies, people_who_replied
from campaign.reports import store
from campaign.reports.csv_file import Written, write_csv
from campaign.reports.sections import COLUMNS, Figures, summary_lines
from campaign.scheduling.ahead import end_ahead
from campaign.variants.told import variants_of
from models.campaign import Campaign
from models.states import CampaignState, MessageState, PauseReason

PACE_WINDOW = timedelta(seconds=5)
"""The last stretch of time over which the present pace is counted."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages per second: allowed by sender and campaign, in effect with brakes on, and made just now."""

    allowed: int
    effective: float
    now: float


@dataclass(frozen=True, slots=True)
class CampaignStatus:
    """Where a campaign stands. The counts of all states and `refused` add up to `rows`.

    state   of `models.states.CampaignState`; `reason` says why it is paused
    counts  messages by state, every state named
    eta     when the last queued message leaves, at the effective rate and as windows, spread and caps let it; None when
            nothing is being sent
    """

    name: str
    state: str
    reason: str | None
    counts: Mapping[str, int]
    rows: int
    refused: int
    rate: Rate
    eta: datetime | None


def campaign_status(session: Session, name: str, now: datetime, effective_mps: float | None = None) -> CampaignStatus:
    """Where a campaign stands at `now`.

    effective_mps  what the limiter grants at present; None: as much as is allowed
    raises         NotFound naming the nearest that exist
    """
    campaign = find_campaign(session, name)
    found = store.pace(session, campaign.id)
    listing = store.listing(session, found.id)
    states = store.states(session, found.id, now - PACE_WINDOW)
    counts = {state.value: 0 for state in MessageState} | {row.state: row.messages for row in states}
    allowed = min(found.sender_rate_mps, found.rate_mps or found.sender_rate_mps)
    effective = allowed if effective_mps is None else min(effective_mps, allowed)
    recent = sum(row.recent for row in states)
    last_due_at = max((row.last_due_at for row in states if row.last_due_at), default=now)
    return CampaignStatus(
        name=found.name,
        state=found.state,
        reason=found.state_reason,
        counts=counts,
        rows=listing.row_count if listing else sum(counts.values()),
        refused=listing.rejected_count if listing else 0,
        rate=Rate(allowed, effective, round(recent / PACE_WINDOW.total_seconds(), 1)),
        eta=_eta(session, campaign, _Queue(counts[MessageState.QUEUED], effective, last_due_at), now),
    )


class _Queue(NamedTuple):
    """Messages that are still to be sent, how fast, and when the last of them is due."""

    length: int
    rate_mps: float
    last_due_at: datetime


def _eta(session: Session, campaign: Campaign, queue: _Queue, now: datetime) -> datetime | None:
    closed = campaign.state == CampaignState.PAUSED and campaign.state_reason == PauseReason.OUTSIDE_WINDOW
    if not (campaign.state == CampaignState.RUNNING or closed) or not queue.length or queue.rate_mps <= 0:
        return None
    at_the_rate = now + timedelta(seconds=queue.length / queue.rate_mps)
    allowed = end_ahead(session, campaign, queue.length, rate_mps=queue.rate_mps, now=now)
    # Who is to be tried again tomorrow leaves tomorrow, however fast the others go.
    return max(at_the_rate, queue.last_due_at, allowed or now)


def write_summary(session: Session, campaign: Campaign, out: Path) -> Written:
    """Write what it all came to: outcomes, rates, times, countries, templates, errors, hours, replies, cost.

    raises  UsageError when the file cannot be written
    """
    return write_csv(out, COLUMNS, summary_lines(load_figures(session, campaign)))


def load_figures(session: Session, campaign: Campaign) -> Figures:
    """All that the summary tells of a campaign."""
    listing = store.listing(session, campaign.id)
    counted: dict[str, list[Row[Any]]] = {}
    for row in store.figures(session, campaign.id):
        counted.setdefault(row.section, []).append(row)
    refused = {row.reason: row.rows for row in store.refused(session, campaign.id)}
    messages = sum(row.messages for row in counted.get("outcome", ()))
    used = [row.template_id for row in counted.get("template", ())]
    return Figures(
        name=campaign.name,
        state=campaign.state,
        reason=campaign.state_reason,
        at=store.snapshot_at(session),
        counted=counted,
        refused=refused,
        rows=listing.row_count if listing else messages,
        cost=campaign_cost(session, campaign),
        times=_times(store.times(session, campaign.id)),
        templates=store.templates_by_id(session, used),
        replies=count_replies(session, campaign.id),
        replied=people_who_replied(session, campaign.id).people,
        opted_out={row.how: row.people for row in store.opted_out(session, campaign.id)},
        variants=variants_of(session, campaign.id),
    )


def _times(row: Row[Any]) -> dict[str, dict[int, float]]:
    found = {"delivered": row.delivered, "read": row.read}
    return {name: dict(zip(store.PERCENTILES, values, strict=True)) for name, values in found.items() if values}

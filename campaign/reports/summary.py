"""Where a campaign stands: counts that add up to the rows uploaded, its pace, and when the last message leaves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from campaign.lifecycle import find_campaign
from campaign.reports import store
from campaign.reports.csv_file import Cell, write_csv
from models.campaign import Campaign
from models.states import CampaignState, MessageState

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
    eta     when the last queued message leaves at the effective rate; None when nothing is being sent
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
    found = store.pace(session, find_campaign(session, name).id)
    listing = store.listing(session, found.id)
    states = store.states(session, found.id, now - PACE_WINDOW)
    counts = {state.value: 0 for state in MessageState} | {row.state: row.messages for row in states}
    allowed = min(found.sender_rate_mps, found.rate_mps or found.sender_rate_mps)
    effective = allowed if effective_mps is None else min(effective_mps, allowed)
    recent = sum(row.recent for row in states)
    return CampaignStatus(
        name=found.name,
        state=found.state,
        reason=found.state_reason,
        counts=counts,
        rows=listing.row_count if listing else sum(counts.values()),
        refused=listing.rejected_count if listing else 0,
        rate=Rate(allowed, effective, round(recent / PACE_WINDOW.total_seconds(), 1)),
        eta=_eta(found.state, counts[MessageState.QUEUED], effective, now),
    )


def _eta(state: str, queued: int, effective_mps: float, now: datetime) -> datetime | None:
    if state != CampaignState.RUNNING or not queued or effective_mps <= 0:
        return None
    return now + timedelta(seconds=queued / effective_mps)


COLUMNS = ("status", "reason", "rows", "share")
ALL = "all"
UNACCOUNTED = "unaccounted"


def write_summary(session: Session, campaign: Campaign, out: Path) -> int:
    """Write rows by status and reason, and a line for all of them; the number of lines.

    raises  UsageError when the file cannot be written
    """
    return write_csv(out, COLUMNS, _lines(session, campaign.id))


def _lines(session: Session, campaign_id: int) -> Iterator[Sequence[Cell]]:
    outcomes = store.outcomes(session, campaign_id)
    listing = store.listing(session, campaign_id)
    counted = sum(row.rows for row in outcomes)
    total = listing.row_count if listing else counted
    for row in outcomes:
        yield (row.state, row.reason, row.rows, _share(row.rows, total))
    if counted != total:
        # Never to be seen; if it ever is, it is not to be hidden.
        yield (UNACCOUNTED, None, total - counted, _share(total - counted, total))
    yield (ALL, None, total, _share(total, total))


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.4f}" if whole else "0.0000"

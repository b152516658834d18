"""What a report adds up to, and by what it is known again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.reports import store
from campaign.reports.csv_file import Written
from models.campaign import Campaign
from models.states import OPEN_STATES, CampaignState

ENDED = frozenset({CampaignState.COMPLETED, CampaignState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals line of a report.

    lines    without the header; sha256 is of the whole file, as `sha256sum` gives it
    counts   lines by status in `recipients`, by kind in `replies`; empty for the others
    due      lines that there have to be: rows uploaded, or rows refused; None where no number is due
    open     rows that may still change; the report of a campaign that has not ended is a snapshot
    """

    campaign: str
    kind: str
    lines: int
    sha256: str
    counts: Mapping[str, int]
    due: int | None
    adds_up: bool
    state: str
    snapshot: bool
    open: int
    written_at: datetime


def totals_of(session: Session, campaign: Campaign, kind: str, written: Written) -> Totals:
    """The totals of a report that was written through this database session."""
    listing = store.listing(session, campaign.id)
    due = {"recipients": listing.row_count, "rejected": listing.rejected_count}.get(kind) if listing else None
    return Totals(
        campaign=campaign.name,
        kind=kind,
        lines=written.lines,
        sha256=written.sha256,
        counts=written.tally,
        due=due,
        adds_up=due is None or due == written.lines,
        state=campaign.state,
        snapshot=campaign.state not in ENDED,
        open=sum(count for word, count in written.tally.items() if word in OPEN_STATES),
        written_at=store.snapshot_at(session),
    )

"""A report of any kind to a CSV file."""

from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from campaign.errors import UsageError
from campaign.reports.errors import write_errors
from campaign.reports.recipients import write_recipients
from campaign.reports.rejected import write_rejected
from campaign.reports.summary import write_summary
from models.campaign import Campaign

KINDS: Mapping[str, Callable[[Session, Campaign, Path], int]] = {
    "recipients": write_recipients,
    "summary": write_summary,
    "errors": write_errors,
    "rejected": write_rejected,
}


def write_report(session: Session, campaign: Campaign, kind: str, out: Path) -> int:
    """Write a report; the number of its lines, without the header.

    raises  UsageError when there is no such kind, or the file cannot be written
    """
    if kind not in KINDS:
        raise UsageError(f"there is no report {kind!r}; choose one of {', '.join(KINDS)}")
    return KINDS[kind](session, campaign, out)

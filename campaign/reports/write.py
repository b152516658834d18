"""A report of any kind to a CSV file."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from sqlalchemy.orm import Session

from campaign.errors import UsageError
from campaign.reports.csv_file import Written
from campaign.reports.errors import write_errors
from campaign.reports.recipients import write_recipients
from campaign.reports.rejected import write_rejected
from campaign.reports.replies import write_replies
from campaign.reports.summary import write_summary
from campaign.reports.totals import Totals
from models.campaign import Campaign

KINDS: Mapping[str, Callable[[Session, Campaign, Path], Written]] = {
    "recipients": write_recipients,
    "summary": write_summary,
    "errors": write_errors,
    "rejected": write_rejected,
    "replies": write_replies,
}


def write_report(session: Session, campaign: Campaign, kind: str, out: Path) -> Written:
    """Write a report; `out` may be `-` for standard output.

    raises  UsageError when there is no such kind, or the file cannot be written
    """
    if kind not in KINDS:
        raise UsageError(f"there is no report {kind!r}; choose one of {', '.join(KINDS)}")
    return KINDS[kind](session, campaign, out)


def write_totals(totals: Totals, out: Path) -> None:
    """Write the totals of a report as JSON.

    raises  UsageError when the file cannot be written
    """
    content = asdict(totals) | {"written_at": totals.written_at.isoformat()}
    try:
        out.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}; choose another --totals") from None

"""Failures of a campaign by the platform's code: how many, what class, what it means, an example in its words."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from campaign.reports import store
from campaign.reports.csv_file import Cell, Written, write_csv
from campaign.sending.error_table import rule_for
from models.campaign import Campaign

COLUMNS = ("error_code", "class", "meaning", "messages", "earlier_attempts", "example")
UNKNOWN_CLASS = "unknown"


def write_errors(session: Session, campaign: Campaign, out: Path) -> Written:
    """Write the report.

    messages          that ended in failure with this code, or were dropped
    earlier_attempts  that ended with it and were followed by another try

    raises  UsageError when the file cannot be written
    """
    return write_csv(out, COLUMNS, error_lines(session, campaign.id))


def error_lines(session: Session, campaign_id: int) -> Iterator[Sequence[Cell]]:
    """The lines of the report."""
    for row in store.failures(session, campaign_id):
        rule = rule_for(row.error_code, row.example or "")
        yield (
            row.error_code,
            rule.action.value if rule else UNKNOWN_CLASS,
            rule.sentence if rule else "A code that we do not know; it was not sent again.",
            int(row.messages),
            int(row.attempts),
            row.example,
        )

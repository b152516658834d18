"""What people answered, a line per reply, with the row of the list that it answers."""

from pathlib import Path

from sqlalchemy.orm import Session

from campaign.reports import store
from campaign.reports.csv_file import Written, write_csv
from models.campaign import Campaign

COLUMNS = (
    *("row", "phone", "name", "status", "kind", "text", "payload", "opted_out", "attributed_by", "received_at"),
    *("wamid", "user_id"),
)
FEWEST = COLUMNS.index("wamid") + 1
"""Columns that the report has had from the beginning; an earlier version wrote no more."""


def write_replies(session: Session, campaign: Campaign, out: Path) -> Written:
    """Write the report, in the order in which people answered; lines are tallied by kind.

    raises  UsageError when the file cannot be written
    """
    return write_csv(out, COLUMNS, store.replies(session, campaign.id), count="kind")

"""The refused rows as they were uploaded, each with its reason and what to do: to be mended and uploaded again."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from campaign.audience.reasons import SENTENCES
from campaign.reports import store
from campaign.reports.csv_file import Cell, write_csv
from models.campaign import Campaign

OWN_COLUMNS = ("row", "reason", "text", "what_to_do")


def write_rejected(session: Session, campaign: Campaign, out: Path) -> int:
    """Write the report; the number of lines.

    raises  UsageError when the file cannot be written
    """
    listing = store.listing(session, campaign.id)
    columns = list(listing.columns) if listing else []
    return write_csv(out, (*OWN_COLUMNS, *columns), _lines(session, campaign.id, columns))


def _lines(session: Session, campaign_id: int, columns: Sequence[str]) -> Iterator[Sequence[Cell]]:
    advice = {reason.value: sentence for reason, sentence in SENTENCES.items()}
    for row in store.rejected(session, campaign_id):
        # A ragged row may have values beyond the columns, or none for some of them.
        raw = [row.raw.get(column) for column in columns]
        values = [None if value is None else str(value) for value in raw]
        yield (row.row_number, row.reason, row.text, advice.get(row.reason), *values)

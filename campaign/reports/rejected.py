"""The refused rows as they were uploaded, each with its reason and what to do: to be mended and uploaded again.

Uploaded again, the columns that the report put in front are left out, and a cell is what it was: `list → report → list`
gives the same rows. A row that could not be split into fields stands whole in `raw_row`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from campaign.audience.reasons import SENTENCES
from campaign.audience.rows import MORE_FIELDS, REPORT_COLUMNS, WHOLE_LINE
from campaign.reports import store
from campaign.reports.csv_file import Cell, Written, as_uploaded, write_csv
from models.campaign import Campaign


def write_rejected(session: Session, campaign: Campaign, out: Path) -> Written:
    """Write the report.

    raises  UsageError when the file cannot be written
    """
    return write_csv(out, rejected_columns(session, campaign), rejected_lines(session, campaign))


def rejected_columns(session: Session, campaign: Campaign) -> tuple[str, ...]:
    """The columns of the report: ours, then those of the list."""
    listing = store.listing(session, campaign.id)
    return (*REPORT_COLUMNS, *(listing.columns if listing else ()))


def rejected_lines(session: Session, campaign: Campaign) -> Iterator[Sequence[Cell]]:
    """The lines of the report, fetched as they are asked for."""
    columns = rejected_columns(session, campaign)[len(REPORT_COLUMNS) :]
    advice = {reason.value: sentence for reason, sentence in SENTENCES.items()}
    for row in store.rejected(session, campaign.id):
        whole = row.raw.get(WHOLE_LINE) or row.raw.get(MORE_FIELDS)
        # A ragged row may have values beyond the columns, or none for some of them.
        values = [as_uploaded(row.raw.get(column)) for column in columns]
        yield (row.row_number, row.file_row, row.reason, row.text, advice.get(row.reason), whole, *values)

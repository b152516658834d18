"""Rows of a list of people that were not recorded, as CSV: mended and given again like a campaign's refused rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from campaign.audience.reasons import SENTENCES
from campaign.audience.rows import MORE_FIELDS, REPORT_COLUMNS, WHOLE_LINE
from campaign.consent.ledger import KeepRefused, RejectedConsent, keep_none
from campaign.reports.csv_file import Cell, as_lines, as_texts, as_uploaded, whole_file


@contextmanager
def refused_people(out: Path | None) -> Iterator[KeepRefused]:
    """Hands out what takes the rows; their file is there when the block ends well. Without a file none is kept.

    raises  UsageError when the file cannot be written
    """
    if out is None:
        yield keep_none
        return
    with whole_file(out, "--rejected") as file:

        def keep(columns: Sequence[str], rows: Sequence[RejectedConsent]) -> None:
            lines = [as_texts((*REPORT_COLUMNS, *columns))] if not file.tell() else []
            lines += [as_texts(_line(row, columns)) for row in rows]
            file.write(as_lines(lines).encode())

        yield keep


def _line(row: RejectedConsent, columns: Sequence[str]) -> Sequence[Cell]:
    whole = row.raw.get(WHOLE_LINE) or row.raw.get(MORE_FIELDS)
    values = [as_uploaded(row.raw.get(column)) for column in columns]
    ours = (row.row_number, row.file_row, row.reason.value, f"The row {row.text}.", SENTENCES[row.reason], whole)
    return (*ours, *values)

"""Rows from elsewhere (a workbook, a query) set down as a plain CSV file, within a bound; read like any other list."""

import csv
import math
import os
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from campaign.audience.bounds import megabytes
from campaign.audience.list_format import ListFormat, sha256_of
from campaign.errors import BadList

_BLANK: tuple[str, ...] = ()


def write_rows(path: Path, rows: Iterable[Sequence[object]], *, most_bytes: int, what: str) -> int:
    """Write rows as cells of text; how many. A row of empty cells is a blank line.

    raises  BadList, naming `what`, beyond the bound
    """
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in rows:
            cells = [as_cell(value) for value in row]
            writer.writerow(cells if any(cells) else _BLANK)
            count += 1
            if count % 1000 == 0 and file.tell() > most_bytes:
                raise BadList(
                    f"{what} has more than {megabytes(most_bytes)}; ask for less, or raise CAMPAIGN_UNPACKED_MAX_BYTES"
                )
    return count


def as_cell(value: object) -> str:
    """A value as a person would have typed it: whole numbers without a fraction, dates in ISO 8601."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, datetime):
        # A spreadsheet has no dates, only moments: midnight without a zone is a date.
        midnight = value.time() == time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def spool_file() -> Path:
    """A new empty file that only we can read."""
    handle, name = tempfile.mkstemp(prefix="campaign-list-", suffix=".csv")
    os.close(handle)
    return Path(name)


def format_of(path: Path) -> ListFormat:
    """How a file of `write_rows` is to be read."""
    return ListFormat(sha256_of(path), "utf-8", ",")


def _number(value: float | Decimal) -> str:
    # Excel keeps every number as a float; a phone has at most 15 digits and fits exactly.
    if math.isfinite(value) and abs(float(value)) < 1e20 and value == int(value):
        return str(int(value))
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)

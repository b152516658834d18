"""CSV that is there whole or not at all, and whose cells a spreadsheet takes for what they are."""

import csv
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TextIO

from campaign.errors import UsageError

Cell = str | int | bool | datetime | None

_PHONE = re.compile(r"\+\d{6,15}")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(out: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write a header and rows; the number of rows. An earlier file is replaced only by a complete one.

    raises  UsageError when the file cannot be written
    """
    count = 0
    with _whole_file(out) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([as_text(value) for value in row])
            count += 1
    return count


def as_text(value: Cell) -> str:
    """A value as it stands in a cell: times in ISO 8601 with offset, yes and no as `true` and `false`.

    What a spreadsheet would run as a formula gets an apostrophe in front. A phone in E.164 does not: `+5255…` is a
    number whatever opens it, and whoever reads the file by program needs it as it is.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    text = str(value)
    dangerous = isinstance(value, str) and text.startswith(_FORMULA_STARTS) and not _PHONE.fullmatch(text)
    return f"'{text}" if dangerous else text


@contextmanager
def _whole_file(out: Path) -> Iterator[TextIO]:
    """A file beside `out` that takes its place at the end of the block, and vanishes when the block raises."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        if out.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(out)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}; choose another --out") from None
    finally:
        part.unlink(missing_ok=True)

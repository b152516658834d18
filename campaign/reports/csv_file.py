"""CSV that is there whole or not at all, and whose cells a spreadsheet takes for what they are."""

import csv
import io
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from campaign.errors import UsageError

Cell = str | int | bool | datetime | Decimal | None

STDOUT = Path("-")
"""The name by which standard output is asked for."""

ROWS_AT_ONCE = 2000

_PHONE = re.compile(r"\+\d{6,15}")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_FIRST = frozenset(_FORMULA_STARTS)
_APOSTROPHE_OF_ITS_OWN = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
"""What would be taken for a cell that `as_text` saved from being calculated."""


class Written(NamedTuple):
    """A report as it was written.

    lines   without the header
    sha256  of the whole file, header included, as `sha256sum` gives it
    tally   lines by the text of the column that was counted, where one was
    """

    lines: int
    sha256: str
    tally: Mapping[str, int]


def write_csv(out: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]], count: str | None = None) -> Written:
    """Write a header and rows, in bounded memory. An earlier file is replaced only by a complete one.

    out     a file, or `-` for standard output
    count   the column whose texts are tallied
    raises  UsageError when the file cannot be written
    """
    digest, tally = sha256(), Counter[str]()
    place = columns.index(count) if count else None
    lines = 0
    with whole_file(out) as file:
        for portion in _portions(columns, rows):
            content = as_lines(portion).encode()
            digest.update(content)
            file.write(content)
            if place is not None:
                tally.update(line[place] for line in portion)
            lines += len(portion)
    if place is not None:
        tally[columns[place]] -= 1  # the header
    return Written(lines - 1, digest.hexdigest(), dict(+tally))


def _portions(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[list[Sequence[str]]]:
    """The header, then the rows as texts, some thousand at a time."""
    texts = chain([as_texts(columns)], map(as_texts, rows))
    return iter(lambda: list(islice(texts, ROWS_AT_ONCE)), [])


def as_lines(rows: Iterable[Sequence[str]]) -> str:
    """Rows of texts as they stand in a file."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def as_text(value: Cell) -> str:
    """A value as it stands in a cell: times in ISO 8601 with offset, yes and no as `true` and `false`.

    What a spreadsheet would run as a formula gets an apostrophe in front. A phone in E.164 does not: `+5255…` is a
    number whatever opens it, and whoever reads the file by program needs it as it is.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        dangerous = value.startswith(_FORMULA_STARTS) and not _PHONE.fullmatch(value)
        return f"'{value}" if dangerous else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def as_uploaded(value: object) -> str | None:
    """A cell that is what it was when the apostrophe that `as_text` may put in front is taken away again."""
    text = None if value is None else str(value)
    return f"'{text}" if text and _APOSTROPHE_OF_ITS_OWN.match(text) else text


def as_texts(row: Sequence[Cell]) -> list[str]:
    """The cells of a row."""
    # Most cells are plain texts or empty: these need no call.
    return [
        "" if value is None else value if value.__class__ is str and value[:1] not in _FIRST else as_text(value)
        for value in row
    ]


@contextmanager
def whole_file(out: Path, option: str = "--out") -> Iterator[BinaryIO]:
    """A file beside `out` that takes its place at the end of the block, and vanishes when the block raises.

    option   by which it was named
    raises   UsageError when it cannot be written
    """
    if out == STDOUT:
        with _standard_output() as file:
            yield file
        return
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        if out.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        with part.open("wb") as file:
            yield file
        part.replace(out)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}; choose another {option}") from None
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever read has gone; without this, Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise UsageError("standard output was closed before the report was whole; write it to a file") from None

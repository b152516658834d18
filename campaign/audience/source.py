"""An uploaded list, read in chunks.

Rows are numbered from 1 for the first row below the header. Blank lines are no rows and are not counted; a cell with
line breaks does not end its row. A row that cannot be split, or has more or fewer fields than the header, is handed
on with its problem: it is a rejected row, never the end of the list.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import NamedTuple, TextIO

import pandas as pd

from campaign.audience.columns import column_names, find_name_column, find_phone_column
from campaign.audience.list_format import ListFormat, detect_format
from campaign.audience.reasons import RejectReason
from campaign.audience.records import LONGEST_LINE, Unreadable, physical_lines, split_records
from campaign.errors import BadList

MORE_FIELDS = "(more fields)"
WHOLE_LINE = "(whole line)"
"""Names under which a rejected row keeps what belongs to no column."""
_KEPT_CHARACTERS = 2_000
"""Of a line that could not be split, for the person who mends it."""
_BLOCK_CHARACTERS = 16_000_000
"""Bounds a chunk of very long lines."""


class RawRow(NamedTuple):
    """One row as text. `number` is 1 for the first data row; `problem` says why it cannot be used as it is."""

    number: int
    values: dict[str, str]
    problem: RejectReason | None = None
    problem_text: str = ""


@dataclass(frozen=True, slots=True)
class ListSource:
    """A list that can be read: its columns are known, and which of them holds the phone."""

    path: Path
    columns: list[str]
    phone_column: str
    name_column: str | None
    sha256: str
    format: ListFormat = field(repr=False)

    def chunks(self, rows: int) -> Iterator[list[RawRow]]:
        """The rows of the list, about `rows` at a time; memory does not grow with the list."""
        number = 0
        with _opened(self.path, self.format) as stream:
            lines = physical_lines(stream)
            _header(self.path, lines, self.format)
            while block := _next_block(lines, rows):
                cells = self._tidy(block)
                chunk = self._careful(block, lines, number) if cells is None else self._rows(cells, number)
                if chunk:
                    number = chunk[-1].number
                    yield chunk

    def _rows(self, cells: Iterable[Sequence[str]], number: int) -> list[RawRow]:
        columns = self.columns
        return [RawRow(n, dict(zip(columns, row, strict=True))) for n, row in enumerate(cells, number + 1)]

    def _tidy(self, block: list[str]) -> Iterable[Sequence[str]] | None:
        """The cells of a block in which every line is a row with all its fields, as nearly all are."""
        text = "".join(block)
        if max(map(len, block)) >= LONGEST_LINE or not text.strip():
            return None
        if '"' in text:
            return self._quoted(block)
        delimiter, delimiters = self.format.delimiter, len(self.columns) - 1
        return self._unquoted(text) if {line.count(delimiter) for line in block} == {delimiters} else None

    def _quoted(self, block: list[str]) -> list[list[str]] | None:
        try:
            records = list(csv.reader(block, delimiter=self.format.delimiter, strict=True))
        except csv.Error:
            return None
        # One record per line, each complete: no cell spans lines and no line is blank.
        tidy = len(records) == len(block) and set(map(len, records)) == {len(self.columns)}
        # In a single column a blank line would pass for a row.
        return records if tidy and len(self.columns) > 1 else None

    def _unquoted(self, text: str) -> Iterable[Sequence[str]]:
        # Cells stay Python's own strings: nothing becomes a number, and no word becomes a missing value.
        frame = pd.read_csv(
            StringIO(text),
            sep=self.format.delimiter,
            header=None,
            names=self.columns,
            index_col=False,
            dtype=object,
            na_filter=False,
            quoting=csv.QUOTE_NONE,
            engine="c",
        )
        return zip(*(frame[column].tolist() for column in frame.columns), strict=True)

    def _careful(self, block: list[str], more: Iterator[str], number: int) -> list[RawRow]:
        chunk: list[RawRow] = []
        for record in split_records(block, more, delimiter=self.format.delimiter, width=len(self.columns)):
            if not _blank(record):
                number += 1
                chunk.append(_raw_row(number, record, self.columns))
        return chunk


def open_list(path: Path, *, phone_column: str | None) -> ListSource:
    """Look at a list without keeping it: format, columns, and whether there is anything in it.

    phone_column  the column that holds the phone, where its header does not say so
    raises        NotFound or BadList, naming the file and the next step
    """
    form = detect_format(path)
    with _opened(path, form) as stream:
        lines = physical_lines(stream)
        columns = column_names(_header(path, lines, form))
        found = find_phone_column(columns, phone_column, path)
        if not any(line.strip() for line in lines):
            raise BadList(f"{path} has a header ({', '.join(columns[:12])}) but no rows; export the list again")
    return ListSource(path, columns, found, find_name_column(columns), form.sha256, form)


def _opened(path: Path, form: ListFormat) -> TextIO:
    # A stray byte costs a character of its cell, not the list; line ends of all systems become one.
    stream = path.open(encoding=form.encoding, errors="replace")
    for _ in range(form.skipped_lines):
        stream.readline()
    return stream


def _header(path: Path, lines: Iterator[str], form: ListFormat) -> list[str]:
    """The first record that is not blank; it may hold line breaks in quotation marks."""
    for line in lines:
        record = next(split_records([line], lines, delimiter=form.delimiter, width=None))
        if isinstance(record, Unreadable):
            raise BadList(f"the header of {path} {record.text}; correct it")
        if not _blank(record):
            return record
    return []


def _next_block(lines: Iterator[str], rows: int) -> list[str]:
    """The next lines, fewer than `rows` of them when they are long."""
    block, characters = [], 0
    for line in lines:
        block.append(line)
        characters += len(line)
        if len(block) >= rows or characters >= _BLOCK_CHARACTERS:
            break
    return block


def _blank(record: list[str] | Unreadable) -> bool:
    return isinstance(record, list) and (not record or (len(record) == 1 and not record[0].strip()))


def _raw_row(number: int, record: list[str] | Unreadable, columns: Sequence[str]) -> RawRow:
    if isinstance(record, Unreadable):
        kept = {WHOLE_LINE: record.line.rstrip("\n")[:_KEPT_CHARACTERS]}
        return RawRow(number, kept, RejectReason.UNREADABLE_ROW, record.text)
    values = dict(zip(columns, record, strict=False))
    if len(record) == len(columns):
        return RawRow(number, values)
    if len(record) > len(columns):
        values[MORE_FIELDS] = " | ".join(record[len(columns) :])[:_KEPT_CHARACTERS]
    return RawRow(number, values, RejectReason.RAGGED_ROW, f"has {len(record)} fields, the header has {len(columns)}")

"""An uploaded list, read in chunks: a CSV, packed or not, or a sheet of a workbook.

Rows are numbered from 1 for the first row below the header. Blank lines are no rows and are not counted; a cell with
line breaks does not end its row. A row that cannot be split, or has more or fewer fields than the header, is handed
on with its problem: it is a rejected row, never the end of the list.
"""

import re
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from campaign.audience.bounds import DEFAULT_BOUNDS, Bounds
from campaign.audience.columns import column_names, find_name_column, find_phone_column
from campaign.audience.list_format import ListFormat, detect_format, kind_of, sha256_of
from campaign.audience.packing import Packing, open_unpacked
from campaign.audience.reasons import RejectReason
from campaign.audience.records import LONGEST_LINE, Unreadable, physical_lines, split_records
from campaign.audience.rows import MORE_FIELDS, REPORT_COLUMNS, WHOLE_LINE, RawRow, TidyRows
from campaign.audience.spool import format_of
from campaign.audience.tidy_text import split_plainly
from campaign.audience.workbook import sheet_as_csv
from campaign.errors import BadList, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MORE_FIELDS", "WHOLE_LINE", "ListSource", "RawRow", "open_list", "open_spool"]

_REASON = REPORT_COLUMNS.index("reason")
_KEPT_CHARACTERS = 2_000
"""Of a line that could not be split, for the person who mends it."""
_BLOCK_CHARACTERS = 16_000_000
"""Bounds a chunk of very long lines."""


_SAVED_FROM_FORMULAS = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
"""How reports write a cell that a spreadsheet would calculate; an apostrophe more than it had."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class ListSource:
    """A list that can be read: its columns are known, and which of them holds the phone.

    path    the CSV that is read: the list itself, or what was set down of a workbook or a query
    name    what the list is called; `upload` is the file to keep, where there is one
    report  it is our report of rejected rows, mended: its own columns are left out
    how     how it was read, as it is told and kept
    """

    path: Path
    columns: list[str]
    phone_column: str
    name_column: str | None
    sha256: str
    format: ListFormat = field(repr=False)
    name: str = ""
    upload: Path | None = None
    report: bool = False
    how: Mapping[str, Any] = field(default_factory=dict)
    bounds: Bounds = field(default=DEFAULT_BOUNDS, repr=False)

    def chunks(self, rows: int) -> Iterator[Sequence[RawRow]]:
        """The rows of the list, about `rows` at a time; memory does not grow with the list."""
        number = 0
        with _opened(self.path, self.format, self.bounds) as stream:
            lines = physical_lines(stream)
            _, above = _header(self.path, lines, self.format)
            while block := _next_block(lines, rows):
                chunk: Sequence[RawRow]
                if (table := self._tidy(block)) is not None:
                    chunk = TidyRows(table, number, above)
                else:
                    chunk, above = self._careful(block, lines, number, above)
                if chunk:
                    number += len(chunk)
                    yield chunk

    def _tidy(self, block: list[str]) -> "pa.Table | None":
        """The cells of a block in which every line is a row with all its fields, as nearly all are."""
        if self.report or max(map(len, block)) >= LONGEST_LINE:
            return None
        return split_plainly(block, self.columns, self.format.delimiter)

    def _careful(self, block: list[str], more: Iterator[str], number: int, above: int) -> tuple[list[RawRow], int]:
        """The rows of any block; and how many records that are no rows stand above the next."""
        chunk: list[RawRow] = []
        own = len(REPORT_COLUMNS) if self.report else 0
        for record in split_records(block, more, delimiter=self.format.delimiter, width=len(self.columns) + own):
            if _blank(record):
                above += 1
                continue
            number += 1
            cells = _as_uploaded(record[own:]) if self.report and isinstance(record, list) else record
            row = _raw_row(number, cells, self.columns, number + above)
            chunk.append(_once(row) if own and record[_REASON:own][:1] == [RejectReason.DUPLICATE] else row)
        return chunk, above


def open_list(
    path: Path, *, phone_column: str | None, sheet: str | None = None, bounds: Bounds = DEFAULT_BOUNDS
) -> ListSource:
    """Look at a list without keeping it: format, columns, and whether there is anything in it.

    phone_column  the column that holds the phone, where its header does not say so
    sheet         of a workbook; None is the first with anything in it
    raises        NotFound, BadList or UsageError, naming the file and the next step
    """
    if kind_of(path) is Packing.WORKBOOK:
        with sheet_as_csv(path, sheet, bounds) as found:
            return open_spool(found.csv, path, phone_column=phone_column, how=found.how, bounds=bounds, upload=path)
    if sheet is not None:
        raise UsageError(f"--sheet {sheet}: {path} is no workbook; leave it out")
    form = detect_format(path, bounds)
    columns, report = _looked_at(path, path, form, bounds)
    found_phone = find_phone_column(columns, phone_column, path)
    how: dict[str, Any] = {"kind": "csv", "words": form.words, "encoding": form.encoding, "delimiter": form.delimiter}
    how |= {"decimals": form.decimals, "packing": form.packing.value}
    return ListSource(
        path, columns, found_phone, find_name_column(columns), form.sha256, form,
        name=path.name, upload=path, report=report, how=how, bounds=bounds,
    )  # fmt: skip


def open_spool(
    spool: Path,
    shown: Path,
    *,
    phone_column: str | None,
    how: Mapping[str, Any],
    bounds: Bounds,
    upload: Path | None = None,
) -> ListSource:
    """What was set down as CSV of something else, `shown` in messages; the file goes when the source does."""
    form = format_of(spool)
    columns, report = _looked_at(spool, shown, form, bounds)
    sha256 = sha256_of(upload) if upload else form.sha256
    found_phone = find_phone_column(columns, phone_column, shown)
    source = ListSource(
        spool, columns, found_phone, find_name_column(columns), sha256, form,
        name=shown.name, upload=upload, report=report, how=how, bounds=bounds,
    )  # fmt: skip
    weakref.finalize(source, spool.unlink, missing_ok=True)
    return source


def _looked_at(path: Path, shown: Path, form: ListFormat, bounds: Bounds) -> tuple[list[str], bool]:
    """The columns of a list that has rows, and whether it is a report of ours that was mended."""
    with _opened(path, form, bounds) as stream:
        lines = physical_lines(stream)
        header, _ = _header(shown, lines, form)
        report = tuple(header[: len(REPORT_COLUMNS)]) == REPORT_COLUMNS
        columns = column_names(_as_uploaded(header[len(REPORT_COLUMNS) :]) if report else header)
        if not any(line.strip() for line in lines):
            raise BadList(f"{shown} has a header ({', '.join(columns[:12])}) but no rows; export the list again")
    return columns, report


def _opened(path: Path, form: ListFormat, bounds: Bounds) -> TextIO:
    # A stray byte costs a character of its cell, not the list; line ends of all systems become one.
    stream = TextIOWrapper(open_unpacked(path, form.packing, bounds), encoding=form.encoding, errors="replace")
    for _ in range(form.skipped_lines):
        stream.readline()
    return stream


def _header(path: Path, lines: Iterator[str], form: ListFormat) -> tuple[list[str], int]:
    """The first record that is not blank, and how many records it stands at; it may hold line breaks in quotes."""
    for count, line in enumerate(lines, start=1):
        record = next(split_records([line], lines, delimiter=form.delimiter, width=None))
        if isinstance(record, Unreadable):
            raise BadList(f"the header of {path} {record.text}; correct it")
        if not _blank(record):
            return record, count
    return [], 0


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


def _as_uploaded(cells: list[str]) -> list[str]:
    """Cells of a report as they were in the list: without what saves a spreadsheet from calculating them."""
    return [cell[1:] if cell.startswith("'") and _SAVED_FROM_FORMULAS.match(cell) else cell for cell in cells]


def _once(row: RawRow) -> RawRow:
    """A row that stood in its list a second time: the first one has its message, so this one gets none anywhere."""
    words = "stood twice in the list that this report is of; clear the reason to use it all the same"
    return row if row.problem else row._replace(problem=RejectReason.DUPLICATE, problem_text=words)


def _raw_row(number: int, record: list[str] | Unreadable, columns: Sequence[str], file_row: int) -> RawRow:
    if isinstance(record, Unreadable):
        kept = {WHOLE_LINE: record.line.rstrip("\n")[:_KEPT_CHARACTERS]}
        return RawRow(number, kept, RejectReason.UNREADABLE_ROW, record.text, file_row)
    values = dict(zip(columns, record, strict=False))
    if len(record) == len(columns):
        return RawRow(number, values, None, "", file_row)
    if len(record) > len(columns):
        values[MORE_FIELDS] = " | ".join(record[len(columns) :])[:_KEPT_CHARACTERS]
    words = f"has {len(record)} fields, the header has {len(columns)}"
    return RawRow(number, values, RejectReason.RAGGED_ROW, words, file_row)

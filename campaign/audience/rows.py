"""Rows of a list as text, whatever the list was: what every source hands on."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from campaign.audience.json_text import json_object, json_rows
from campaign.audience.people import column_of, frame_of, number_array
from campaign.audience.reasons import RejectReason
from campaign.text_arrays import text_array

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MORE_FIELDS = "(more fields)"
WHOLE_LINE = "(whole line)"
"""Names under which a rejected row keeps what belongs to no column."""

REPORT_COLUMNS = ("row", "file_row", "reason", "text", "what_to_do", "raw_row")
"""With which the report of rejected rows begins. Uploaded again, they are left out and the list's own columns stay."""


class RawRow(NamedTuple):
    """One row as text. `number` is 1 for the first data row; `problem` says why it cannot be used as it is.

    file_row  the row as a spreadsheet numbers it: header and blank rows count
    """

    number: int
    values: dict[str, str]
    problem: RejectReason | None = None
    problem_text: str = ""
    file_row: int = 0


class TidyRows(Sequence[RawRow]):
    """Rows with a cell for every column and without a problem, kept column by column.

    Nearly all rows are so. Whoever works on many takes `frame`, whose columns are Arrow's strings and whose index is
    the number of the row; a `RawRow` is made where one is asked for.
    """

    __slots__ = ("_above", "_columns", "numbers")

    def __init__(self, table: "pa.Table", before: int, above: int) -> None:
        """`before` is the number of the row before the first; `above` as many records above it are no rows."""
        self.numbers = range(before + 1, before + 1 + len(table))
        self._columns = dict(zip(table.column_names, table.columns, strict=True))
        self._above = above

    @property
    def frame(self) -> "pd.DataFrame":
        """All of them at once."""
        return frame_of(self._columns, self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, at: int) -> RawRow: ...
    @overload
    def __getitem__(self, at: slice) -> list[RawRow]: ...
    def __getitem__(self, at: int | slice) -> RawRow | list[RawRow]:
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        return self._row(self.numbers[at], [column[at].as_py() for column in self._columns.values()])

    def __iter__(self) -> Iterator[RawRow]:
        columns = [column.to_pylist() for column in self._columns.values()]
        return map(self._row, self.numbers, zip(*columns, strict=True))

    def _row(self, number: int, cells: Sequence[str]) -> RawRow:
        return RawRow(number, dict(zip(self._columns, cells, strict=True)), None, "", number + self._above)


def kept_rows(rows: Sequence[RawRow], numbers: Sequence[int]) -> "tuple[pa.Array[Any], pa.Array[Any]]":
    """Of some rows of a chunk, by their numbers: where they stand in the file, and all their cells as JSON."""
    before = rows[0].number
    if isinstance(rows, TidyRows):
        above = rows[0].file_row - before
        cells = rows.frame.iloc[[number - before for number in numbers]]
        raw = json_rows({name: column_of(cells, name) for name in cells.columns})
        return number_array([number + above for number in numbers]), raw
    some = [rows[number - before] for number in numbers]
    return number_array([row.file_row for row in some]), text_array([json_object(row.values) for row in some])

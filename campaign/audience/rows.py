"""Rows of a list as text, whatever the list was: what every source hands on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, overload

from campaign.audience.reasons import RejectReason

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

    Nearly all rows are so. Whoever works on many takes `columns`; a `RawRow` is made where one is asked for.
    """

    __slots__ = ("_above", "columns", "numbers")

    def __init__(self, names: Sequence[str], columns: Sequence[Sequence[str]], before: int, above: int) -> None:
        """`before` is the number of the row before the first; `above` as many records above it are no rows."""
        self.columns: Mapping[str, Sequence[str]] = dict(zip(names, columns, strict=True))
        self.numbers = range(before + 1, before + 1 + len(columns[0]))
        self._above = above

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, at: int) -> RawRow: ...
    @overload
    def __getitem__(self, at: slice) -> list[RawRow]: ...
    def __getitem__(self, at: int | slice) -> RawRow | list[RawRow]:
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        return self._row(self.numbers[at], [column[at] for column in self.columns.values()])

    def __iter__(self) -> Iterator[RawRow]:
        return map(self._row, self.numbers, zip(*self.columns.values(), strict=True))

    def _row(self, number: int, cells: Sequence[str]) -> RawRow:
        return RawRow(number, dict(zip(self.columns, cells, strict=True)), None, "", number + self._above)

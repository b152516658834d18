"""Lines to cells where a list is plain, by Arrow: many lines at once, and only where no reading but one is possible."""

import csv
import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from campaign.text_arrays import all_of, any_of

if TYPE_CHECKING:
    import pyarrow as pa


def split_plainly(lines: list[str], columns: Sequence[str], delimiter: str) -> "pa.Table | None":
    """The cells of lines each of which is a row with a cell for every column; None when one of them may not be."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = "".join(lines)
    if '"' in text and not all_of(pc.match_substring_regex(pa.array(lines), _complete(delimiter))):
        return _split_by_marks(lines, columns, delimiter)
    table = _split(text.encode(), columns, delimiter)
    # Blank lines are left out, and are no rows.
    if table is None or len(table) != len(lines) or (len(columns) == 1 and _has_blanks(table.column(0))):
        return None
    return table.combine_chunks()


def _split(data: bytes, columns: Sequence[str], delimiter: str) -> "pa.Table | None":
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    try:
        return arrow_csv.read_csv(
            pa.py_buffer(data),
            # One thread: the others have their own work, and one block is one array for each column.
            read_options=arrow_csv.ReadOptions(column_names=columns, use_threads=False, block_size=len(data) + 1),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter),
            # Cells stay text: nothing becomes a number, and no word becomes a missing value.
            convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(columns, pa.string())),
        )
    except pa.ArrowInvalid:
        return None


def _split_by_marks(lines: list[str], columns: Sequence[str], delimiter: str) -> "pa.Table | None":
    """Cells with quotation marks of their own, such as inches: slower, by the reader that takes them as they are."""
    import pyarrow as pa

    try:
        records = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    # One record per line, each complete: no cell spans lines and no line is blank.
    if len(columns) == 1 or len(records) != len(lines) or set(map(len, records)) != {len(columns)}:
        return None
    return pa.table([pa.array(cells, pa.string()) for cells in zip(*records, strict=True)], names=list(columns))


@cache
def _complete(delimiter: str) -> str:
    """A line in which every quotation mark begins a cell, ends one or is doubled in one."""
    mark = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*"|[^"{mark}\n]*)'
    return rf"^{cell}(?:{mark}{cell})*\n?$"


def _has_blanks(cells: "pa.ChunkedArray") -> bool:
    import pyarrow.compute as pc

    return any_of(pc.equal(pc.utf8_trim_whitespace(cells), ""))

"""The people of a chunk as a frame: one row each, the index is the row of the list, the columns are Arrow's.

    phone_identity, phone_e164, region, name  text; null where the list does not tell
    attributes, parameters                    JSON objects as text
    template_id                               of the template in the person's language; null is the campaign's own
    zones                                     where the person may be, as far as the list tells; with a window only

Pandas and Arrow are loaded where a list is read: a worker that reads none need not carry them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def frame_of(columns: "Mapping[str, pa.Array[Any]]", numbers: "Sequence[int] | pd.Index[int]") -> "pd.DataFrame":
    """Arrow's columns as a frame; `numbers` are the rows of the list."""
    import pandas as pd

    if isinstance(numbers, range):
        numbers = pd.RangeIndex(numbers.start, numbers.stop, name="row_number")
    index = numbers if isinstance(numbers, pd.Index) else pd.Index(list(numbers), name="row_number", dtype="int64")
    return pd.DataFrame({name: pd.arrays.ArrowExtensionArray(column) for name, column in columns.items()}, index=index)


def column_of(frame: "pd.DataFrame", name: str) -> "pa.Array[Any]":
    """One column of a frame as Arrow has it."""
    import pyarrow as pa

    column: Any = pa.array(frame[name].array)
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def numbers_of(frame: "pd.DataFrame") -> "pa.Array[Any]":
    """The rows of the list that a frame holds."""
    import pyarrow as pa

    return pa.array(frame.index.to_numpy())


def number_array(numbers: "Sequence[int] | Sequence[int | None]") -> "pa.Array[Any]":
    """Numbers as an array; None is null."""
    import pyarrow as pa

    return pa.array(numbers, pa.int64())


def looked_up(numbers: Iterable[int], found: Mapping[int, int]) -> "pa.Array[Any]":
    """For each number what is found under it; null where nothing is."""
    return number_array([found.get(number) for number in numbers])

"""Whole columns of a list to the values of messages, where cells are sent as they are. Pure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from campaign.templates.lengths import FilledLength
from campaign.text_arrays import are_tidy, longest_of

if TYPE_CHECKING:
    import pyarrow as pa


class Straight(NamedTuple):
    """How many rows are filled at once: the filler of one row would do the same.

    constants  slot to text
    columns    slot to column; a cell is the value when `clean` has nothing to do in it and it is not empty
    lengths    of the texts that values may make too long
    """

    constants: Mapping[str, str]
    columns: Mapping[str, str]
    lengths: Sequence[FilledLength]

    def fits(self, texts: "Mapping[str, pa.Array[Any]]", count: int) -> "pa.Array[Any]":
        """Row by row, whether the texts are values as they are; a row where they are not needs the filler of one row.

        texts  slot to its texts, `count` of them
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        if count and self.lengths and self._may_be_too_long(texts):
            return pa.repeat(False, count)
        fit = pa.repeat(True, count)
        for column in texts.values():
            fit = pc.and_(fit, are_tidy(column))
        return fit

    def _may_be_too_long(self, texts: "Mapping[str, pa.Array[Any]]") -> bool:
        longest = {slot: longest_of(column) for slot, column in texts.items()} | dict(self.constants)
        return any(length.of(longest) > length.limit for length in self.lengths)


def straight_of(fill: Any) -> Straight | None:
    """How a filler of rows fills whole columns, if it can."""
    found = getattr(fill, "straight", None)
    return found if isinstance(found, Straight) else None

"""Whole columns of a list to the values of messages, where cells are sent as they are. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from campaign.templates.lengths import FilledLength


class Straight(NamedTuple):
    """How many rows are filled at once: the filler of one row would do the same.

    constants  slot to text
    columns    slot to column; a cell is the value when `clean` has nothing to do in it and it is not empty
    lengths    of the texts that values may make too long
    """

    constants: Mapping[str, str]
    columns: Mapping[str, str]
    lengths: Sequence[FilledLength]

    def fits(self, cells: Mapping[str, Sequence[str]], count: int) -> Sequence[bool]:
        """Row by row, whether the cells are values as they are; a row that is not needs the filler of one row.

        cells  column to its cells, `count` of them
        """
        used = {slot: cells[column] for slot, column in self.columns.items()}
        if count and self.lengths and self._may_be_too_long(used):
            return [False] * count
        clean = [[_is_clean(text) for text in texts] for texts in used.values()]
        return list(map(all, zip(*clean, strict=True))) if clean else [True] * count

    def _may_be_too_long(self, used: Mapping[str, Sequence[str]]) -> bool:
        longest = {slot: max(texts, key=len) for slot, texts in used.items()} | dict(self.constants)
        return any(length.of(longest) > length.limit for length in self.lengths)


def straight_of(fill: Any) -> Straight | None:
    """How a filler of rows fills whole columns, if it can."""
    found = getattr(fill, "straight", None)
    return found if isinstance(found, Straight) else None


def _is_clean(text: str) -> bool:
    return bool(text) and " ".join(text.split()) == text and "\x00" not in text

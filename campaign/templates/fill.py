"""One row of a list to the texts of its message. Pure.

Parameter values hold no newline, no tab and no run of spaces, and are never empty. Source: platform.md A.4, the notes
on parameter values (codes 132018 and 131008).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from campaign.templates.components import MessageBuilder, build_components
from campaign.templates.mapping import Mapped, complete_mapping, parse_mapping
from campaign.templates.slots import Slot, slots_of

__all__ = [
    "Filled",
    "Filler",
    "MessageBuilder",
    "MissingValue",
    "build_components",
    "clean",
    "make_filler",
    "parse_mapping",
    "slots_of",
]

Filled = dict[str, str]
"""Slot key to text."""


@dataclass(frozen=True, slots=True)
class MissingValue:
    """The row has nothing for a slot, and the mapping has no fallback."""

    slot: str
    column: str


Filler = Callable[[Mapping[str, str]], Filled | MissingValue]


def make_filler(mapping: Mapped, slots: Sequence[Slot], columns: Sequence[str]) -> Filler:
    """A function from one row (column to text) to the texts of its slots, prepared once for a whole list.

    raises  UsageError when the mapping does not fit the slots or the columns
    """
    complete = complete_mapping(mapping, slots, columns)
    constants = {slot.key: complete[slot.key]["text"] for slot in slots if "text" in complete[slot.key]}
    sources = [
        (slot.key, complete[slot.key]["column"], complete[slot.key].get("fallback"))
        for slot in slots
        if slot.key not in constants
    ]

    def fill(row: Mapping[str, str]) -> Filled | MissingValue:
        values = constants.copy()
        for key, column, fallback in sources:
            text = clean(row.get(column) or "") or fallback
            if not text:
                return MissingValue(key, column)
            values[key] = text
        return values

    return fill


def clean(text: str) -> str:
    """The text with every run of white space as one space, and without NUL, which no store takes."""
    joined = " ".join(text.split())
    return joined.replace("\x00", "") if "\x00" in joined else joined

"""One row of a list to the values of its message. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from campaign.templates.components import MessageBuilder, build_components
from campaign.templates.lengths import FilledLength
from campaign.templates.mapping import Mapped, complete_mapping, parse_mapping
from campaign.templates.slots import Slot, SlotUse, slots_of
from campaign.templates.straight import Straight
from campaign.templates.transforms import Rewrite, make_rewrite
from campaign.templates.values import PREPARE, Fault, Prepare, Unfit, clean, is_link, prepare

__all__ = [
    "Filled",
    "Filler",
    "MessageBuilder",
    "MissingValue",
    "RowFiller",
    "TemplateOf",
    "UnfitValue",
    "build_components",
    "clean",
    "make_filler",
    "parse_mapping",
    "slots_of",
]

Filled = dict[str, str]
"""Slot key to text."""

# What the platform refuses within a value, platform.md A.4.
_REFUSED_SPACE = re.compile(r"[\n\r\t]| {5}")


@dataclass(frozen=True, slots=True)
class MissingValue:
    """The row has nothing for a slot, and the mapping has no fallback."""

    slot: str
    column: str


@dataclass(frozen=True, slots=True)
class UnfitValue:
    """The row has a value that the platform would refuse; `text` is a sentence without its full stop."""

    slot: str
    fault: Fault
    text: str


Filler = Callable[[Mapping[str, str]], Filled | MissingValue | UnfitValue]
TemplateOf = Callable[[Mapping[str, str]], int | None]
"""A row to the id of the template in the person's language; None is the campaign's own."""


class _Source(NamedTuple):
    """Where one slot takes its value from, prepared for many rows."""

    key: str
    column: str
    fallback: str | None
    rewrite: Rewrite | None
    prepare: Prepare | None
    optional: bool
    media: bool
    plain: bool  # any text that is not empty is sent as it is


class RowFiller:
    """Fills the slots of one template from rows; counts as `notes` what was mended on the way.

    notes  `collapsed` (line breaks, tabs or long gaps became one space), `fallback`, `media_link`: values, not rows
    """

    def __init__(
        self,
        mapping: Mapped,
        slots: Sequence[Slot],
        lengths: Sequence[FilledLength] = (),
        now: datetime | None = None,
        language: str = "en_US",
    ) -> None:
        self.notes: Counter[str] = Counter()
        self._now = now
        self._constants = _constants(mapping, slots, now)
        self._sources = [
            _source(slot, mapping[slot.key], language) for slot in slots if "column" in mapping.get(slot.key, {})
        ]
        self._lengths = [length for length in lengths if length.uses]

    def __call__(self, row: Mapping[str, str]) -> Filled | MissingValue | UnfitValue:
        """The values of one row (column to text), or the first that cannot be sent."""
        values = self._constants.copy()
        for source in self._sources:
            raw = row.get(source.column) or ""
            text = clean(raw)
            if text != raw:
                self._note_space(raw)
            if not text or not source.plain:
                value = self._value(source, text)
                if isinstance(value, MissingValue | UnfitValue):
                    return value
                if value is None:
                    continue
                text = value
            values[source.key] = text
        return self._too_long(values) or values

    @property
    def straight(self) -> Straight | None:
        """How whole columns are filled, where cells are sent as they are; None when they are worked on."""
        if not all(source.plain for source in self._sources):
            return None
        return Straight(self._constants, {source.key: source.column for source in self._sources}, self._lengths)

    def _value(self, source: _Source, text: str) -> str | MissingValue | UnfitValue | None:
        """The value that is sent for a cleaned text; None where a slot may stay empty."""
        value: str | Unfit = _rewritten(source.rewrite, text) if source.rewrite and text else text
        if not value:
            if source.fallback is None:
                return None if source.optional else MissingValue(source.key, source.column)
            self.notes["fallback"] += 1
            value = source.fallback
        if source.prepare is not None and isinstance(value, str):
            value = source.prepare(value, self._now)
        if isinstance(value, Unfit):
            return UnfitValue(source.key, value.fault, f"{source.column} {value.text}, for {source.key}")
        if source.media and is_link(value):
            self.notes["media_link"] += 1
        return value

    def _too_long(self, values: Filled) -> UnfitValue | None:
        for length in self._lengths:
            if (characters := length.of(values)) > length.limit:
                where = length.part.where
                text = f"the {where} has {characters:,} characters when filled, {length.limit:,} are allowed"
                return UnfitValue(where, Fault.TEXT_TOO_LONG, text)
        return None

    def _note_space(self, raw: str) -> None:
        if _REFUSED_SPACE.search(raw.strip()):
            self.notes["collapsed"] += 1


def make_filler(
    mapping: Mapped,
    slots: Sequence[Slot],
    columns: Sequence[str],
    *,
    lengths: Sequence[FilledLength] = (),
    now: datetime | None = None,
) -> RowFiller:
    """A function from one row to the values of its slots, prepared once for a whole list.

    lengths  of the texts that a row's values may make too long
    now      an offer must end after it; None leaves that out
    raises   UsageError when the mapping does not fit the slots or the columns
    """
    return RowFiller(complete_mapping(mapping, slots, columns), slots, lengths, now)


def _constants(mapping: Mapped, slots: Sequence[Slot], now: datetime | None) -> Filled:
    found = {slot: mapping[slot.key]["text"] for slot in slots if "text" in mapping.get(slot.key, {})}
    prepared = {slot.key: prepare(slot.use, text, now) for slot, text in found.items()}
    # A constant that does not fit was refused with the mapping; an offer that has ended since is one of every row.
    return {key: value for key, value in prepared.items() if isinstance(value, str)}


def _source(slot: Slot, value: Mapping[str, str], language: str) -> _Source:
    calls = value.get("transforms")
    return _Source(
        key=slot.key,
        column=value["column"],
        fallback=value.get("fallback"),
        rewrite=make_rewrite(calls, language) if calls else None,
        prepare=PREPARE.get(slot.use),
        optional=slot.optional,
        media=slot.use is SlotUse.MEDIA,
        plain=not calls and slot.use not in PREPARE,
    )


def _rewritten(rewrite: Rewrite, text: str) -> str | Unfit:
    try:
        return clean(rewrite(text))
    except (ValueError, OverflowError) as error:
        return Unfit(Fault.BAD_VALUE, str(error))

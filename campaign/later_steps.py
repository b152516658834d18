"""What the later steps of a sequence will say, filled from the rows of the first.

So a row that would fail at a later step is refused when it is read, and a step takes no reading of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy.orm import Session

from campaign.errors import CampaignError
from campaign.templates.fill import Filled, MissingValue, RowFiller, UnfitValue
from campaign.templates.find import find_template, require_sendable
from campaign.templates.lengths import lengths_of
from campaign.templates.mapping import complete_mapping, parse_mapping
from campaign.templates.slots import Slot, slots_of
from models.sender import Sender
from models.template import Template


@dataclass(frozen=True, slots=True)
class Wording:
    """A template and what fills it: `--map` items over the columns of the first step's list."""

    template: str
    language: str
    mapping: Sequence[str] = ()


class ListFiller(Protocol):
    """Fills the rows of one list, and says what it mended."""

    def __call__(self, row: Mapping[str, str]) -> Filled | MissingValue | UnfitValue:
        """The values of one row."""

    def template_id(self, row: Mapping[str, str]) -> int | None:
        """The template of one row where it is not the campaign's own."""

    @property
    def notes(self) -> dict[str, int]:
        """What was mended so far: code to how often."""


class Ready(NamedTuple):
    """The wording of one step, found and found to fit the list."""

    number: int
    template: Template
    mapping: dict[str, dict[str, Any]]
    slots: list[Slot]


def ready_wording(session: Session, sender: Sender, wording: Wording, columns: Sequence[str], *, number: int) -> Ready:
    """The template of a step, approved, with its mapping over the columns of the first step's list.

    raises  NotFound, Conflict, UsageError; each names the step
    """
    try:
        template = find_template(session, sender, wording.template, wording.language)
        require_sendable(template)
        slots = slots_of(template.components, template.parameter_format)
        mapping = complete_mapping(parse_mapping(wording.mapping), slots, columns)
    except CampaignError as error:
        raise type(error)(f"step {number}: {error}") from None
    return Ready(number, template, mapping, slots)


class StepsFiller:
    """Fills each row for the first step, and for the later ones under `2/body.1`.

    notes  of the first step
    """

    def __init__(self, first: ListFiller, later: Sequence[Ready], now: datetime) -> None:
        self._first = first
        self._later = [(ready.number, _row_filler(ready, now)) for ready in later]

    def __call__(self, row: Mapping[str, str]) -> Filled | MissingValue | UnfitValue:
        """The values of one row for all steps, or what is wrong with the first that cannot be filled."""
        filled = self._first(row)
        if isinstance(filled, MissingValue | UnfitValue):
            return filled
        values = dict(filled)
        for number, fill in self._later:
            found = fill(row)
            if isinstance(found, MissingValue):
                return MissingValue(f"{found.slot} of step {number}", found.column)
            if isinstance(found, UnfitValue):
                return UnfitValue(found.slot, found.fault, f"{found.text} of step {number}")
            values |= {f"{number}/{key}": value for key, value in found.items()}
        return values

    def template_id(self, row: Mapping[str, str]) -> int | None:
        """The template of one row at the first step where it is not the campaign's own."""
        return self._first.template_id(row)

    @property
    def notes(self) -> dict[str, int]:
        """What was mended for the first step."""
        return self._first.notes


def _row_filler(ready: Ready, now: datetime) -> RowFiller:
    lengths = lengths_of(ready.template.components)
    return RowFiller(ready.mapping, ready.slots, lengths, now, ready.template.language)

"""The same template in several languages: which of them a person gets, and a row filled accordingly. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from campaign.templates.fill import Filled, MissingValue, RowFiller, UnfitValue
from campaign.templates.languages import fitting
from campaign.templates.lengths import lengths_of
from campaign.templates.mapping import Mapped
from campaign.templates.slots import Slot, slots_of
from campaign.templates.straight import Straight
from models.template import Template


class LanguageFiller:
    """Fills each row for the template in the language that one of its columns says, or for the first of them.

    templates  the campaign's own first: who names no language, or one that does not fit, gets it
    column     None: everybody gets the first
    notes      those of the rows, and `language_fallback`
    """

    def __init__(
        self, templates: Sequence[Template], mapping: Mapped, column: str | None = None, now: datetime | None = None
    ) -> None:
        self._column = column
        self._own = templates[0]
        self._by_language = {template.language: template for template in templates}
        self._fillers = {
            template.language: RowFiller(
                mapping,
                slots_of(template.components, template.parameter_format),
                lengths_of(template.components),
                now,
                template.language,
            )
            for template in templates
        }
        self._own_filler = self._fillers[self._own.language]
        # What people write in such a column repeats; a list has few languages.
        self._chosen: dict[str, tuple[Template, bool]] = {}
        self._fell_back = 0

    def __call__(self, row: Mapping[str, str]) -> Filled | MissingValue | UnfitValue:
        """The values of one row for the template that it gets."""
        if self._column is None:
            return self._own_filler(row)
        template, fits = self._choose(row.get(self._column) or "")
        self._fell_back += not fits
        return self._fillers[template.language](row)

    def template_id(self, row: Mapping[str, str]) -> int | None:
        """The template of one row where it is not the campaign's own."""
        if self._column is None:
            return None
        template, _ = self._choose(row.get(self._column) or "")
        return None if template is self._own else template.id

    @property
    def straight(self) -> Straight | None:
        """How whole columns are filled, where everybody gets the first and cells are sent as they are."""
        return self._own_filler.straight if self._column is None else None

    @property
    def notes(self) -> dict[str, int]:
        """What was mended so far: code to how often."""
        total = sum((filler.notes for filler in self._fillers.values()), Counter[str]())
        if self._fell_back:
            total["language_fallback"] = self._fell_back
        return dict(total)

    def _choose(self, said: str) -> tuple[Template, bool]:
        chosen = self._chosen.get(said)
        if chosen is None:
            language = fitting(said, self._by_language)
            chosen = (self._by_language[language], True) if language else (self._own, False)
            # A column of free text is no column of languages; it must not fill the memory either.
            if len(self._chosen) < 1000:
                self._chosen[said] = chosen
        return chosen


def all_slots(templates: Sequence[Template]) -> list[Slot]:
    """The slots of all languages together, each key once; those of the first language come first."""
    found: dict[str, Slot] = {}
    for template in templates:
        for slot in slots_of(template.components, template.parameter_format):
            found.setdefault(slot.key, slot)
    return list(found.values())

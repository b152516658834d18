"""A row filled for its variant. A row has to fit every variant, or who is left out would depend on the draw. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from campaign.templates.fill import Filled, MissingValue, RowFiller, UnfitValue
from campaign.templates.lengths import lengths_of
from campaign.templates.mapping import Mapped
from campaign.templates.slots import slots_of
from campaign.variants.shares import Split
from models.template import Template


class VariantFiller:
    """Fills each row for the variant that its person gets.

    templates    by name of the variant
    own          the campaign's own template
    identity_of  a row to its person
    keep_all     keeps the values of the other variants under `B/body.1`, for a winner to take
    notes        those of the rows, for the variant that each gets
    """

    def __init__(
        self,
        templates: Mapping[str, Template],
        own: Template,
        mapping: Mapped,
        *,
        split: Split,
        identity_of: Callable[[Mapping[str, str]], str],
        now: datetime,
        keep_all: bool,
    ) -> None:
        self._templates = templates
        self._own = own
        self._split = split
        self._identity_of = identity_of
        self._keep_all = keep_all
        self._fillers = {name: _filler(template, mapping, now) for name, template in templates.items()}
        self._chosen: tuple[Mapping[str, str], str] | None = None

    def __call__(self, row: Mapping[str, str]) -> Filled | MissingValue | UnfitValue:
        """The values of one row for its variant, or what is wrong with it for any."""
        chosen = self._name_of(row)
        values = self._fillers[chosen](row)
        if isinstance(values, MissingValue | UnfitValue):
            return values
        values = dict(values)
        for name in self._others(chosen):
            found = self._fillers[name](row)
            if isinstance(found, MissingValue | UnfitValue):
                return found
            if self._keep_all:
                values |= {f"{name}/{key}": value for key, value in found.items()}
        return values

    def template_id(self, row: Mapping[str, str]) -> int | None:
        """The template of one row where it is not the campaign's own."""
        template = self._templates[self._name_of(row)]
        return None if template.id == self._own.id else template.id

    @property
    def notes(self) -> dict[str, int]:
        """What was mended so far: code to how often; a row counts once for each variant."""
        return dict(sum((filler.notes for filler in self._fillers.values()), Counter[str]()))

    def _others(self, chosen: str) -> Sequence[str]:
        return [name for name in self._fillers if name != chosen]

    def _name_of(self, row: Mapping[str, str]) -> str:
        # Asked twice in a row for each row: once to fill it, once for its template.
        if self._chosen is None or self._chosen[0] is not row:
            self._chosen = (row, self._split.name_of(self._identity_of(row)))
        return self._chosen[1]


def _filler(template: Template, mapping: Mapped, now: datetime) -> RowFiller:
    slots = slots_of(template.components, template.parameter_format)
    return RowFiller(mapping, slots, lengths_of(template.components), now, template.language)

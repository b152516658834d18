"""One row of a draft's list, as the person in it will see the message; or why they get none. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaign.audience.rows import RawRow
from campaign.drafting.content import UPLOADED, DraftContent
from campaign.errors import UsageError
from campaign.templates.choice import LanguageFiller
from campaign.templates.fill import MissingValue, RowFiller, UnfitValue, parse_mapping
from campaign.templates.mapping import Mapped
from campaign.templates.shown import Bubble, shown
from campaign.templates.slots import Slot, slots_of
from models.template import Template


@dataclass(frozen=True, slots=True)
class Seen:
    """What one person will see.

    language  of the template that the person gets
    missing   slot and column where the row has nothing; `wrong` says what else is wrong with the row
    open      slots that nothing fills yet
    """

    bubbles: Sequence[Bubble]
    language: str
    missing: tuple[str, str] | None = None
    wrong: str | None = None
    open: Sequence[str] = ()


def seen(
    templates: Sequence[Template], content: DraftContent, items: Sequence[str], row: RawRow | None, now: datetime
) -> Seen:
    """The message of one row, as far as it is filled.

    templates  the campaign's own first
    items      what fills the slots, see campaign.drafting.request.mapping_items
    row        None shows the placeholders
    """
    template, slots = templates[0], slots_of(templates[0].components, templates[0].parameter_format)
    try:
        mapping: Mapped = parse_mapping(items)
    except UsageError as error:
        return Seen(shown(template.components, {}, category=template.category), template.language, wrong=str(error))
    if row is not None and not row.problem:
        template = _template_for(templates, content, row)
        slots = slots_of(template.components, template.parameter_format)
    values = _files(content) | (_values(mapping, slots, row.values, now, template.language) if row else {})
    bubbles = shown(template.components, values, category=template.category)
    unfilled = [slot.key for slot in slots if not slot.optional and slot.key not in mapping]
    missing, wrong = _fault(template, mapping, row, now)
    return Seen(bubbles, template.language, missing, wrong, unfilled)


def _template_for(templates: Sequence[Template], content: DraftContent, row: RawRow) -> Template:
    filler = LanguageFiller(templates, {}, content.language_column or None)
    wanted = filler.template_id(row.values)
    return next((each for each in templates if each.id == wanted), templates[0])


def _values(
    mapping: Mapped, slots: Sequence[Slot], row: Mapping[str, str], now: datetime, language: str
) -> dict[str, str]:
    """What fills each slot by itself, so that one that is wrong does not hide the others."""
    values: dict[str, str] = {}
    for slot in slots:
        filled = RowFiller(mapping, [slot], (), now, language)(row)
        if not isinstance(filled, MissingValue | UnfitValue):
            values |= filled
    return values


def _fault(
    template: Template, mapping: Mapped, row: RawRow | None, now: datetime
) -> tuple[tuple[str, str] | None, str | None]:
    if row is None:
        return None, None
    if row.problem:
        return None, row.problem_text
    filled = LanguageFiller([template], mapping, None, now)(row.values)
    if isinstance(filled, MissingValue):
        return (filled.slot, filled.column), None
    return None, filled.text if isinstance(filled, UnfitValue) else None


def _files(content: DraftContent) -> dict[str, str]:
    return {
        slot: f"@{source.get('name', '')}" for slot, source in content.slots.items() if source.get("kind") == UPLOADED
    }

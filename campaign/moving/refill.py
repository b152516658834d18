"""The values of another template from those that a message keeps. Pure.

Of an uploaded row a message keeps the values of its slots and the person's name, nothing else: only those can fill the
slots of another template, beside constants, fallbacks and files.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from campaign.errors import UsageError
from campaign.names import listed
from campaign.templates.fill import RowFiller
from campaign.templates.lengths import lengths_of
from campaign.templates.mapping import Mapped, complete_mapping
from campaign.templates.slots import Slot, SlotUse, slots_of
from models.template import Template

NAME = "name"
"""The column that stands for the person's name."""


def kept_columns(templates: Iterable[Template]) -> list[str]:
    """What messages of these templates keep: the keys of their slots, then the name."""
    keys = {slot.key: None for each in templates for slot in slots_of(each.components, each.parameter_format)}
    return [*(key for key in keys if key != NAME), NAME]


def refill_mapping(template: Template, given: Mapped, kept: Sequence[str], before: Mapped) -> dict[str, dict[str, Any]]:
    """What fills each slot of the new template: as given, else the kept value of the same slot, else the same file.

    given   `--map` items, read; their columns are slots of the template before, or `name`
    before  the mapping that the campaign has now
    raises  UsageError naming a slot that nothing fills, and what there is to fill it with
    """
    slots = slots_of(template.components, template.parameter_format)
    mapping = {key: dict(value) for key, value in given.items()}
    for slot in slots:
        if slot.key in mapping:
            continue
        if slot.use is SlotUse.MEDIA and "sha256" in before.get(slot.key, {}):
            mapping[slot.key] = dict(before[slot.key])
        elif slot.key in kept:
            mapping[slot.key] = {"column": slot.key}
    open_slots = [slot for slot in slots if slot.key not in mapping and not slot.optional]
    if open_slots:
        raise UsageError(_open(template, open_slots, kept))
    return complete_mapping(mapping, slots, kept)


def _open(template: Template, slots: Sequence[Slot], kept: Sequence[str]) -> str:
    needed = listed(slot.key for slot in slots)
    return (
        f"template {template.name} ({template.language}) needs {needed}, and of the uploaded rows only {listed(kept)} "
        f"are kept; map each of them from one of these or to a constant, for example "
        f"--map {slots[0].key}={kept[0]} or --map {slots[0].key}==text"
    )


def make_refill(template: Template, mapping: Mapped, now: datetime) -> RowFiller:
    """A function from what a message keeps to the values of the new template."""
    slots = slots_of(template.components, template.parameter_format)
    return RowFiller(mapping, slots, lengths_of(template.components), now, template.language)


def told_mapping(mapping: Mapped, before: Mapped) -> dict[str, dict[str, Any]]:
    """The new mapping in terms of the uploaded list, as the campaign tells it: where each kept value came from."""
    return {key: _told(value, before) for key, value in mapping.items()}


def _told(value: Mapping[str, Any], before: Mapped) -> dict[str, Any]:
    source = before.get(value.get("column", ""), {})
    if "text" in source and "transforms" not in value:
        return {"text": source["text"]}
    return {**value, "column": source["column"]} if "column" in source else dict(value)

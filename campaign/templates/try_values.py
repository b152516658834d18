"""Values that a person typed to try a template, made ready as those of a list are. Pure."""

from collections.abc import Mapping

from campaign.errors import UsageError
from campaign.templates.lengths import lengths_of
from campaign.templates.lint_rules import TemplateText
from campaign.templates.slots import slots_of
from campaign.templates.values import Unfit, clean, prepare


def prepared(template: TemplateText, given: Mapping[str, str]) -> dict[str, str]:
    """Slot to the value that would be sent; values that no slot takes are left out.

    raises  UsageError naming every value that the platform would refuse
    """
    slots = [
        slot for slot in slots_of(template.components, template.parameter_format) if clean(given.get(slot.key, ""))
    ]
    values = {slot.key: prepare(slot.use, clean(given[slot.key])) for slot in slots}
    wrong = [f"{key} {value.text}" for key, value in values.items() if isinstance(value, Unfit)]
    good = {key: value for key, value in values.items() if isinstance(value, str)}
    for length in lengths_of(template.components):
        if (characters := length.of(good)) > length.limit:
            wrong.append(f"the {length.part.where} has {characters:,} characters, {length.limit:,} are allowed")
    if wrong:
        raise UsageError(f"the platform would refuse these values: {'; '.join(wrong)}; correct them")
    return good

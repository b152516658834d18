"""What the platform would refuse and what people would dislike, told before anything is sent. Pure.

The rules of a template stand in lint_rules.py; here they are applied to a template, a mapping, and the rows of a list.
"""

from collections.abc import Mapping, Sequence

from campaign.errors import UsageError
from campaign.templates.findings import Finding, Level, finding
from campaign.templates.lint_rules import MAPPING_RULES, TEMPLATE_RULES, Draft, TemplateText
from campaign.templates.mapping import Mapped, complete_mapping
from campaign.templates.slots import slots_of

__all__ = ["Draft", "Finding", "Level", "TemplateText", "lint_mapping", "lint_rows", "lint_template"]


def lint_template(template: TemplateText) -> list[Finding]:
    """The findings of a template by itself."""
    return _findings(Draft(template, {}))


def lint_mapping(template: TemplateText, mapping: Mapped, columns: Sequence[str]) -> list[Finding]:
    """The findings of a template together with what fills its slots; `columns` are those of the list."""
    slots = slots_of(template.components, template.parameter_format)
    known = {key: value for key, value in mapping.items() if "opt_out" not in value}
    try:
        complete = complete_mapping(known, slots, columns) | dict(mapping)
    except UsageError as error:
        found = _findings(Draft(template, mapping, mapped=True))
        # A constant or a media slot has a rule of its own, with better words.
        if any(one.code in _SAID_BETTER for one in found):
            return found
        return [finding("mapping", str(error)), *found]
    return _findings(Draft(template, complete, mapped=True))


_SAID_BETTER = frozenset({"bad_media", "bad_address_end", "bad_code", "bad_value", "missing_media"})


def lint_rows(notes: Mapping[str, int]) -> list[Finding]:
    """What was mended while a list was read, as findings; `notes` is code to how often."""
    return [finding(code, _NOTE_TEXTS[code].format(n=count), count) for code, count in notes.items() if count]


_NOTE_TEXTS = {
    "collapsed": "{n:,} values of the list had line breaks, tabs or long gaps, which became single spaces.",
    "fallback": "{n:,} values of the list were empty; the fallback stands in their place.",
    "media_link": "{n:,} rows give their media as a link, which the platform fetches anew; uploads are safer.",
    "language_fallback": "{n:,} rows name a language that the template does not have, or none; they get the fallback.",
}


def _findings(draft: Draft) -> list[Finding]:
    rules = (*TEMPLATE_RULES, *MAPPING_RULES) if draft.mapped else TEMPLATE_RULES
    return [one for rule in rules for one in rule(draft)]

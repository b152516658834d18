"""What the platform would refuse and what people would dislike, told before anything is sent. Pure.

Each rule is one function from a draft to the findings it has; a new rule is a new function in `RULES`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from campaign.errors import UsageError
from campaign.templates.components import is_link, opt_out_buttons, unsupported_parts
from campaign.templates.mapping import Mapped, complete_mapping
from campaign.templates.optout import mentions_stop_word
from campaign.templates.preview import examples, filled_text
from campaign.templates.slots import CODE_LIMIT, PLACEHOLDER, SlotUse, parts_of, slots_of
from models.people import Category
from models.template import SENDABLE_STATUSES

TEXT_LIMITS = {"header.text": 60, "body": 1024, "footer": 60}
"""Longest text when filled, characters. Source: platform.md B.3."""

LABEL_LIMIT = 25
"""Longest label of a button, characters. Source: platform.md B.3."""

FOLD_LINES = 5
"""Lines of a marketing text before WhatsApp folds it behind "Read more". Source: platform.md B.3."""


class Level(StrEnum):
    """Whether the platform refuses it, or people may dislike it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: a code for tests, a sentence for people."""

    level: Level
    code: str
    text: str


class TemplateText(Protocol):
    """What is looked at: a stored template, or one in a file that no platform has seen yet."""

    @property
    def name(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def parameter_format(self) -> str: ...
    @property
    def components(self) -> Sequence[Mapping[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A template with what is known of its values: constants and, elsewhere, the name of the slot."""

    template: TemplateText
    mapping: Mapped

    @property
    def values(self) -> dict[str, str]:
        """Slot to constant, or to a short stand-in."""
        known = examples(self.template.components, self.template.parameter_format)
        return known | {key: value["text"] for key, value in self.mapping.items() if "text" in value}


Rule = Callable[[Draft], Iterator[Finding]]


def lint_template(template: TemplateText) -> list[Finding]:
    """The findings of a template by itself."""
    return _findings(Draft(template, {}))


def lint_mapping(template: TemplateText, mapping: Mapped, columns: Sequence[str]) -> list[Finding]:
    """The findings of a template together with what fills its slots; `columns` are those of the list."""
    slots = slots_of(template.components, template.parameter_format)
    try:
        complete = complete_mapping(mapping, slots, columns)
    except UsageError as error:
        return [Finding(Level.ERROR, "mapping", str(error)), *_findings(Draft(template, mapping))]
    return _findings(Draft(template, complete))


def _findings(draft: Draft) -> list[Finding]:
    return [finding for rule in RULES for finding in rule(draft)]


def _not_sendable(draft: Draft) -> Iterator[Finding]:
    status = draft.template.status
    if status not in SENDABLE_STATUSES:
        yield Finding(Level.ERROR, "not_sendable", f"The template is {status}; only an APPROVED one can be sent.")


def _unsupported(draft: Draft) -> Iterator[Finding]:
    for kind in unsupported_parts(draft.template.components):
        yield Finding(Level.ERROR, "unsupported", f"The template has a {kind}, which cannot be filled yet.")


def _too_long(draft: Draft) -> Iterator[Finding]:
    values = draft.values
    for part in parts_of(draft.template.components):
        limit = TEXT_LIMITS.get(part.kind)
        length = len(filled_text(part, values)) if limit else 0
        if limit and length > limit:
            where = part.kind.partition(".")[0]
            yield Finding(
                Level.ERROR,
                "too_long",
                f"The {where} has {length} characters when filled; at most {limit} are allowed.",
            )


def _long_label(draft: Draft) -> Iterator[Finding]:
    for part in parts_of(draft.template.components):
        label = str(part.spec.get("text", ""))
        if part.index is not None and len(label) > LABEL_LIMIT:
            yield Finding(
                Level.ERROR, "long_label", f"The button {label!r} has {len(label)} characters; at most {LABEL_LIMIT}."
            )


def _folded(draft: Draft) -> Iterator[Finding]:
    bodies = [str(part.spec.get("text", "")) for part in parts_of(draft.template.components) if part.kind == "body"]
    lines = sum(len(text.splitlines()) for text in bodies)
    if draft.template.category == Category.MARKETING and lines > FOLD_LINES:
        yield Finding(
            Level.WARNING,
            "folded",
            f"The body has {lines} lines; WhatsApp folds marketing text after {FOLD_LINES}. Put the point first.",
        )


def _no_opt_out(draft: Draft) -> Iterator[Finding]:
    components = draft.template.components
    texts = " ".join(str(part.spec.get("text", "")) for part in parts_of(components) if part.index is None)
    if draft.template.category != Category.MARKETING or mentions_stop_word(texts):
        return
    if not opt_out_buttons(components, draft.mapping):
        yield Finding(
            Level.WARNING,
            "no_opt_out",
            "A marketing template should say how to opt out: a footer such as 'Reply STOP to opt out', or a button.",
        )


def _edge_variable(draft: Draft) -> Iterator[Finding]:
    for part in parts_of(draft.template.components):
        text = str(part.spec.get("text", "")).strip()
        ends = [found for found in PLACEHOLDER.finditer(text) if found.start() == 0 or found.end() == len(text)]
        if part.kind == "body" and ends and draft.template.category != Category.AUTHENTICATION:
            yield Finding(
                Level.WARNING, "edge_variable", "The body begins or ends with a variable, which the review refuses."
            )


def _odd_constant(draft: Draft) -> Iterator[Finding]:
    slots = slots_of(draft.template.components, draft.template.parameter_format)
    constants = {key: value["text"] for key, value in draft.mapping.items() if "text" in value}
    for slot in slots:
        text = constants.get(slot.key)
        if text is not None:
            yield from (finding for finding in _CONSTANT_RULES[slot.use](slot.key, text))


def _plain_text(key: str, text: str) -> Iterator[Finding]:
    return iter(())


def _media_constant(key: str, text: str) -> Iterator[Finding]:
    if is_link(text):
        yield Finding(
            Level.WARNING, "media_link", f"{key} is a link: the platform fetches it anew; an uploaded id is safer."
        )
    elif " " in text or "/" in text:
        yield Finding(Level.ERROR, "bad_media", f"{key} is {text!r}, neither an http(s) link nor an id of an upload.")


def _address_constant(key: str, text: str) -> Iterator[Finding]:
    if is_link(text):
        yield Finding(Level.ERROR, "whole_address", f"{key} is a whole address; give only what follows the stored one.")


def _code_constant(key: str, text: str) -> Iterator[Finding]:
    if len(text) > CODE_LIMIT:
        yield Finding(Level.ERROR, "long_code", f"{key} has {len(text)} characters; a code has at most {CODE_LIMIT}.")


_CONSTANT_RULES: Mapping[SlotUse, Callable[[str, str], Iterator[Finding]]] = {
    SlotUse.TEXT: _plain_text,
    SlotUse.MEDIA: _media_constant,
    SlotUse.ADDRESS_END: _address_constant,
    SlotUse.CODE: _code_constant,
}

RULES: tuple[Rule, ...] = (
    _not_sendable,
    _unsupported,
    _too_long,
    _long_label,
    _folded,
    _no_opt_out,
    _edge_variable,
    _odd_constant,
)

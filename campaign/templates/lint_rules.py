"""The rules of lint: each is one function from a draft to the findings it has. Pure.

Sources: platform.md B.1 (status), B.3 (sizes, buttons, variables), A.4 (parameters), G.2 (opting out).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from campaign.names import nearest
from campaign.templates.components import opt_out_buttons, unsupported_parts
from campaign.templates.findings import Finding, finding
from campaign.templates.languages import LANGUAGES
from campaign.templates.lengths import LABEL_LIMIT, lengths_of, text_of
from campaign.templates.mapping import Mapped
from campaign.templates.optout import mentions_stop_word
from campaign.templates.preview import FOLD_LINES, examples
from campaign.templates.slots import NAMED, PLACEHOLDER, Part, SlotUse, parts_of, placeholders, slots_of
from campaign.templates.values import Unfit, is_link, prepare
from models.people import Category
from models.template import SENDABLE_STATUSES

BUTTON_LIMITS: Mapping[str, int] = {"url": 2, "phone_number": 1, "copy_code": 1}
MOST_BUTTONS, MOST_CARD_BUTTONS = 10, 2
CARDS = range(2, 11)
_BUTTON_WORDS = {"url": "link", "phone_number": "phone"}
TEMPLATE_CATEGORIES = frozenset({Category.MARKETING, Category.UTILITY, Category.AUTHENTICATION})

_NAME = re.compile(r"[a-z0-9_]{1,512}")
_ADJACENT = re.compile(r"\}\}\s*\{\{")
# Words that no order or appointment needs; a hint, since the platform's own judgement is not published.
_ADVERTISES = re.compile(
    r"\b(?:sale|discount|% off|coupon|promo\w*|special offer|oferta\w*|descuento\w*|rebaja\w*|desconto\w*|"
    r"rabatt\w*|angebot\w*|soldes|promotion)\b|\d\s?% (?:off|de)",
    re.IGNORECASE,
)


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
    """A template with what is known of its values: constants and, elsewhere, the name of the slot.

    mapped  the mapping is part of what is looked at
    """

    template: TemplateText
    mapping: Mapped
    mapped: bool = False

    @property
    def values(self) -> dict[str, str]:
        """Slot to constant, or to a short stand-in."""
        known = examples(self.template.components, self.template.parameter_format)
        return known | {key: value["text"] for key, value in self.mapping.items() if "text" in value}

    @property
    def parts(self) -> list[Part]:
        """The parts of the template, those of cards among them."""
        return list(parts_of(self.template.components))

    @property
    def marketing(self) -> bool:
        """Whether it is a marketing template."""
        return self.template.category == Category.MARKETING


Rule = Callable[[Draft], Iterator[Finding]]


def _not_sendable(draft: Draft) -> Iterator[Finding]:
    status = draft.template.status
    if status not in SENDABLE_STATUSES:
        yield finding("not_sendable", f"The template is {status}; only an APPROVED one can be sent.")


def _unsupported(draft: Draft) -> Iterator[Finding]:
    for kind in unsupported_parts(draft.template.components):
        yield finding("unsupported", f"The template has a {kind}, which cannot be filled; use a template without it.")


def _bad_words(draft: Draft) -> Iterator[Finding]:
    template = draft.template
    if not _NAME.fullmatch(template.name):
        yield finding("bad_name", f"The name {template.name!r} may only have a-z, 0-9 and _.")
    if template.category not in TEMPLATE_CATEGORIES:
        there = "marketing, utility or authentication"
        yield finding("bad_category", f"The category is {template.category!r}; it has to be {there}.")
    if template.language not in LANGUAGES:
        near = nearest(template.language.replace("-", "_"), LANGUAGES)
        near = near if near.startswith("did you mean") else "write a code such as en_US"
        yield finding("unknown_language", f"The language {template.language!r} is not one WhatsApp lists; {near}")


def _no_body(draft: Draft) -> Iterator[Finding]:
    if not any(part.kind == "body" and part.card is None and part.text.strip() for part in draft.parts):
        yield finding("no_body", "The template has no body text; write one.")


def _too_long(draft: Draft) -> Iterator[Finding]:
    values = draft.values
    for length in lengths_of(draft.template.components):
        if (characters := length.of(values)) > length.limit:
            where = _words(length.part)
            yield finding(
                "too_long",
                f"The {where} has {characters:,} characters when filled; at most {length.limit:,} are allowed.",
            )


def _long_label(draft: Draft) -> Iterator[Finding]:
    for part in draft.parts:
        label = str(part.spec.get("text", ""))
        if part.index is not None and len(label) > LABEL_LIMIT:
            yield finding("long_label", f"The button {label!r} has {len(label)} characters; at most {LABEL_LIMIT}.")


def _bad_variables(draft: Draft) -> Iterator[Finding]:
    named = draft.template.parameter_format.upper() == NAMED
    for part in draft.parts:
        names = placeholders(part.text, named=named) if part.index is None and part.kind != "footer" else []
        if named and any(name.isdigit() for name in names):
            yield finding("bad_variables", f"The {_words(part)} numbers its variables, though the template names them.")
        elif not named and names != [str(number) for number in range(1, len(names) + 1)]:
            there = ", ".join(f"{{{{{name}}}}}" for name in names)
            yield finding(
                "bad_variables",
                f"The {_words(part)} has the variables {there}; number them from {{{{1}}}} on, without gaps.",
            )


def _fixed_text(draft: Draft) -> Iterator[Finding]:
    for part in draft.parts:
        names = PLACEHOLDER.findall(part.text)
        if part.kind == "footer" and names:
            yield finding("fixed_text", "The footer has a variable, and a footer is the same for everybody.")
        if part.kind == "header.text" and len(names) > 1:
            yield finding("fixed_text", f"The header has {len(names)} variables; at most one is allowed.")


def _bad_address(draft: Draft) -> Iterator[Finding]:
    for part in draft.parts:
        address = text_of(part).strip() if part.kind == "button.url" else ""
        found = list(PLACEHOLDER.finditer(address))
        if len(found) > 1 or (found and found[0].end() != len(address)):
            yield finding("bad_address", f"The address {address} may have one variable only, at its end.")


def _buttons(draft: Draft) -> Iterator[Finding]:
    for card, kinds in _kinds_of_buttons(draft):
        where = "The template" if card is None else f"Card {card + 1}"
        most = MOST_BUTTONS if card is None else MOST_CARD_BUTTONS
        if len(kinds) > most:
            yield finding("too_many_buttons", f"{where} has {len(kinds)} buttons; at most {most} are allowed.")
        for kind, count in Counter(kinds).items():
            limit = BUTTON_LIMITS.get(kind, most)
            if count > limit:
                words = _BUTTON_WORDS.get(kind, kind.replace("_", " "))
                yield finding("too_many_buttons", f"{where} has {count} {words} buttons; at most {limit} are allowed.")
        replies = [kind == "quick_reply" for kind in kinds]
        if len(list(groupby(replies))) > 2:
            yield finding("mixed_buttons", f"{where} mixes quick replies with other buttons; group them.")
        elif card is None and (len(kinds) > 3 or len(set(replies)) > 1):
            yield finding(
                "mixed_buttons", f"{where} has buttons that WhatsApp on a desktop does not show; keep to one kind."
            )


def _kinds_of_buttons(draft: Draft) -> list[tuple[int | None, list[str]]]:
    found: dict[int | None, list[str]] = {}
    for part in draft.parts:
        if part.index is not None:
            found.setdefault(part.card, []).append(part.kind.partition(".")[2])
    return list(found.items())


def _bad_cards(draft: Draft) -> Iterator[Finding]:
    for part in draft.parts:
        if part.kind == "carousel" and len(part.spec.get("cards", ())) not in CARDS:
            yield finding(
                "bad_cards", f"The carousel has {len(part.spec.get('cards', ()))} cards; 2 to 10 are allowed."
            )


def _offer_footer(draft: Draft) -> Iterator[Finding]:
    kinds = {part.kind for part in draft.parts}
    if {"limited_time_offer", "footer"} <= kinds:
        yield finding("offer_footer", "A template with a limited-time offer cannot have a footer; remove it.")


def _folded(draft: Draft) -> Iterator[Finding]:
    bodies = [part.text for part in draft.parts if part.kind == "body" and part.card is None]
    lines = sum(len(text.splitlines()) for text in bodies)
    if draft.marketing and lines > FOLD_LINES:
        yield finding(
            "folded",
            f"The body has {lines} lines; WhatsApp folds marketing text after {FOLD_LINES}. Put the point first.",
        )


def _no_opt_out(draft: Draft) -> Iterator[Finding]:
    texts = " ".join(part.text for part in draft.parts if part.index is None)
    if not draft.marketing or mentions_stop_word(texts):
        return
    if not opt_out_buttons(draft.template.components, draft.mapping):
        yield finding(
            "no_opt_out",
            "A marketing template should say how to opt out: a footer such as 'Reply STOP to opt out', or a button.",
        )


def _variables_of_body(draft: Draft) -> Iterator[Finding]:
    for part in draft.parts:
        if part.kind != "body" or draft.template.category == Category.AUTHENTICATION:
            continue
        text = part.text.strip()
        ends = [found for found in PLACEHOLDER.finditer(text) if found.start() == 0 or found.end() == len(text)]
        if ends and part.card is None:
            yield finding("edge_variable", "The body begins or ends with a variable, which the review refuses.")
        if _ADJACENT.search(text):
            yield finding("adjacent_variables", f"Two variables of the {_words(part)} touch; put words between them.")


def _promotional(draft: Draft) -> Iterator[Finding]:
    texts = " ".join(part.text for part in draft.parts)
    found = _ADVERTISES.search(texts)
    if draft.template.category == Category.UTILITY and found:
        yield finding(
            "promotional",
            f"A utility template that speaks of {found[0]!r} may be made marketing by the platform, which then needs "
            "consent to marketing; remove it, or make a marketing template.",
        )


def _missing_media(draft: Draft) -> Iterator[Finding]:
    for slot in slots_of(draft.template.components, draft.template.parameter_format):
        if slot.use is SlotUse.MEDIA and slot.key not in draft.mapping:
            kind = slot.kind.partition(".")[2]
            yield finding("missing_media", f"{slot.key} needs a {kind} and none is mapped; add {slot.example}")


def _odd_constant(draft: Draft) -> Iterator[Finding]:
    for slot in slots_of(draft.template.components, draft.template.parameter_format):
        text = draft.mapping.get(slot.key, {}).get("text")
        given = prepare(slot.use, text) if text is not None else ""
        if isinstance(given, Unfit):
            yield finding(given.fault.value, f"{slot.key} {given.text}.")
        elif slot.use is SlotUse.MEDIA and is_link(given):
            yield finding(
                "media_link", f"{slot.key} is a link: the platform fetches it anew; an uploaded file is safer."
            )


def _words(part: Part) -> str:
    if part.kind == "button.url":
        name = f"address of the button {part.spec.get('text', part.index)!r}"
    else:
        name = part.kind.partition(".")[0].replace("_", " ")
    return name if part.card is None else f"{name} of card {part.card + 1}"


TEMPLATE_RULES: tuple[Rule, ...] = (
    _not_sendable,
    _unsupported,
    _bad_words,
    _no_body,
    _too_long,
    _long_label,
    _bad_variables,
    _fixed_text,
    _bad_address,
    _buttons,
    _bad_cards,
    _offer_footer,
    _folded,
    _no_opt_out,
    _variables_of_body,
    _promotional,
)
"""A new rule is a new function here, and a row in findings.py."""

MAPPING_RULES: tuple[Rule, ...] = (_missing_media, _odd_constant)
"""Rules that look at what fills the slots."""

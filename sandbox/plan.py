"""What a message must carry for a template: its components as the platform stores them, read once into a plan.

Sources: platform.md A.4 for the shapes, B.3 for the lengths.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Numbers in the older format, names in the newer; blanks inside the braces occur.
_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")

# Characters, once filled in, platform.md B.3.
HEADER_LIMIT, BODY_LIMIT, OFFER_BODY_LIMIT, CARD_BODY_LIMIT = 60, 1024, 600, 160
# A quick reply's payload is 128 or 256 by source, platform.md K.4: the wider, so that no good body is refused.
URL_LIMIT, CODE_LIMIT, PAYLOAD_LIMIT = 2000, 15, 256


@dataclass(frozen=True, slots=True)
class TextPlan:
    """A text with variables.

    names   its placeholders, each once, in the order in which positional values come
    uses    how often each of them stands in the text
    fixed   characters of the text without its placeholders
    limit   most characters once filled
    """

    where: str
    names: tuple[str, ...]
    uses: tuple[int, ...]
    fixed: int
    limit: int
    value_limit: int | None = None


@dataclass(frozen=True, slots=True)
class HeaderPlan:
    """A header. `kind`: TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION or PRODUCT; `text` only for TEXT."""

    kind: str
    text: TextPlan | None = None


@dataclass(frozen=True, slots=True)
class ButtonPlan:
    """A button by its position.

    sub_types  what a request may call it, lower case; empty when it takes no parameter
    parameter  the type of its one parameter
    required   whether the platform refuses a message without it
    """

    kind: str
    sub_types: tuple[str, ...] = ()
    parameter: str = ""
    required: bool = False
    text: TextPlan | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a message of the template, or one card of its carousel, has to bring."""

    header: HeaderPlan | None = None
    body: TextPlan | None = None
    buttons: tuple[ButtonPlan, ...] = ()
    offer: bool = False
    cards: tuple["Plan", ...] = ()
    named: bool = False
    authentication: bool = False
    bare: bool = field(default=True)


def make_plan(components: Sequence[Mapping[str, Any]], *, named: bool = False, category: str = "") -> Plan:
    """The plan of a template from its stored components."""
    by_type = {str(one.get("type", "")).upper(): one for one in components}
    authentication = category == "AUTHENTICATION"
    offer = bool(by_type.get("LIMITED_TIME_OFFER", {}).get("limited_time_offer", {}).get("has_expiration"))
    body_limit = OFFER_BODY_LIMIT if "LIMITED_TIME_OFFER" in by_type else BODY_LIMIT
    cards = tuple(_card(card, named) for card in by_type.get("CAROUSEL", {}).get("cards", ()))
    header = _header(by_type["HEADER"], named) if "HEADER" in by_type else None
    body = _body(by_type.get("BODY", {}), body_limit, named, authentication)
    buttons = tuple(_buttons(by_type.get("BUTTONS", {}).get("buttons", ()), authentication))
    bare = not (
        cards
        or offer
        or (header and (header.text is None or header.text.names))
        or body.names
        or any(button.required for button in buttons)
    )
    return Plan(header, body, buttons, offer, cards, named, authentication, bare)


def text_plan(where: str, text: str, limit: int, *, named: bool = False) -> TextPlan:
    """The plan of one text. Positional placeholders are ordered by their number."""
    found = _PLACEHOLDER.findall(text)
    names = list(dict.fromkeys(found))
    # {{10}} comes after {{9}}, wherever they stand in the text.
    if not named:
        names.sort(key=lambda name: int(name) if name.isdigit() else 0)
    fixed = len(_PLACEHOLDER.sub("", text))
    return TextPlan(where, tuple(names), tuple(found.count(name) for name in names), fixed, limit)


def _card(card: Mapping[str, Any], named: bool) -> Plan:
    by_type = {str(one.get("type", "")).upper(): one for one in card.get("components", ())}
    return Plan(
        header=_header(by_type["HEADER"], named) if "HEADER" in by_type else None,
        body=text_plan("body", by_type.get("BODY", {}).get("text", ""), CARD_BODY_LIMIT, named=named),
        buttons=tuple(_buttons(by_type.get("BUTTONS", {}).get("buttons", ()), False)),
        named=named,
        bare=False,
    )


def _header(component: Mapping[str, Any], named: bool) -> HeaderPlan:
    kind = str(component.get("format", "TEXT")).upper()
    if kind != "TEXT":
        return HeaderPlan(kind)
    return HeaderPlan(kind, text_plan("header", component.get("text", ""), HEADER_LIMIT, named=named))


def _body(component: Mapping[str, Any], limit: int, named: bool, authentication: bool) -> TextPlan:
    if not authentication:
        return text_plan("body", component.get("text", ""), limit, named=named)
    # The text of an authentication template is the platform's own; its one variable is the code.
    plan = text_plan("body", component.get("text") or "{{1}}", limit)
    return TextPlan("body", plan.names, plan.uses, plan.fixed, limit, value_limit=CODE_LIMIT)


def _buttons(buttons: Sequence[Mapping[str, Any]], authentication: bool) -> Iterator[ButtonPlan]:
    for button in buttons:
        kind = str(button.get("type", "")).upper()
        # A URL with a variable asks for its suffix, one without for nothing; codes come as URLs too.
        if kind == "URL":
            yield _url_button(str(button.get("url", "")), authentication)
        else:
            yield _BUTTONS.get(kind) or ButtonPlan(kind)


def _url_button(url: str, authentication: bool) -> ButtonPlan:
    plan = text_plan("buttons", url, URL_LIMIT)
    if not plan.names:
        return ButtonPlan("URL")
    return _BUTTONS["OTP"] if authentication else ButtonPlan("URL", ("url",), "text", True, plan)


_BUTTONS = {
    "QUICK_REPLY": ButtonPlan("QUICK_REPLY", ("quick_reply",), "payload"),
    "OTP": ButtonPlan("OTP", ("url",), "text", True, TextPlan("buttons", ("1",), (1,), 0, URL_LIMIT, CODE_LIMIT)),
    "COPY_CODE": ButtonPlan("COPY_CODE", ("copy_code",), "coupon_code", True),
    "CATALOG": ButtonPlan("CATALOG", ("catalog",), "action"),
    "MPM": ButtonPlan("MPM", ("mpm",), "action", True),
    "FLOW": ButtonPlan("FLOW", ("flow",), "action"),
}

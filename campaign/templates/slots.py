"""A template taken apart: its parts, and the slots in them that each message has to fill.

A part is one component or one button, a slot one variable in it, keyed `body.1`, `body.first_name`, `header.1` or
`button.0`. Shapes: platform.md A.4 and the listing of `GET /{WABA_ID}/message_templates`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
NAMED = "NAMED"
CODE_LIMIT = 15
"""Longest coupon or one-time code. Source: platform.md B.3."""

_OTP_ADDRESS = "whatsapp.com/otp/"


@dataclass(frozen=True, slots=True)
class Part:
    """One component (`header.text`, `body`, …) or button (`button.url`, …) with its listing.

    index  position of a button in the template, from 0
    """

    kind: str
    spec: Mapping[str, Any]
    index: int | None = None


class SlotUse(StrEnum):
    """What a slot takes."""

    TEXT = "text"
    MEDIA = "media"
    ADDRESS_END = "address_end"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Slot:
    """One variable. `name` is set when the template was made with named parameters."""

    key: str
    use: SlotUse = SlotUse.TEXT
    name: str | None = None

    @property
    def example(self) -> str:
        """A `--map` that fills it."""
        return f"--map {self.key}={_EXAMPLES[self.use]}"


_EXAMPLES = {
    SlotUse.TEXT: "COLUMN",
    SlotUse.MEDIA: "=https://example.com/picture.jpg",
    SlotUse.ADDRESS_END: "COLUMN",
    SlotUse.CODE: "=SPRING15",
}


def slots_of(components: Sequence[Mapping[str, Any]], parameter_format: str) -> list[Slot]:
    """The slots of a template, in the order of its components; parts that cannot be filled yet have none."""
    found: dict[str, Slot] = {}
    for part in parts_of(components):
        for slot in SLOT_READERS.get(part.kind, _none)(part, parameter_format.upper() == NAMED):
            if slot.key not in found or slot.use is SlotUse.CODE:
                found[slot.key] = slot
    return list(found.values())


def parts_of(components: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
    """The parts of a template: each component, and each button on its own."""
    for component in components:
        kind = str(component.get("type", "unknown")).lower()
        if kind == "buttons":
            yield from (_button(index, button) for index, button in enumerate(component.get("buttons", ())))
        elif kind == "header":
            yield Part(f"header.{str(component.get('format', 'text')).lower()}", component)
        else:
            yield Part(kind, component)


def placeholders(text: str, *, named: bool) -> list[str]:
    """The variables of a text, each once: numbers in numeric order, names in order of appearance."""
    names = list(dict.fromkeys(PLACEHOLDER.findall(text)))
    return names if named else sorted(names, key=lambda name: int(name) if name.isdigit() else 0)


def _button(index: int, spec: Mapping[str, Any]) -> Part:
    kind = str(spec.get("type", "unknown")).lower()
    # The listing gives the button of an authentication template as an address of WhatsApp's own.
    if kind == "url" and _OTP_ADDRESS in str(spec.get("url", "")):
        kind = "otp"
    return Part(f"button.{kind}", spec, index)


def _none(part: Part, named: bool) -> list[Slot]:
    return []


def _texts(part: Part, named: bool) -> list[Slot]:
    where = part.kind.partition(".")[0]
    names = placeholders(str(part.spec.get("text", "")), named=named)
    return [Slot(f"{where}.{name}", SlotUse.TEXT, name if named else None) for name in names]


def _media(part: Part, named: bool) -> list[Slot]:
    return [Slot("header.1", SlotUse.MEDIA)]


def _address_end(part: Part, named: bool) -> list[Slot]:
    has_variable = PLACEHOLDER.search(str(part.spec.get("url", "")))
    return [Slot(f"button.{part.index}", SlotUse.ADDRESS_END)] if has_variable else []


def _code(part: Part, named: bool) -> list[Slot]:
    return [Slot(f"button.{part.index}", SlotUse.CODE)]


def _one_time_code(part: Part, named: bool) -> list[Slot]:
    # The code of the body is shown a second time in the button, platform.md A.4, shape 12.
    return [Slot("body.1", SlotUse.CODE)]


SLOT_READERS: Mapping[str, Callable[[Part, bool], list[Slot]]] = {
    "header.text": _texts,
    "header.image": _media,
    "header.video": _media,
    "header.document": _media,
    "body": _texts,
    "button.url": _address_end,
    "button.copy_code": _code,
    "button.otp": _one_time_code,
}
"""How the slots of a kind of part are found; a kind without a row has none."""

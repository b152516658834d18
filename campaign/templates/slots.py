"""A template taken apart: its parts, and the slots in them that each message has to fill.

A part is one component or one button, a slot one variable in it, keyed `body.1`, `body.first_name`, `header.1`,
`button.0`, and on a card of a carousel `card.0.body.1`. Shapes: platform.md A.4 and the listing of
`GET /{WABA_ID}/message_templates`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from campaign.templates.optout import begins_with_stop_word

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
NAMED = "NAMED"

_OTP_ADDRESS = "whatsapp.com/otp/"


@dataclass(frozen=True, slots=True)
class Part:
    """One component (`header.text`, `body`, …) or button (`button.url`, …) with its listing.

    index  position of a button in the template or on its card, from 0
    card   position of the card in a carousel, from 0; None outside of cards
    """

    kind: str
    spec: Mapping[str, Any]
    index: int | None = None
    card: int | None = None

    @property
    def where(self) -> str:
        """What the keys of its slots begin with: `body`, `header`, `button.0`, `card.1.body`."""
        name = self.kind.partition(".")[0] if self.index is None else f"button.{self.index}"
        return name if self.card is None else f"card.{self.card}.{name}"

    @property
    def text(self) -> str:
        """Its text with placeholders; empty where it has none."""
        # The platform may list the body of an authentication template without its text, which is its own.
        if self.kind == "body" and "text" not in self.spec and "add_security_recommendation" in self.spec:
            return "{{1}}"
        return str(self.spec.get("text", ""))


class SlotUse(StrEnum):
    """What a slot takes."""

    TEXT = "text"
    MEDIA = "media"
    FILE_NAME = "file_name"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    ADDRESS_END = "address_end"
    CODE = "code"
    PAYLOAD = "payload"
    PRODUCT = "product"
    PRODUCTS = "products"
    OFFER_END = "offer_end"
    TOKEN = "token"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Slot:
    """One variable.

    name      set when the template was made with named parameters
    kind      of the part that it stands in, such as `header.image`
    optional  a message may go without it
    """

    key: str
    use: SlotUse = SlotUse.TEXT
    name: str | None = None
    kind: str = "body"
    optional: bool = False

    @property
    def example(self) -> str:
        """A `--map` that fills it."""
        return f"--map {self.key}={_EXAMPLES.get(self.use, 'COLUMN')}"


_EXAMPLES = {
    SlotUse.MEDIA: "=https://example.com/picture.jpg",
    SlotUse.CODE: "=SPRING15",
    SlotUse.LATITUDE: "=52.5",
    SlotUse.LONGITUDE: "=13.4",
    SlotUse.PRODUCTS: "'=Popular: sku-1, sku-2; New: sku-3'",
    SlotUse.OFFER_END: "=2026-11-30T20:00:00+01:00",
}


def slots_of(components: Sequence[Mapping[str, Any]], parameter_format: str) -> list[Slot]:
    """The slots of a template, in the order of its components; parts that cannot be filled have none."""
    found: dict[str, Slot] = {}
    for part in parts_of(components):
        for slot in slots_of_part(part, parameter_format):
            # The code of an authentication template is told as the body's text first, then by its button.
            if slot.key not in found or slot.use is SlotUse.CODE:
                found[slot.key] = slot
    return list(found.values())


def slots_of_part(part: Part, parameter_format: str) -> list[Slot]:
    """The slots of one part; a kind without a reader has none."""
    return SLOT_READERS.get(part.kind, _none)(part, parameter_format.upper() == NAMED)


def parts_of(components: Sequence[Mapping[str, Any]], card: int | None = None) -> Iterator[Part]:
    """The parts of a template: each component, each button on its own, and after a carousel the parts of its cards."""
    for component in components:
        kind = str(component.get("type", "unknown")).lower()
        if kind == "buttons":
            yield from (_button(index, button, card) for index, button in enumerate(component.get("buttons", ())))
        elif kind == "header":
            yield Part(f"header.{str(component.get('format', 'text')).lower()}", component, card=card)
        else:
            yield Part(kind, component, card=card)
        if kind == "carousel" and card is None:
            for number, one in enumerate(component.get("cards", ())):
                yield from parts_of(one.get("components", ()), number)


def placeholders(text: str, *, named: bool) -> list[str]:
    """The variables of a text, each once: numbers in numeric order, names in order of appearance."""
    names = list(dict.fromkeys(PLACEHOLDER.findall(text)))
    return names if named else sorted(names, key=lambda name: int(name) if name.isdigit() else 0)


def _button(index: int, spec: Mapping[str, Any], card: int | None) -> Part:
    kind = str(spec.get("type", "unknown")).lower()
    # The listing gives the button of an authentication template as an address of WhatsApp's own.
    if kind == "url" and _OTP_ADDRESS in str(spec.get("url", "")):
        kind = "otp"
    return Part(f"button.{kind}", spec, index, card)


def _none(part: Part, named: bool) -> list[Slot]:
    return []


def _texts(part: Part, named: bool) -> list[Slot]:
    names = placeholders(part.text, named=named)
    return [Slot(f"{part.where}.{name}", SlotUse.TEXT, name if named else None, part.kind) for name in names]


def _media(part: Part, named: bool) -> list[Slot]:
    return [Slot(f"{part.where}.1", SlotUse.MEDIA, kind=part.kind)]


def _document(part: Part, named: bool) -> list[Slot]:
    return [*_media(part, named), Slot(f"{part.where}.filename", SlotUse.FILE_NAME, kind=part.kind, optional=True)]


def _location(part: Part, named: bool) -> list[Slot]:
    return [
        Slot(f"{part.where}.latitude", SlotUse.LATITUDE, kind=part.kind),
        Slot(f"{part.where}.longitude", SlotUse.LONGITUDE, kind=part.kind),
        Slot(f"{part.where}.name", SlotUse.TEXT, kind=part.kind, optional=True),
        Slot(f"{part.where}.address", SlotUse.TEXT, kind=part.kind, optional=True),
    ]


def _product(part: Part, named: bool) -> list[Slot]:
    return [
        Slot(f"{part.where}.product", SlotUse.PRODUCT, kind=part.kind),
        Slot(f"{part.where}.catalog", SlotUse.PRODUCT, kind=part.kind),
    ]


def _address_end(part: Part, named: bool) -> list[Slot]:
    has_variable = PLACEHOLDER.search(str(part.spec.get("url", "")))
    return [Slot(part.where, SlotUse.ADDRESS_END, kind=part.kind)] if has_variable else []


def _code(part: Part, named: bool) -> list[Slot]:
    return [Slot(part.where, SlotUse.CODE, kind=part.kind)]


def _one_time_code(part: Part, named: bool) -> list[Slot]:
    # The code of the body is shown a second time in the button, platform.md A.4, shape 12.
    return [Slot("body.1", SlotUse.CODE, kind=part.kind)]


def _payload(part: Part, named: bool) -> list[Slot]:
    # The payload of an opt-out is ours: it is how a tap becomes a withdrawn consent.
    if begins_with_stop_word(part.text):
        return []
    return [Slot(part.where, SlotUse.PAYLOAD, kind=part.kind, optional=True)]


def _catalog(part: Part, named: bool) -> list[Slot]:
    # Without one the first item of the catalog is the picture, platform.md A.4, shape 9.
    return [Slot(f"{part.where}.thumbnail", SlotUse.PRODUCT, kind=part.kind, optional=True)]


def _products(part: Part, named: bool) -> list[Slot]:
    return [Slot(part.where, SlotUse.PRODUCTS, kind=part.kind), *_catalog(part, named)]


def _flow(part: Part, named: bool) -> list[Slot]:
    return [
        Slot(part.where, SlotUse.TOKEN, kind=part.kind, optional=True),
        Slot(f"{part.where}.data", SlotUse.DATA, kind=part.kind, optional=True),
    ]


def _offer(part: Part, named: bool) -> list[Slot]:
    offer = part.spec.get("limited_time_offer")
    has_end = isinstance(offer, Mapping) and offer.get("has_expiration")
    return [Slot("offer.ends", SlotUse.OFFER_END, kind=part.kind)] if has_end else []


SLOT_READERS: Mapping[str, Callable[[Part, bool], list[Slot]]] = {
    "header.text": _texts,
    "header.image": _media,
    "header.video": _media,
    "header.document": _document,
    "header.location": _location,
    "header.product": _product,
    "body": _texts,
    "limited_time_offer": _offer,
    "button.url": _address_end,
    "button.quick_reply": _payload,
    "button.copy_code": _code,
    "button.otp": _one_time_code,
    "button.catalog": _catalog,
    "button.mpm": _products,
    "button.flow": _flow,
}
"""How the slots of a kind of part are found; a kind without a row has none."""

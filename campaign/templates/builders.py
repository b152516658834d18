"""One builder per kind of part: values to the component in the platform's shape. Pure. Shapes: platform.md A.4.

A builder prepares once what is the same for every message of a campaign and returns None when nothing has to be sent.
The values are those of campaign.templates.values, so that nothing is checked or rewritten here.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from campaign.templates.slots import Part, Slot, parts_of, slots_of_part
from campaign.templates.values import is_link, read_products

Values = Mapping[str, str]
Component = dict[str, Any]
Build = Callable[[Values], Component | None]
Payload = Callable[[Part], str]
Builder = Callable[[Part, Sequence[Slot], Payload], Build | None]


def build_parts(parts: Sequence[Part], parameter_format: str, payload: Payload) -> list[Build]:
    """The builders of the parts of a template, or of one of its cards; those with nothing to send are left out.

    payload  what a quick reply brings back when no value says so
    raises   LookupError for a kind without a row in `BUILDERS`
    """
    made = []
    for part in parts:
        if part.kind == "carousel":
            made.append(_carousel(part, parameter_format, payload))
        elif build := BUILDERS[part.kind](part, slots_of_part(part, parameter_format), payload):
            made.append(build)
    return made


def build_all(builds: Sequence[Build], values: Values) -> list[Component]:
    """The components of one message; parts whose optional values are absent are left out."""
    return [component for build in builds if (component := build(values)) is not None]


def _carousel(part: Part, parameter_format: str, payload: Payload) -> Build:
    cards = [
        build_parts(list(parts_of(card.get("components", ()), number)), parameter_format, payload)
        for number, card in enumerate(part.spec.get("cards", ()))
    ]
    return lambda values: {
        "type": "carousel",
        "cards": [
            {"card_index": number, "components": build_all(builds, values)} for number, builds in enumerate(cards)
        ],
    }


def _static(part: Part, slots: Sequence[Slot], payload: Payload) -> None:
    return None


def _text(part: Part, slots: Sequence[Slot], payload: Payload) -> Build | None:
    kind = part.kind.partition(".")[0]
    if not slots:
        return None
    if any(slot.name for slot in slots):
        pairs = [(slot.key, slot.name) for slot in slots]
        return lambda values: {
            "type": kind,
            "parameters": [{"type": "text", "parameter_name": name, "text": values[key]} for key, name in pairs],
        }
    keys = [slot.key for slot in slots]
    return lambda values: {"type": kind, "parameters": [{"type": "text", "text": values[key]} for key in keys]}


def _media(part: Part, slots: Sequence[Slot], payload: Payload) -> Build:
    kind, key, name_key = part.kind.partition(".")[2], f"{part.where}.1", f"{part.where}.filename"

    def build(values: Values) -> Component:
        given = values[key]
        reference = {"link" if is_link(given) else "id": given}
        if name_key in values:
            reference["filename"] = values[name_key]
        return _header(kind, reference)

    return build


def _location(part: Part, slots: Sequence[Slot], payload: Payload) -> Build:
    names = [(slot.key, slot.key.rpartition(".")[2]) for slot in slots]
    return lambda values: _header("location", {name: values[key] for key, name in names if key in values})


def _product(part: Part, slots: Sequence[Slot], payload: Payload) -> Build:
    product, catalog = (slot.key for slot in slots)
    return lambda values: _header("product", {"product_retailer_id": values[product], "catalog_id": values[catalog]})


def _header(kind: str, content: Mapping[str, Any]) -> Component:
    return {"type": "header", "parameters": [{"type": kind, kind: content}]}


def _offer(part: Part, slots: Sequence[Slot], payload: Payload) -> Build | None:
    if not slots:
        return None
    kind, key = "limited_time_offer", slots[0].key
    return lambda values: {
        "type": kind,
        "parameters": [{"type": kind, kind: {"expiration_time_ms": int(values[key])}}],
    }


def _address_end(part: Part, slots: Sequence[Slot], payload: Payload) -> Build | None:
    return _text_button("url", part, slots[0].key) if slots else None


def _one_time_code(part: Part, slots: Sequence[Slot], payload: Payload) -> Build:
    return _text_button("url", part, slots[0].key)


def _text_button(sub_type: str, part: Part, key: str) -> Build:
    index = str(part.index)
    return lambda values: _button(sub_type, index, {"type": "text", "text": values[key]})


def _quick_reply(part: Part, slots: Sequence[Slot], payload: Payload) -> Build:
    key, index, usual = part.where, str(part.index), payload(part)
    return lambda values: _button("quick_reply", index, {"type": "payload", "payload": values.get(key, usual)})


def _copy_code(part: Part, slots: Sequence[Slot], payload: Payload) -> Build:
    key, index = part.where, str(part.index)
    return lambda values: _button("copy_code", index, {"type": "coupon_code", "coupon_code": values[key]})


def _catalog(part: Part, slots: Sequence[Slot], payload: Payload) -> Build:
    key, index = f"{part.where}.thumbnail", str(part.index)

    def build(values: Values) -> Component | None:
        given = values.get(key)
        return _action("catalog", index, {"thumbnail_product_retailer_id": given}) if given else None

    return build


def _products(part: Part, slots: Sequence[Slot], payload: Payload) -> Build:
    key, index = part.where, str(part.index)

    def build(values: Values) -> Component:
        sections = read_products(values[key])
        thumbnail = values.get(f"{key}.thumbnail") or sections[0].products[0]
        listed = [
            {
                **({"title": section.title} if section.title else {}),
                "product_items": [{"product_retailer_id": product} for product in section.products],
            }
            for section in sections
        ]
        return _action("mpm", index, {"thumbnail_product_retailer_id": thumbnail, "sections": listed})

    return build


def _flow(part: Part, slots: Sequence[Slot], payload: Payload) -> Build:
    key, index = part.where, str(part.index)

    def build(values: Values) -> Component | None:
        token, data = values.get(key), values.get(f"{key}.data")
        action = {
            **({"flow_token": token} if token else {}),
            **({"flow_action_data": json.loads(data)} if data else {}),
        }
        return _action("flow", index, action) if action else None

    return build


def _action(sub_type: str, index: str, action: Mapping[str, Any]) -> Component:
    return _button(sub_type, index, {"type": "action", "action": action})


def _button(sub_type: str, index: str, parameter: Component) -> Component:
    return {"type": "button", "sub_type": sub_type, "index": index, "parameters": [parameter]}


BUILDERS: Mapping[str, Builder] = {
    "header.text": _text,
    "header.image": _media,
    "header.video": _media,
    "header.document": _media,
    "header.location": _location,
    "header.product": _product,
    "body": _text,
    "footer": _static,
    "limited_time_offer": _offer,
    "button.url": _address_end,
    "button.quick_reply": _quick_reply,
    "button.copy_code": _copy_code,
    "button.otp": _one_time_code,
    "button.phone_number": _static,
    "button.voice_call": _static,
    # The header names the product; the button only opens it, platform.md A.4, shape 11.
    "button.spm": _static,
    "button.catalog": _catalog,
    "button.mpm": _products,
    "button.flow": _flow,
}
"""What can be filled, beside the carousel. A kind without a row is refused before a campaign is created."""

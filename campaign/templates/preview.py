"""The text that a person will see. Pure.

WhatsApp folds a marketing text after five lines and shows "Read more". Lines are those of the text itself: where a
phone wraps a long one depends on the phone. Source: platform.md B.3, truncation in chat.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from campaign.errors import UsageError
from campaign.templates.lengths import text_of
from campaign.templates.slots import PLACEHOLDER, Part, SlotUse, parts_of, slots_of
from campaign.templates.values import is_link, read_products

Values = Mapping[str, str]

FOLD_LINES = 5
"""Lines of a marketing text before WhatsApp folds it behind "Read more"."""
FOLD = "---- Read more ----"


def preview(
    components: Sequence[Mapping[str, Any]], parameter_format: str, values: Values, *, category: str | None = None
) -> str:
    """Header, body and footer with the values filled in, then one line per button; cards are indented.

    values    slot to text, as a message carries it
    category  `marketing` shows where the text is folded
    raises    UsageError naming the slots that `values` lacks
    """
    slots = slots_of(components, parameter_format)
    missing = [slot.key for slot in slots if not slot.optional and not values.get(slot.key)]
    if missing:
        raise UsageError(f"there is no value for {', '.join(missing)}; add it to the values")
    shown: list[str] = []
    card: int | None = None
    for part in parts_of(components):
        if part.card is not None and part.card != card:
            shown.append(f"  card {part.card + 1}:")
        card = part.card
        lines = [line for text in _lines(part, values) for line in text.split("\n")]
        if part.kind == "body" and card is None and category == "marketing":
            lines = _folded(lines)
        shown += [f"    {line}" if card is not None else line for line in lines]
    return "\n".join(shown)


def examples(components: Sequence[Mapping[str, Any]], parameter_format: str) -> dict[str, str]:
    """A value for every slot that has to be filled, which shows where it will stand, such as `{first_name}`."""
    slots = [slot for slot in slots_of(components, parameter_format) if not slot.optional]
    return {slot.key: _EXAMPLES.get(slot.use, f"{{{slot.key.rpartition('.')[2]}}}") for slot in slots}


_EXAMPLES = {
    SlotUse.MEDIA: "https://example.com/media",
    SlotUse.CODE: "CODE",
    SlotUse.PRODUCTS: "Title: product",
    SlotUse.OFFER_END: "1893456000000",
    SlotUse.LATITUDE: "52.5",
    SlotUse.LONGITUDE: "13.4",
}


def filled_text(part: Part, values: Values) -> str:
    """The text of a header, body or footer, or the address of a button, with its values."""
    address = part.kind == "button.url"
    return PLACEHOLDER.sub(
        lambda found: values.get(part.where if address else f"{part.where}.{found[1]}", found[0]), text_of(part)
    )


def _folded(lines: Sequence[str]) -> list[str]:
    return [*lines[:FOLD_LINES], FOLD, *lines[FOLD_LINES:]] if len(lines) > FOLD_LINES else list(lines)


def _lines(part: Part, values: Values) -> Iterator[str]:
    show = _SHOWN.get(part.kind)
    if show is not None:
        yield show(part, values)
    elif part.kind.startswith("button."):
        yield f"[ {part.spec.get('text', part.kind.partition('.')[2])} ]"
    elif part.text:
        yield filled_text(part, values)
    elif part.kind != "carousel":
        yield f"({' '.join(reversed(part.kind.split('.')))})"


def _media(part: Part, values: Values) -> str:
    given = values[f"{part.where}.1"]
    name = values.get(f"{part.where}.filename")
    what = given if is_link(given) or given.startswith("@") else f"upload {given}"
    return f"({part.kind.partition('.')[2]}: {what}{f', shown as {name}' if name else ''})"


def _location(part: Part, values: Values) -> str:
    words = [values.get(f"{part.where}.{name}") for name in ("name", "address", "latitude", "longitude")]
    return f"(location: {', '.join(word for word in words if word)})"


def _product(part: Part, values: Values) -> str:
    return f"(product {values[f'{part.where}.product']} of catalog {values[f'{part.where}.catalog']})"


def _offer(part: Part, values: Values) -> str:
    ends = values.get("offer.ends")
    until = f", ends {datetime.fromtimestamp(int(ends) / 1000, UTC):%Y-%m-%d %H:%M} UTC" if ends else ""
    return f"(offer: {text_of(part)}{until})"


def _address(part: Part, values: Values) -> str:
    return f"[ {part.spec.get('text', '')} -> {filled_text(part, values)} ]"


def _code(part: Part, values: Values) -> str:
    return f"[ {part.spec.get('text', 'Copy code')}: {values[part.where]} ]"


def _products(part: Part, values: Values) -> str:
    sections = read_products(values[part.where])
    listed = "; ".join(f"{section.title or 'products'}: {', '.join(section.products)}" for section in sections)
    return f"[ {part.spec.get('text', 'View items')}: {listed} ]"


_SHOWN: Mapping[str, Callable[[Part, Values], str]] = {
    "header.image": _media,
    "header.video": _media,
    "header.document": _media,
    "header.location": _location,
    "header.product": _product,
    "limited_time_offer": _offer,
    "button.url": _address,
    "button.copy_code": _code,
    "button.mpm": _products,
}

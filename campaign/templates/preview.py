"""The text that a person will see. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from campaign.errors import UsageError
from campaign.templates.components import is_link
from campaign.templates.slots import PLACEHOLDER, Part, SlotUse, parts_of, slots_of

Values = Mapping[str, str]


def preview(components: Sequence[Mapping[str, Any]], parameter_format: str, values: Values) -> str:
    """Header, body and footer with the values filled in, then one line per button; `values` is slot to text.

    raises  UsageError naming the slots that `values` lacks
    """
    missing = [slot.key for slot in slots_of(components, parameter_format) if not values.get(slot.key)]
    if missing:
        raise UsageError(f"there is no value for {', '.join(missing)}; add it to the values")
    return "\n".join(line for part in parts_of(components) for line in _lines(part, values))


def examples(components: Sequence[Mapping[str, Any]], parameter_format: str) -> dict[str, str]:
    """A value for every slot that shows where it will stand, such as `{first_name}`."""
    slots = slots_of(components, parameter_format)
    return {slot.key: _EXAMPLES.get(slot.use, f"{{{slot.key.partition('.')[2]}}}") for slot in slots}


_EXAMPLES = {SlotUse.MEDIA: "https://example.com/media", SlotUse.CODE: "CODE"}


def filled_text(part: Part, values: Values) -> str:
    """The text of a header, body or footer with its values."""
    where = part.kind.partition(".")[0]
    return PLACEHOLDER.sub(lambda found: values.get(f"{where}.{found[1]}", found[0]), str(part.spec.get("text", "")))


def _lines(part: Part, values: Values) -> Iterator[str]:
    show = _SHOWN.get(part.kind)
    if show is not None:
        yield show(part, values)
    elif part.kind.startswith("button."):
        yield f"[ {part.spec.get('text', part.kind.partition('.')[2])} ]"
    elif part.spec.get("text"):
        yield filled_text(part, values)
    else:
        yield f"({part.kind})"


def _media(part: Part, values: Values) -> str:
    given = values["header.1"]
    return f"({part.kind.partition('.')[2]}: {given if is_link(given) else 'upload ' + given})"


def _address(part: Part, values: Values) -> str:
    end = values.get(f"button.{part.index}", "")
    address = PLACEHOLDER.sub(lambda _: end, str(part.spec.get("url", "")))
    return f"[ {part.spec.get('text', '')} -> {address} ]"


def _code(part: Part, values: Values) -> str:
    return f"[ {part.spec.get('text', 'Copy code')}: {values[f'button.{part.index}']} ]"


_SHOWN: Mapping[str, Callable[[Part, Values], str]] = {
    "header.image": _media,
    "header.video": _media,
    "header.document": _media,
    "button.url": _address,
    "button.copy_code": _code,
}

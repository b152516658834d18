"""Values to the `components` of a message, in the platform's shapes. Pure.

Source of the shapes: platform.md A.4. What is the same for every message is prepared once per campaign.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from campaign.errors import Conflict, UsageError
from campaign.templates.optout import begins_with_stop_word
from campaign.templates.slots import Part, Slot, parts_of, slots_of
from models.campaign import Campaign
from models.template import Template

Values = Mapping[str, str]
Component = dict[str, Any]
Build = Callable[[Values], Component]
Payload = Callable[[Part], str]

OPT_OUT = {"opt_out": True}
"""What the mapping holds for a quick reply that a person named as the opt-out button."""


class MessageBuilder:
    """Builds the components of every message of one campaign.

    raises  Conflict when the template was edited since and has a slot that the campaign does not fill
            UsageError when it has a part that cannot be filled yet
    """

    def __init__(self, template: Template, campaign: Campaign) -> None:
        _refuse_new_slots(template, campaign)
        self._builds = _builds(
            template.components, template.parameter_format, lambda part: _campaign_payload(part, campaign)
        )

    def components(self, values: Values) -> list[Component]:
        """The components of one message, only those with variables; `values` is slot to text."""
        return [build(values) for build in self._builds]


def build_components(components: Sequence[Mapping[str, Any]], parameter_format: str, values: Values) -> list[Component]:
    """The components of one message outside a campaign; its quick replies bring back their index alone."""
    return [build(values) for build in _builds(components, parameter_format, lambda part: f"reply:{part.index}")]


def unsupported_parts(components: Sequence[Mapping[str, Any]]) -> list[str]:
    """The kinds of parts that cannot be filled yet, in words such as `carousel` or `flow button`."""
    kinds = [part.kind for part in parts_of(components) if part.kind not in BUILDERS]
    return [" ".join(reversed(kind.split("."))).replace("_", " ") for kind in dict.fromkeys(kinds)]


def opt_out_buttons(components: Sequence[Mapping[str, Any]], mapping: Mapping[str, Any]) -> list[int]:
    """Positions of the quick replies that opt out: by their label, or named in the mapping."""
    replies = [part for part in parts_of(components) if part.kind == "button.quick_reply"]
    return [part.index for part in replies if part.index is not None and _opts_out(part, mapping)]


def _builds(components: Sequence[Mapping[str, Any]], parameter_format: str, payload: Payload) -> list[Build]:
    if kinds := unsupported_parts(components):
        raise UsageError(f"the template has parts that cannot be filled yet: {', '.join(kinds)}; choose another one")
    slots = slots_of(components, parameter_format)
    made = (BUILDERS[part.kind](part, slots, payload) for part in parts_of(components))
    return [build for build in made if build is not None]


def _refuse_new_slots(template: Template, campaign: Campaign) -> None:
    slots = slots_of(template.components, template.parameter_format)
    new = [slot.key for slot in slots if slot.key not in campaign.mapping]
    if new:
        raise Conflict(
            f"template {template.name} ({template.language}) was edited after campaign {campaign.name} was created "
            f"and now needs {', '.join(new)}; cancel the campaign and create it again"
        )


def _campaign_payload(part: Part, campaign: Campaign) -> str:
    if _opts_out(part, campaign.mapping):
        return f"optout:{campaign.category}:c{campaign.id}"
    return f"reply:{part.index}:c{campaign.id}"


def _opts_out(part: Part, mapping: Mapping[str, Any]) -> bool:
    return mapping.get(f"button.{part.index}") == OPT_OUT or begins_with_stop_word(str(part.spec.get("text", "")))


# One builder per kind of part: it prepares what never changes and returns None when nothing has to be sent.


def _static(part: Part, slots: Sequence[Slot], payload: Payload) -> None:
    return None


def _text(part: Part, slots: Sequence[Slot], payload: Payload) -> Build | None:
    where = part.kind.partition(".")[0]
    own = [slot for slot in slots if slot.key.partition(".")[0] == where]
    if not own:
        return None
    if any(slot.name for slot in own):
        pairs = [(slot.key, slot.name) for slot in own]
        return lambda values: {
            "type": where,
            "parameters": [{"type": "text", "parameter_name": name, "text": values[key]} for key, name in pairs],
        }
    keys = [slot.key for slot in own]
    return lambda values: {"type": where, "parameters": [{"type": "text", "text": values[key]} for key in keys]}


def _media(part: Part, slots: Sequence[Slot], payload: Payload) -> Build:
    kind = part.kind.partition(".")[2]

    def build(values: Values) -> Component:
        given = values["header.1"]
        reference = {"link" if is_link(given) else "id": given}
        return {"type": "header", "parameters": [{"type": kind, kind: reference}]}

    return build


def is_link(text: str) -> bool:
    """Whether a media value is an address; everything else is the id of an upload."""
    return text.startswith(("https://", "http://"))


def _address_end(part: Part, slots: Sequence[Slot], payload: Payload) -> Build | None:
    key, index = f"button.{part.index}", str(part.index)
    if all(slot.key != key for slot in slots):
        return None
    return lambda values: _button("url", index, {"type": "text", "text": values[key]})


def _quick_reply(part: Part, slots: Sequence[Slot], payload: Payload) -> Build:
    component = _button("quick_reply", str(part.index), {"type": "payload", "payload": payload(part)})
    return lambda values: component


def _copy_code(part: Part, slots: Sequence[Slot], payload: Payload) -> Build:
    key, index = f"button.{part.index}", str(part.index)
    return lambda values: _button("copy_code", index, {"type": "coupon_code", "coupon_code": values[key]})


def _one_time_code(part: Part, slots: Sequence[Slot], payload: Payload) -> Build:
    index = str(part.index)
    return lambda values: _button("url", index, {"type": "text", "text": values["body.1"]})


def _button(sub_type: str, index: str, parameter: Component) -> Component:
    return {"type": "button", "sub_type": sub_type, "index": index, "parameters": [parameter]}


BUILDERS: Mapping[str, Callable[[Part, Sequence[Slot], Payload], Build | None]] = {
    "header.text": _text,
    "header.image": _media,
    "header.video": _media,
    "header.document": _media,
    "body": _text,
    "footer": _static,
    "button.url": _address_end,
    "button.quick_reply": _quick_reply,
    "button.copy_code": _copy_code,
    "button.otp": _one_time_code,
    "button.phone_number": _static,
    "button.voice_call": _static,
    # Without parameters the first item of the catalog is the picture, platform.md A.4, shape 9.
    "button.catalog": _static,
}
"""What can be filled. A kind without a row is refused before a campaign is created."""

"""Values to the `components` of a message, in the platform's shapes. Pure.

Source of the shapes: platform.md A.4. What is the same for every message is prepared once per campaign.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from campaign.errors import Conflict, UsageError
from campaign.templates.builders import BUILDERS, Build, Component, Payload, Values, build_all, build_parts
from campaign.templates.optout import begins_with_stop_word
from campaign.templates.slots import Part, parts_of, slots_of
from models.campaign import Campaign
from models.template import Template

OPT_OUT = {"opt_out": True}
"""What the mapping holds for a quick reply that a person named as the opt-out button."""


class MessageBuilder:
    """Builds the components of every message of one campaign.

    media   ids of uploads by slot, for slots that the mapping fills from a file
    raises  Conflict when the template was edited since and has a slot that the campaign does not fill
            UsageError when it has a part that cannot be filled
    """

    def __init__(self, template: Template, campaign: Campaign, media: Values | None = None) -> None:
        _refuse_new_slots(template, campaign)
        self._media = dict(media or {})
        self._builds = _builds(
            template.components, template.parameter_format, lambda part: _campaign_payload(part, campaign)
        )

    def components(self, values: Values) -> list[Component]:
        """The components of one message, only those with something to send; `values` is slot to text."""
        return build_all(self._builds, {**values, **self._media} if self._media else values)


def build_components(components: Sequence[Mapping[str, Any]], parameter_format: str, values: Values) -> list[Component]:
    """The components of one message outside a campaign; its quick replies bring back their position alone."""
    return build_all(_builds(components, parameter_format, lambda part: f"reply:{_position(part)}"), values)


def unsupported_parts(components: Sequence[Mapping[str, Any]]) -> list[str]:
    """The kinds of parts that cannot be filled, in words such as `gif header` or `hologram`."""
    kinds = [part.kind for part in parts_of(components) if part.kind not in BUILDERS and part.kind != "carousel"]
    return [" ".join(reversed(kind.split("."))).replace("_", " ") for kind in dict.fromkeys(kinds)]


def opt_out_buttons(components: Sequence[Mapping[str, Any]], mapping: Mapping[str, Any]) -> list[int]:
    """Positions of the quick replies that opt out: by their label, or named in the mapping."""
    replies = [part for part in parts_of(components) if part.kind == "button.quick_reply"]
    return [part.index for part in replies if part.index is not None and _opts_out(part, mapping)]


def _position(part: Part) -> str:
    return str(part.index) if part.card is None else f"{part.card}.{part.index}"


def _builds(components: Sequence[Mapping[str, Any]], parameter_format: str, payload: Payload) -> list[Build]:
    if kinds := unsupported_parts(components):
        raise UsageError(f"the template has parts that cannot be filled: {', '.join(kinds)}; choose another one")
    parts = [part for part in parts_of(components) if part.card is None]
    return build_parts(parts, parameter_format, payload)


def _refuse_new_slots(template: Template, campaign: Campaign) -> None:
    slots = slots_of(template.components, template.parameter_format)
    new = [slot.key for slot in slots if slot.key not in campaign.mapping and not slot.optional]
    if new:
        raise Conflict(
            f"template {template.name} ({template.language}) was edited after campaign {campaign.name} was created "
            f"and now needs {', '.join(new)}; cancel the campaign and create it again"
        )


def _campaign_payload(part: Part, campaign: Campaign) -> str:
    if _opts_out(part, campaign.mapping):
        return f"optout:{campaign.category}:c{campaign.id}"
    return f"reply:{_position(part)}:c{campaign.id}"


def _opts_out(part: Part, mapping: Mapping[str, Any]) -> bool:
    return mapping.get(part.where) == OPT_OUT or begins_with_stop_word(str(part.spec.get("text", "")))

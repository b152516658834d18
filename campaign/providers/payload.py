"""A template message to JSON, in each envelope. Pure: knows no network. Shapes: platform.md A.3."""

import json
from collections.abc import Mapping
from typing import Any

from campaign.providers.base import OutboundTemplate

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def cloud_body(message: OutboundTemplate) -> bytes:
    """The body for Meta's Cloud API: `to` with a leading plus, as the 2026 page advises (platform.md F)."""
    return _encode(_cloud(message, message.to)).encode()


def d360_body(message: OutboundTemplate) -> bytes:
    """The body for 360dialog's Cloud hosting: the same envelope, `to` as plain digits (platform.md F)."""
    return _encode(_cloud(message, message.to.lstrip("+"))).encode()


def _cloud(message: OutboundTemplate, to: str) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to,
        "type": "template",
        "biz_opaque_callback_data": message.callback_data,
        "template": _template(message),
    }


def _template(message: OutboundTemplate) -> Mapping[str, Any]:
    template: dict[str, Any] = {
        "name": message.name,
        "language": {"policy": "deterministic", "code": message.language},
    }
    if message.components:  # a static template goes without the key
        template["components"] = message.components
    return template

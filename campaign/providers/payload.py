"""Messages to JSON, in each envelope. Pure: knows no network. Shapes: platform.md A.3, A.5, A.6."""

import json
from collections.abc import Mapping
from typing import Any

from campaign.providers.base import OutboundTemplate, OutboundText

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(document: Mapping[str, Any]) -> bytes:
    """JSON without spaces, letters beyond ASCII as they are."""
    return _encode(document).encode()


def cloud_body(message: OutboundTemplate) -> bytes:
    """The body for Meta's Cloud API: `to` with a leading plus, as the 2026 page advises (platform.md F)."""
    return encode(_cloud(message, message.to))


def d360_body(message: OutboundTemplate) -> bytes:
    """The body for 360dialog's Cloud hosting: the same envelope, `to` as plain digits (platform.md F)."""
    return encode(_cloud(message, digits(message.to)))


def onprem_body(message: OutboundTemplate) -> bytes:
    """The On-Premise body: no product and no callback data, which it does not bring back, but a namespace."""
    template = _template(message)
    if message.namespace:
        template["namespace"] = message.namespace
    return encode({"to": digits(message.to), "recipient_type": "individual", "type": "template", "template": template})


def cloud_text(message: OutboundText) -> bytes:
    """Free-form text for Meta's Cloud API."""
    return encode(_text(message, message.to))


def d360_text(message: OutboundText) -> bytes:
    """Free-form text for 360dialog's Cloud hosting."""
    return encode(_text(message, digits(message.to)))


def onprem_text(message: OutboundText) -> bytes:
    """Free-form text On-Premise: `preview_url` stands at the top. A quote is not documented there and left out."""
    body: dict[str, Any] = {
        "recipient_type": "individual",
        "to": digits(message.to),
        "type": "text",
        "text": {"body": message.body},
    }
    if message.preview_url:
        body["preview_url"] = True
    return encode(body)


def cloud_read(inbound_id: str) -> bytes:
    """Marks an inbound message as read, in both Cloud dialects."""
    return encode({"messaging_product": "whatsapp", "status": "read", "message_id": inbound_id})


def digits(phone_e164: str) -> str:
    """A phone as 360dialog documents it."""
    return phone_e164.lstrip("+")


def _cloud(message: OutboundTemplate, to: str) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to,
        "type": "template",
        "biz_opaque_callback_data": message.callback_data,
        "template": _template(message),
    }


def _template(message: OutboundTemplate) -> dict[str, Any]:
    template: dict[str, Any] = {
        "name": message.name,
        "language": {"policy": "deterministic", "code": message.language},
    }
    if message.components:  # a static template goes without the key
        template["components"] = message.components
    return template


def _text(message: OutboundText, to: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to,
        "type": "text",
        "text": {"preview_url": message.preview_url, "body": message.body},
    }
    if message.reply_to:
        body["context"] = {"message_id": message.reply_to}
    return body

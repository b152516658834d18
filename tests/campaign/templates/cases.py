"""Templates as the platform lists them, one per shape."""

import json
from pathlib import Path
from typing import Any

from models.campaign import Campaign
from models.template import Template

LISTING = json.loads(Path(__file__).with_name("listing.json").read_text("utf-8"))["data"]
SPRING_OFFER, ORDER_SHIPPED = LISTING

BODY = {"type": "BODY", "text": "Hi {{1}}, your code saves {{2}} until {{3}}."}
NAMED_BODY = {"type": "BODY", "text": "Order {{order_number}} is on its way, {{first_name}}."}
OTP_BODY = {"type": "BODY", "text": "*{{1}}* is your verification code."}


def buttons(*specs: dict[str, Any]) -> dict[str, Any]:
    """A BUTTONS component."""
    return {"type": "BUTTONS", "buttons": list(specs)}


def quick_reply(label: str) -> dict[str, Any]:
    return {"type": "QUICK_REPLY", "text": label}


def template(*components: dict[str, Any], **values: Any) -> Template:
    """A sendable template of these components."""
    given = {
        "name": "spring_offer",
        "language": "en_US",
        "category": "marketing",
        "status": "APPROVED",
        "parameter_format": "POSITIONAL",
    }
    return Template(**(given | values), components=list(components))


def campaign(mapping: dict[str, Any] | None = None, category: str = "marketing") -> Campaign:
    return Campaign(id=7, name="spring", category=category, mapping=mapping or {})

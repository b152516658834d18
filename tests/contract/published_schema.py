"""What Meta's OpenAPI document for business messaging (v23.0, schema `TemplateMessage`) asks of a template message.

The constraints are Meta's, the writing is ours. One rule is left out: the document's pattern for a button's index
refuses its own example "0"; any digit is taken here, as the document's text says (0 to 9).
"""

from typing import Any

TEXT = {"type": "string"}


def _record(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


def _one_of_types(shapes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A record whose `type` names its shape."""
    return {"oneOf": [_record({"type": {"const": name}, **shape}) for name, shape in shapes.items()]}


_MEDIA = {"oneOf": [_record({"id": TEXT}), _record({"link": {"type": "string", "pattern": "^https?://"}})]}
_CURRENCY = _record({"fallback_value": TEXT, "code": TEXT, "amount_1000": {"type": "integer"}})
_PARAMETER = _one_of_types(
    {
        "text": {"text": {"type": "string", "maxLength": 32_768}},
        "currency": {"currency": _CURRENCY},
        "date_time": {"date_time": _record({"fallback_value": TEXT})},
        "image": {"image": _MEDIA},
        "video": {"video": _MEDIA},
        "document": {"document": _MEDIA},
    }
)
_BUTTON_PARAMETER = _one_of_types({"payload": {"payload": TEXT}, "text": {"text": TEXT}})


def _parameters(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": of}


_COMPONENT = _one_of_types(
    {
        "header": {"parameters": _parameters(_PARAMETER)},
        "body": {"parameters": _parameters(_PARAMETER)},
        "button": {
            "sub_type": {"enum": ["quick_reply", "url", "catalog"]},
            "index": {"type": "string", "pattern": "^[0-9]$"},
            "parameters": _parameters(_BUTTON_PARAMETER),
        },
    }
)
_TEMPLATE = _record(
    {"name": TEXT, "language": _record({"policy": {"const": "deterministic"}, "code": TEXT})},
    components={"type": "array", "items": _COMPONENT},
)

TEMPLATE_MESSAGE = _record(
    {
        "messaging_product": {"const": "whatsapp"},
        "recipient_type": {"enum": ["individual", "group"]},
        "to": TEXT,
        "type": {"const": "template"},
        "template": _TEMPLATE,
    }
)

"""The outside of a message: product, recipient, type, callback data. Unknown fields are refused.

Sources: platform.md A.3, A.5, A.6.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sandbox.events import phone_of_user_id
from sandbox.parameters import allow_keys, as_object
from sandbox.phone import read_digits
from sandbox.refusals import Refusal
from sandbox.templates import NAMESPACE

# Kinds other than text are taken with whatever object they bring: whoever sends templates needs none of them.
FREE_FORM = frozenset(
    {"text", "image", "video", "audio", "document", "sticker", "location", "contacts", "interactive", "reaction"}
)
# Cloud and On-Premise differ in what they know, so that a body for one is refused by the other.
_SHARED = FREE_FORM | {"to", "type", "recipient_type", "template"}
_CLOUD_KEYS = _SHARED | {"messaging_product", "recipient", "context", "biz_opaque_callback_data"}
_MARKETING_KEYS = _CLOUD_KEYS | {"product_policy", "message_activity_sharing"}
_ON_PREMISE_KEYS = _SHARED | {"preview_url"}
_CALLBACK_LIMIT, _TEXT_LIMIT = 512, 4096


class Message(NamedTuple):
    """A message as read from its envelope.

    digits   the recipient as the platform understands it
    hidden   the recipient was named by a business-scoped id
    content  the object named by `kind`
    """

    digits: str
    hidden: bool
    kind: str
    content: Mapping[str, Any]
    callback_data: str | None


class TemplateName(NamedTuple):
    """What a template message asks for."""

    name: str
    language: str
    components: object


def read_json(raw: bytes) -> dict[str, Any]:
    """The body of a request.

    raises  Refusal 100 when it is no JSON object
    """
    try:
        document = json.loads(raw)
    except ValueError:
        raise Refusal(100, "The body of the request is not JSON.") from None
    if not isinstance(document, dict):
        raise Refusal(100, "The body of the request must be a JSON object.")
    return document


def read_cloud(document: Mapping[str, Any], *, marketing: bool = False) -> Message:
    """The envelope of both Cloud dialects."""
    allow_keys(document, _MARKETING_KEYS if marketing else _CLOUD_KEYS, "message")
    product = document.get("messaging_product")
    if product is None:
        raise Refusal(100, "The parameter messaging_product is required.")
    if product != "whatsapp":
        raise Refusal(100, f'Param messaging_product must be one of {{WHATSAPP}} - got "{product}".')
    digits, hidden = _recipient(document)
    return Message(digits, hidden, *_content(document), _callback_data(document))


def read_on_premise(document: Mapping[str, Any]) -> Message:
    """The On-Premise envelope: no product, no callback data."""
    for key in document:
        if key not in _ON_PREMISE_KEYS:
            raise Refusal(100, f"Parameter {key} is not required", on_premise=1010)
    digits, _ = _recipient(document)
    return Message(digits, False, *_content(document), None)


def read_template(content: Mapping[str, Any], *, on_premise: bool = False) -> TemplateName:
    """Name, language and components of a template message."""
    allow_keys(content, {"name", "language", "components"} | ({"namespace"} if on_premise else set()), "template")
    name = content.get("name")
    if not isinstance(name, str) or not name:
        raise Refusal(131008, "The parameter template['name'] is required.")
    if on_premise and content.get("namespace") != NAMESPACE:
        given = content.get("namespace")
        raise Refusal(131008, f"template namespace ({given}) is not ours", on_premise=2001 if given else 2014)
    language = content.get("language")
    if language is None:
        raise Refusal(131008, "The parameter template['language'] is required.")
    return TemplateName(name, _language(as_object(language, "template['language']")), content.get("components"))


def _language(language: Mapping[str, Any]) -> str:
    allow_keys(language, {"code", "policy"}, "template['language']")
    # Left out in the platform's own examples, and taken, platform.md J.
    code, policy = language.get("code"), language.get("policy", "deterministic")
    if not isinstance(code, str) or not code:
        raise Refusal(131008, "The parameter template['language']['code'] is required.")
    if policy != "deterministic":
        raise Refusal(100, f"Param template['language']['policy'] must be one of {{DETERMINISTIC}} - got \"{policy}\".")
    return code


def _recipient(document: Mapping[str, Any]) -> tuple[str, bool]:
    if document.get("recipient_type", "individual") != "individual":
        raise Refusal(131009, "Param recipient_type must be individual; the number is in no group.")
    # `to` may be spelt in many ways; read_digits knows them.
    to, recipient = document.get("to"), document.get("recipient")
    if to is None and recipient is None:
        raise Refusal(100, "The parameter to is required.")
    # If both are given, the phone wins, platform.md A.3.
    if to is None:
        digits = phone_of_user_id(str(recipient))
        if digits is None:
            raise Refusal(131009, "Param recipient is not the id of a user.")
        return digits, True
    if not isinstance(to, str):
        raise Refusal(100, "Param to must be a string.")
    digits = read_digits(to)
    if digits is None:
        raise Refusal(131009, f"Param to is not a valid phone number: {to!r}")
    return digits, False


def _content(document: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    # Graph's own default.
    kind = document.get("type", "text")
    if kind != "template" and kind not in FREE_FORM:
        raise Refusal(131051, f'Message type "{kind}" is not supported.')
    content = document.get(kind)
    if content is None:
        raise Refusal(131008, f"Parameter '{kind}' is mandatory for type '{kind}'")
    if kind == "contacts":
        return kind, {}
    content = as_object(content, kind)
    if kind == "text":
        _check_text(content)
    return kind, content


def _check_text(content: Mapping[str, Any]) -> None:
    allow_keys(content, {"body", "preview_url"}, "text")
    body = content.get("body")
    if not isinstance(body, str) or not body.strip():
        raise Refusal(100, "The parameter text['body'] is required.")
    if len(body) > _TEXT_LIMIT:
        raise Refusal(100, f"Param text['body'] must be at most {_TEXT_LIMIT} characters long.")
    if not isinstance(content.get("preview_url", False), bool):
        raise Refusal(100, "Param text['preview_url'] must be a boolean.")


def _callback_data(document: Mapping[str, Any]) -> str | None:
    data = document.get("biz_opaque_callback_data")
    if data is None:
        return None
    if not isinstance(data, str):
        raise Refusal(100, "Param biz_opaque_callback_data must be a string.")
    if len(data) > _CALLBACK_LIMIT:
        raise Refusal(100, f"Param biz_opaque_callback_data must be at most {_CALLBACK_LIMIT} characters long.")
    return data

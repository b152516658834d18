"""What webhooks say beside delivery statuses: replies, changes of templates, preferences. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from campaign.providers.base import InboundMessage, PreferenceChange, TemplateEvent
from campaign.providers.fields import Odd, id_of, id_or_none, instant, text_of, word_of


class Origin(NamedTuple):
    """Where and when an event of an account or a template was told, as far as its entry says so."""

    account: str | None = None
    at: datetime | None = None


NOWHERE = Origin()


def origin_of(entry: Any) -> Origin:
    """The origin that an entry of the envelope names. Source: platform.md D.2.

    raises  Odd when it departs from the known shape
    """
    known = _object(entry)
    time = known.get("time")
    return Origin(id_or_none(known.get("id")), None if time is None else instant(time))


def inbound_message(message: Any, people: list[Any]) -> InboundMessage:
    """One entry of `messages`; `people` are the entries of `contacts` beside it. Source: platform.md D.5.

    raises  Odd when it departs from the known shape
    """
    if not isinstance(message, dict):
        raise Odd("a message that is no object")
    kind = word_of(message.get("type") or "unknown")
    text, payload = _said(kind, _object(message.get(kind)))
    system = _object(message.get("system"))
    # With several people beside several messages there is no telling who wrote which.
    person = _object(people[0]) if len(people) == 1 else {}
    return InboundMessage(
        id=id_of(message.get("id")),
        kind=kind,
        occurred_at=instant(message.get("timestamp")),
        wa_id=id_or_none(message.get("from") or person.get("wa_id")),
        user_id=id_or_none(message.get("from_user_id") or person.get("user_id")),
        text=text_of(text),
        payload=text_of(payload),
        in_reply_to=id_or_none(_object(message.get("context")).get("id")),
        new_wa_id=id_or_none(system.get("wa_id") or system.get("new_wa_id")),
    )


def _said(kind: str, said: Mapping[str, Any]) -> tuple[Any, Any]:
    """Text and payload."""
    if kind == "button":
        return said.get("text"), said.get("payload")
    if kind == "interactive":
        reply = _object(said.get("button_reply") or said.get("list_reply"))
        return reply.get("title"), reply.get("id")
    return said.get("body") or said.get("caption"), None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


TEMPLATE_FIELDS = {
    "message_template_status_update": ("status", "event"),
    "message_template_quality_update": ("quality", "new_quality_score"),
    "template_category_update": ("category", "new_category"),
    "message_template_components_update": ("edited", "message_template_name"),
}


def template_event(field: str, value: Mapping[str, Any], origin: Origin = NOWHERE) -> list[TemplateEvent]:
    """The event, or none where the platform only gives notice of a later change of category.

    source  platform.md D.4
    raises  Odd when it departs from the known shape
    """
    what, key = TEMPLATE_FIELDS[field]
    if key not in value:
        return []
    event = {
        "name": id_of(value.get("message_template_name")),
        "language": id_of(value.get("message_template_language")),
        "platform_id": id_or_none(value.get("message_template_id")),
        "reason": _reason(value),
        "account": origin.account,
        "occurred_at": origin.at,
        what: _NEW_VALUES[what](word_of(value[key])),
    }
    return [TemplateEvent(**event)]  # type: ignore[arg-type] # one keyword is chosen by the table


def _reason(value: Mapping[str, Any]) -> str | None:
    """Why, in the words of whichever place the platform put them. Source: platform.md D.4."""
    rejected, more = _object(value.get("rejection_info")), _object(value.get("other_info"))
    ends = _object(value.get("disable_info")).get("disable_date")
    reason = value.get("reason")
    spoken = (
        None if reason == "NONE" else reason,
        rejected.get("reason"),
        more.get("description"),
        more.get("title"),
        f"disabled on {ends}" if isinstance(ends, int | str) else None,
    )
    return next((text_of(text) for text in spoken if text), None)


_NEW_VALUES: Mapping[str, Callable[[str], str | bool]] = {
    "status": str.upper,
    "quality": str.upper,
    "category": str.lower,
    "edited": bool,
}


def preference_change(item: Any) -> PreferenceChange:
    """One entry of `user_preferences`. Source: platform.md D.4.

    raises  Odd when it departs from the known shape; a value that we do not know is never taken for consent
    """
    wants = _WANTS.get(str(item.get("value"))) if isinstance(item, dict) else None
    if wants is None:
        raise Odd("a preference that is neither stop nor resume")
    return PreferenceChange(
        wants=wants,
        occurred_at=instant(item.get("timestamp")),
        wa_id=id_or_none(item.get("wa_id")),
        user_id=id_or_none(item.get("user_id")),
    )


_WANTS = {"stop": False, "resume": True, "signup": True}

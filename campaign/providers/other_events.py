"""What webhooks say beside delivery statuses: replies, changes of templates, preferences. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from campaign.providers.base import InboundMessage, PreferenceChange, TemplateEvent
from campaign.providers.fields import Odd, id_of, id_or_none, id_or_nothing, instant, text_of, word_of


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
    said = _object(message.get(kind))
    text, payload = _said(kind, said)
    changed = _changed(_object(message.get("system")))
    # With several people beside several messages there is no telling who wrote which.
    person = _object(people[0]) if len(people) == 1 else {}
    user_id = message.get("from_user_id") or person.get("user_id")
    return InboundMessage(
        id=id_of(message.get("id")),
        kind=kind,
        occurred_at=instant(message.get("timestamp")),
        wa_id=id_or_none(message.get("from") or person.get("wa_id") or changed.get("customer")),
        user_id=id_or_none(changed.get("user_id") or user_id),
        text=text_of(text),
        payload=text_of(payload),
        # A reaction names in itself what it is about.
        in_reply_to=id_or_none(_object(message.get("context")).get("id") or said.get("message_id")),
        new_wa_id=id_or_none(changed.get("wa_id") or changed.get("new_wa_id")),
        old_user_id=id_or_none(changed.get("previous_user_id") or (user_id if changed.get("user_id") else None)),
    )


ACTED_ON_CHANGES = frozenset({"user_changed_number", "customer_changed_number", "user_changed_user_id"})
"""Kinds of system messages from which something follows: another phone or user id for the same person."""


def _changed(system: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a system message says of a person's ids; nothing where it is about something else."""
    return system if system.get("type", "user_changed_number") in ACTED_ON_CHANGES else {}


def counted_kind(message: Mapping[str, Any], kind: str) -> str:
    """Under which kind a message is counted: a system message from which nothing follows bears its own word too."""
    what = _object(message.get("system")).get("type")
    nothing_follows = kind == "system" and isinstance(what, str) and what not in ACTED_ON_CHANGES
    return f"{kind}:{word_of(what)}" if nothing_follows else kind


def user_ids_of(people: list[Any]) -> dict[str, str]:
    """User ids by phone, of the entries of `contacts` that have both. Source: platform.md D.3."""
    known = [each for each in people if isinstance(each, dict)]
    pairs = ((id_or_nothing(each.get("wa_id")), id_or_nothing(each.get("user_id"))) for each in known)
    return {wa_id: user_id for wa_id, user_id in pairs if wa_id and user_id}


def _said(kind: str, said: Mapping[str, Any]) -> tuple[Any, Any]:
    """Text and payload."""
    if kind == "button":
        return said.get("text"), said.get("payload")
    if kind == "interactive":
        reply = _object(said.get("button_reply") or said.get("list_reply") or said.get("nfm_reply"))
        return reply.get("title") or reply.get("body"), reply.get("id") or reply.get("response_json")
    return said.get("body") or said.get("caption") or said.get("emoji"), None


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
    if wants and item.get("category", MARKETING_MESSAGES) != MARKETING_MESSAGES:
        raise Odd("a wish for something else than marketing")
    return PreferenceChange(
        wants=wants,
        occurred_at=instant(item.get("timestamp")),
        wa_id=id_or_none(item.get("wa_id")),
        user_id=id_or_none(item.get("user_id")),
    )


MARKETING_MESSAGES = "marketing_messages"
_WANTS = {"stop": False, "resume": True, "signup": True}

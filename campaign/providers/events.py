"""A webhook's body to normalised events, for every dialect. Pure: knows no network, session or clock.

360dialog's cloud posts Meta's envelope unchanged; the On-Premise bodies are flat. Shapes: platform.md D.2 to D.5.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import orjson

from campaign.providers.base import (
    DeliveryEvent,
    DeliveryStatus,
    InboundMessage,
    PreferenceChange,
    SenderEvent,
    TemplateEvent,
    UnreadableWebhook,
    WebhookContent,
)
from campaign.providers.fields import Odd, code_of, id_of, id_or_nothing, instant, list_of, text_of, word_of
from campaign.providers.known_fields import (
    MESSAGE_FIELDS,
    MOST_UNKNOWN,
    NOTICE_FIELDS,
    PREFERENCE_FIELDS,
    PRICING_FIELDS,
    STATUS_FIELDS,
    VALUE_FIELDS,
)
from campaign.providers.other_events import (
    TEMPLATE_FIELDS,
    Origin,
    counted_kind,
    inbound_message,
    origin_of,
    preference_change,
    template_event,
    user_ids_of,
)
from campaign.providers.plain_statuses import plain_statuses
from campaign.providers.prices import NO_PRICE, PRICE_FIELDS, price_of
from campaign.providers.sender_events import SENDER_FIELDS, notice_kind, sender_event
from models.sender import ProviderKind

UNREADABLE_STATUS = "unreadable_status"
"""The kind under which a status is counted that departs from the known shape."""

UNREADABLE = frozenset(
    {UNREADABLE_STATUS, "unreadable_message", "unreadable_preference", "unreadable_change", "unreadable_notice"}
)
"""Kinds that a person should look at: something was said and not understood."""

HIDING = frozenset({UNREADABLE_STATUS, "unreadable_change"})
"""Those of them that may hold what became of a message."""

KNOWN_MESSAGES = frozenset(
    {"text", "button", "interactive", "system", "image", "audio", "video", "document", "sticker", "location"}
    | {"contacts", "order", "reaction", "unsupported"}
)
"""Kinds of inbound messages that the platform documents. Source: platform.md D.5."""


def acted_on(kind: str) -> bool:
    """Whether the engine does something about a kind of `WebhookContent.others`, or parks it as a problem.

    The rest is counted and shown: unknown fields and words, alerts, errors out of band.
    """
    field, _, word = kind.partition(":")
    if field == "messages":
        return word in KNOWN_MESSAGES
    return not word and (field in _ACTED_ON or field in UNREADABLE)


_ACTED_ON = frozenset(TEMPLATE_FIELDS) | frozenset(SENDER_FIELDS) | {"user_preferences"}


def read_webhook(provider: str, body: bytes) -> WebhookContent:
    """What a body of a provider (`models.sender.ProviderKind`) says.

    raises  UnreadableWebhook
    """
    return _READERS[ProviderKind(provider)](body)


def read_cloud(body: bytes) -> WebhookContent:
    """What a body in Meta's envelope says. A part that cannot be read is counted and does not spoil the others.

    source  platform.md D.2
    raises  UnreadableWebhook when it is not JSON or has no list `entry`
    """
    document = _document(body)
    if (plain := plain_statuses(document, _KNOWN_STATUSES)) is not None:
        return WebhookContent(plain)
    return read_long(document)


def read_long(document: Mapping[str, Any]) -> WebhookContent:
    """The same of a document of any shape.

    raises  UnreadableWebhook when it has no list `entry`
    """
    if not isinstance(document.get("entry"), list):
        raise UnreadableWebhook("the body has no list `entry`")
    reading = _Reading()
    for entry, change in _changes(document["entry"]):
        reading.change(change, entry)
    return reading.content()


def read_onprem(body: bytes) -> WebhookContent:
    """What a flat body of the On-Premise dialect says.

    source  platform.md D.2
    raises  UnreadableWebhook when it is not JSON or holds none of the known lists
    """
    document = _document(body)
    if not any(isinstance(document.get(key), list) for key in _FLAT_LISTS):
        raise UnreadableWebhook("the body has no list `statuses`, `messages` or `errors`")
    reading = _Reading()
    reading.messages(document)
    # Not documented for this dialect; should it come, a person has opted out and that counts.
    reading.wishes(document)
    return reading.content()


_FLAT_LISTS = ("statuses", "messages", "errors", "user_preferences")

_READERS: Mapping[ProviderKind, Callable[[bytes], WebhookContent]] = {
    ProviderKind.CLOUD: read_cloud,
    ProviderKind.D360: read_cloud,
    ProviderKind.D360_ONPREM: read_onprem,
}


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        # It takes the standard and no more; what the platform's own tools let pass shall not fail here.
        document = _lenient(body)
    if not isinstance(document, dict):
        raise UnreadableWebhook(f"the body is a JSON {type(document).__name__}, not an object")
    return document


def _lenient(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableWebhook(f"the body is not JSON: {error}") from None


def _changes(entries: list[Any]) -> Iterator[tuple[Any, Any]]:
    for entry in entries:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        # Something that holds no list of changes is handed on as it is, to be counted as unreadable.
        yield from ((entry, change) for change in (changes if isinstance(changes, list) else [entry]))


class _Reading:
    """Collects what one body says."""

    def __init__(self) -> None:
        self.deliveries: list[DeliveryEvent] = []
        self.inbound: list[InboundMessage] = []
        self.template_events: list[TemplateEvent] = []
        self.preferences: list[PreferenceChange] = []
        self.sender_events: list[SenderEvent] = []
        self.others: Counter[str] = Counter()
        self.odd: dict[str, str] = {}

    def content(self) -> WebhookContent:
        told = self.inbound, self.template_events, self.preferences, self.sender_events
        return WebhookContent(self.deliveries, self.others, *told, self.odd)

    def _unreadable(self, kind: str, error: Exception) -> None:
        """Count a part that cannot be read, and note of the first which of its fields is odd."""
        self.others[kind] += 1
        self.odd.setdefault(kind, _where_odd(error))

    def change(self, change: Any, entry: Any) -> None:
        """One item of an entry's `changes`, routed by its `field`."""
        value = change.get("value") if isinstance(change, dict) else None
        if not isinstance(value, dict):
            self.others["unreadable_change"] += 1
            return
        field = change.get("field")
        if field == "messages":
            self.messages(value)
            return
        try:
            self._other_field(word_of(field), value, origin_of(entry))
        except Odd as error:
            # A field with a name of its own holds no statuses.
            self._unreadable("unreadable_notice" if isinstance(field, str) else "unreadable_change", error)

    def messages(self, value: Mapping[str, Any]) -> None:
        """The lists `statuses`, `messages` and `errors`; any may be missing."""
        people = list_of(value, "contacts")
        statuses = list_of(value, "statuses")
        user_ids = user_ids_of(people) if people and statuses else {}
        for status in statuses:
            self._status(status, user_ids)
        for message in list_of(value, "messages"):
            self._inbound(message, people)
        self._errors(value)
        self._unknown("value", value, VALUE_FIELDS)

    def _unknown(self, where: str, said: Mapping[str, Any], known: frozenset[str]) -> None:
        """Count what an object holds beside the fields that we know, so that news of the platform's is seen."""
        if not known.issuperset(said):
            for name in islice((name for name in said if name not in known), MOST_UNKNOWN):
                self.others[f"field:{where}.{word_of(name)}"] += 1

    def _errors(self, said: Mapping[str, Any]) -> None:
        """Errors about no message of ours: out of band, or of a message that came in. Source: platform.md C.1."""
        for error in list_of(said, "errors"):
            code = code_of(error.get("code")) if isinstance(error, dict) else None
            self.others[f"error:{code}"] += 1

    def _status(self, status: Any, user_ids: Mapping[str, str]) -> None:
        try:
            word = status["status"]
            if word in _KNOWN_STATUSES:
                self.deliveries.append(_delivery(status, _KNOWN_STATUSES[word], user_ids))
            else:
                self.others[f"status:{word_of(word)}"] += 1
        except (KeyError, TypeError, Odd) as error:
            self._unreadable(UNREADABLE_STATUS, error)
            return
        self._unknown("statuses", status, STATUS_FIELDS)
        if isinstance(pricing := status.get("pricing"), dict):
            self._unknown("pricing", pricing, PRICING_FIELDS)

    def _inbound(self, message: Any, people: list[Any]) -> None:
        try:
            found = inbound_message(message, people)
        except Odd as error:
            self._unreadable("unreadable_message", error)
            return
        self.inbound.append(found)
        self.others[f"messages:{counted_kind(message, found.kind)}"] += 1
        self._errors(message)
        self._unknown("messages", message, MESSAGE_FIELDS | {found.kind})

    def _other_field(self, field: str, value: Mapping[str, Any], origin: Origin) -> None:
        # Meta labels the quality event's own sample with another field: the keys decide, platform.md D.4.
        if "new_quality_score" in value:
            field = "message_template_quality_update"
        if field in TEMPLATE_FIELDS:
            self.template_events.extend(template_event(field, value, origin))
        elif field in SENDER_FIELDS:
            self.sender_events.extend(sender_event(field, value, origin))
        elif field == "user_preferences":
            self.wishes(value)
        self.others[notice_kind(field, value)] += 1
        if field in NOTICE_FIELDS:
            self._unknown(field, value, NOTICE_FIELDS[field])

    def wishes(self, value: Mapping[str, Any]) -> None:
        """The list `user_preferences`, if there is one."""
        for item in list_of(value, "user_preferences"):
            try:
                self.preferences.append(preference_change(item))
                self._unknown("user_preferences", item, PREFERENCE_FIELDS)
            except Odd as error:
                self._unreadable("unreadable_preference", error)


def _where_odd(error: Exception) -> str:
    """What is odd, without the value: that may be somebody's number."""
    if isinstance(error, KeyError):
        return f"it has no {word_of(str(error.args[0]))}"
    if isinstance(error, Odd):
        first = str(error).partition(" ")[0]
        return f"its {first} is in no form that we know" if first in ("timestamp", "id", "word") else str(error)
    return "it is no object"


# A voice message that was played has been read, platform.md D.3.
_KNOWN_STATUSES = {status.value: status for status in DeliveryStatus} | {"played": DeliveryStatus.READ}


def _delivery(status: Mapping[str, Any], word: DeliveryStatus, user_ids: Mapping[str, str]) -> DeliveryEvent:
    callback = status.get("biz_opaque_callback_data")
    code, text = _first_error(status) if word is DeliveryStatus.FAILED else (None, None)
    pricing = status.get("pricing")
    price = price_of(*map(pricing.get, PRICE_FIELDS)) if isinstance(pricing, dict) else NO_PRICE
    who = status.get("recipient_user_id") or user_ids.get(str(status.get("recipient_id")))
    return DeliveryEvent(
        id_of(status["id"]),
        word,
        instant(status.get("timestamp")),
        callback if isinstance(callback, str) else None,
        code,
        text,
        *price,
        id_or_nothing(who),
    )


def _first_error(status: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """Code and text of the first of `errors`; both None where the platform gave none. Source: platform.md C.1."""
    errors = list_of(status, "errors")
    if not errors or not isinstance(errors[0], dict):
        return None, None
    error = errors[0]
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else error.get("details")
    spoken = next((text for text in (details, error.get("message"), error.get("title")) if text), None)
    return code_of(error.get("code")), text_of(spoken)

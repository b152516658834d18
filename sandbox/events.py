"""What webhooks say, item by item. Statuses are written as text, since there are three for every message.

Fields: platform.md D.3 to D.5.
"""

from collections.abc import Collection
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, NamedTuple

from sandbox.ledger import FAILED, READ, SENT, STATUS_NAMES, Entry
from sandbox.phone import read_digits
from sandbox.refusals import row_of
from sandbox.templates import Template

# What every error of a webhook points to.
HELP_PAGE = "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes/"
_CONVERSATION_UNTIL_VERSION = 24
_DAY_S = 86_400
_USER_ID_KEY, _USER_IDS = 7919, 10**20


class Who(NamedTuple):
    """A person at the other end; `hidden`: known to us by a business-scoped id only."""

    wa_id: str
    hidden: bool = False


def user_id_of(wa_id: str) -> str:
    """The business-scoped id of a person who is not known by phone."""
    return f"US.{int(wa_id) * _USER_ID_KEY % _USER_IDS:020d}"


def phone_of_user_id(user_id: str) -> str | None:
    """The phone behind such an id, or None."""
    digits = user_id.removeprefix("US.")
    if not user_id.startswith("US.") or not digits.isdecimal() or len(digits) != 20:
        return None
    return read_digits(str(int(digits) * pow(_USER_ID_KEY, -1, _USER_IDS) % _USER_IDS))


def cloud_status(entry: Entry, bit: int, at: float, quirks: Collection[str] = ()) -> str:
    """One item of `statuses[]` in Meta's envelope, as JSON text."""
    # Seconds, as text; milliseconds were seen once, platform.md I.18.
    stamp = int(at * 1000) if "millisecond_timestamps" in quirks else int(at)
    who = (
        f'"recipient_user_id":"{user_id_of(entry.wa_id or "0")}"' if entry.hidden else f'"recipient_id":"{entry.wa_id}"'
    )
    text = f'{{"id":"{entry.message_id}","status":"{STATUS_NAMES[bit]}","timestamp":"{stamp}",{who}'
    if entry.callback_data is not None:
        text += f',"biz_opaque_callback_data":{quoted(entry.callback_data)}'
    if bit == FAILED:
        return text + f',"errors":[{_cloud_error(entry.error_code or 131000, quirks)}]}}'
    if bit == SENT and entry.door.version < _CONVERSATION_UNTIL_VERSION:
        text += (
            f',"conversation":{{"id":"{entry.seq:032x}","expiration_timestamp":"{int(at) + _DAY_S}",'
            f'"origin":{{"type":"{_category(entry)}"}}}}'
        )
    # The price comes with `sent` and with one of `delivered` and `read`, platform.md D.3.
    if bit != READ or entry.delivered_at is None:
        text += "," + _PRICING[entry.category or ""]
    return text + "}"


def on_premise_status(entry: Entry, bit: int, at: float, quirks: Collection[str] = ()) -> str:
    """One item of `statuses[]` On-Premise: no callback data, no price, and codes of its own."""
    text = (
        f'{{"id":"{entry.message_id}","recipient_id":"{entry.wa_id}","status":"{STATUS_NAMES[bit]}",'
        f'"timestamp":"{int(at)}"'
    )
    if bit == FAILED:
        row = row_of(entry.error_code or 131000)
        text += (
            f',"errors":[{{"code":{row.on_premise},"title":{quoted(row.title)},'
            f'"details":{quoted(row.details or row.title)}}}]'
        )
    return text + "}"


def sender_of(who: Who) -> dict[str, str]:
    """How a message from a person names them: by phone, or by id alone, platform.md I.13."""
    return {"from_user_id": user_id_of(who.wa_id)} if who.hidden else {"from": who.wa_id}


def contact_of(who: Who) -> dict[str, Any]:
    """The item of `contacts[]` that goes with it."""
    named = {"user_id": user_id_of(who.wa_id)} if who.hidden else {"wa_id": who.wa_id}
    return {"profile": {"name": f"Person {who.wa_id[-4:]}"}, **named}


def preference(who: Who, value: str, at: float) -> dict[str, Any]:
    """A person stops or resumes marketing in the app. `value`: stop or resume."""
    named = {"user_id": user_id_of(who.wa_id)} if who.hidden else {"wa_id": who.wa_id}
    return {
        **named,
        "detail": f"User requested to {value} marketing messages",
        "category": "marketing_messages",
        "value": value,
        "timestamp": int(at),
    }


def template_status(template: Template, event: str, title: str = "", quirks: Collection[str] = ()) -> dict[str, Any]:
    """`message_template_status_update`, platform.md D.4."""
    # Pauses carry the reason NONE and say the rest in `other_info`, platform.md B.1.
    other = {"other_info": {"title": title, "description": _TITLES.get(title, title)}} if title else {}
    return {
        "event": event,
        **template_key(template, quirks),
        "reason": "NONE",
        "message_template_category": template.category,
        **other,
    }


def template_quality(template: Template, previous: str, quirks: Collection[str] = ()) -> dict[str, Any]:
    """`message_template_quality_update`."""
    return {
        "previous_quality_score": previous,
        "new_quality_score": template.quality,
        **template_key(template, quirks),
    }


def template_key(template: Template, quirks: Collection[str] = ()) -> dict[str, Any]:
    """The three fields that name a template; its id is an integer here and a text in lists, platform.md I.19."""
    language = template.language.replace("_", "-") if "dashed_language" in quirks else template.language
    return {
        "message_template_id": int(template.template_id),
        "message_template_name": template.name,
        "message_template_language": language,
    }


def _category(entry: Entry) -> str:
    return entry.category or "service"


def _cloud_error(code: int, quirks: Collection[str]) -> str:
    row = row_of(code)
    written = f'"{code}"' if "string_codes" in quirks else code
    title = quoted(row.title)
    return (
        f'{{"code":{written},"title":{title},"message":{title},'
        f'"error_data":{{"details":{quoted(row.details or row.title)}}},"href":"{HELP_PAGE}"}}'
    )


def _pricing(category: str) -> str:
    kind, billable = ("regular", "true") if category else ("free_customer_service", "false")
    shown = category or "service"
    return f'"pricing":{{"billable":{billable},"pricing_model":"PMP","type":"{kind}","category":"{shown}"}}'


# Four kinds of message, so four texts, made once.
_PRICING = {category: _pricing(category) for category in ("", "marketing", "utility", "authentication")}
_TITLES = {
    "FIRST_PAUSE": "Your WhatsApp message template has been paused for 3 hours because it continued to have issues "
    "with quality.",
    "SECOND_PAUSE": "Your WhatsApp message template has been paused for 6 hours because it continued to have issues "
    "with quality.",
    "RATE_LIMITING_PAUSE": "Your WhatsApp message template has been paused because of the feedback of its recipients.",
    "UNPAUSE": "Your WhatsApp message template is active again.",
    "DISABLED": "Your WhatsApp message template has been disabled because of its quality.",
}

"""What webhooks say of a number or of its account: restrictions, quality, messaging limits. Pure.

Shapes: platform.md D.4. What is only news for people (alerts, notices, partner matters) is counted and no event.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from campaign.providers.base import SenderEvent
from campaign.providers.fields import instant, list_of, word_of
from campaign.providers.other_events import NOWHERE, Origin

Value = Mapping[str, Any]

STOPPING = frozenset({"RESTRICTED_BIZ_INITIATED_MESSAGING", "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"})
"""Restrictions under which no template may leave. Others concern numbers to be added, or templates to be made."""


def sender_event(field: str, value: Value, origin: Origin = NOWHERE) -> list[SenderEvent]:
    """The event, or none where nothing follows from it for a sender.

    source  platform.md D.4
    raises  Odd when it departs from the known shape
    """
    event = SENDER_FIELDS[field](value)
    return [replace(event, account=origin.account, occurred_at=origin.at)] if event is not None else []


def tier_word(limit: Any) -> str | None:
    """A messaging limit in one spelling of its many (`TIER_2K`, 2000, "2000", -1); None where it says nothing.

    source  platform.md D.4, E
    """
    if isinstance(limit, bool) or not isinstance(limit, int | str):
        return None
    word = str(limit).strip().upper().removeprefix("TIER_")
    if word in {"UNLIMITED", "-1"}:
        return "TIER_UNLIMITED"
    found = re.fullmatch(r"([1-9]\d{0,8})(K?)", word, re.ASCII)
    if found is None:
        return None
    thousands, rest = divmod(int(found[1]), 1000)
    return f"TIER_{thousands}K" if thousands and not rest else f"TIER_{word}"


def _number(value: Value) -> SenderEvent | None:
    kind = word_of(value.get("event")).upper()
    phone = re.sub(r"\D", "", str(value.get("display_phone_number") or ""), flags=re.ASCII) or None
    limit = value.get("max_daily_conversations_per_business", value.get("current_limit"))
    # Its low quality flags a number, platform.md G.5; what it is once unflagged, the next look at the number tells.
    state, quality = _NUMBER_WORDS.get(kind, (None, None))
    return SenderEvent(kind, phone=phone, state=state, quality=quality, messaging_limit=tier_word(limit))


_NUMBER_WORDS: Mapping[str, tuple[str, str | None]] = {"FLAGGED": ("flagged", "RED"), "UNFLAGGED": ("connected", None)}


def _capability(value: Value) -> SenderEvent | None:
    limit = tier_word(value.get("max_daily_conversations_per_business"))
    return SenderEvent("CAPABILITY", messaging_limit=limit) if limit is not None else None


def _account(value: Value) -> SenderEvent | None:
    kind = word_of(value.get("event")).upper()
    if kind == "ACCOUNT_RESTRICTION":
        return _restriction(kind, value)
    if kind == "DISABLED_UPDATE":
        ban = value.get("ban_info")
        word = str(ban.get("waba_ban_state")).upper() if isinstance(ban, dict) else ""
        return SenderEvent(kind, state=_BAN_WORDS[word]) if word in _BAN_WORDS else None
    return SenderEvent(kind, state="disabled") if kind in _ENDS else None


# SCHEDULE_FOR_DISABLE is a notice: the account still sends.
_BAN_WORDS = {"DISABLE": "disabled", "REINSTATE": "connected"}
_ENDS = frozenset({"ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED"})


def _restriction(kind: str, value: Value) -> SenderEvent | None:
    stops = [
        each
        for each in list_of(value, "restriction_info")
        if isinstance(each, dict) and str(each.get("restriction_type")).upper() in STOPPING
    ]
    if not stops:
        return None
    ends = [instant(each["expiration"]) for each in stops if each.get("expiration")]
    # One without an end outlasts the others.
    return SenderEvent(kind, state="restricted", until=max(ends) if len(ends) == len(stops) else None)


SENDER_FIELDS: Mapping[str, Callable[[Value], SenderEvent | None]] = {
    "phone_number_quality_update": _number,
    "business_capability_update": _capability,
    "account_update": _account,
}
"""The fields that tell of senders, and how each is read."""


def notice_kind(field: str, value: Value) -> str:
    """Under which kind something that is told of an account or a template is counted.

    What nothing acts on bears its own word, so that a person sees which alert or which change it was.
    """
    if field == "account_alerts":
        info = value.get("alert_info")
        told = info if isinstance(info, dict) else value
        return f"{field}:{_word(told, 'alert_severity')}:{_word(told, 'alert_type')}"
    if field == "account_update" and word_of(value.get("event")).upper() not in _TOLD_OF_ACCOUNTS:
        return f"{field}:{_word(value, 'event')}"
    if field == "template_category_update" and "new_category" not in value:
        return f"{field}:{_word(value, 'correct_category')}"
    return field


_TOLD_OF_ACCOUNTS = frozenset({"ACCOUNT_RESTRICTION", "DISABLED_UPDATE"}) | _ENDS


def _word(value: Value, key: str) -> str:
    found = value.get(key)
    return word_of(found).upper() if isinstance(found, str) else "UNKNOWN"

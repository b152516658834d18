"""An answer of the platform to an outcome or an error. Pure. Shapes: platform.md A.7 and C.1."""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from campaign.providers.base import Accepted, Held, Outcome, Refused, Uncertain
from campaign.providers.transport import Answer

HELD_STATUSES = {"held_for_quality_assessment", "paused"}

# Sent on to nobody: the platform broke down, or a proxy before it, after it may have taken the request.
UNCERTAIN_STATUSES = {408, 500, 502, 504}

LONGEST_RETRY_AFTER_S = 86_400.0
"""What asks for a longer stop is asked again after a day: a wrong date must not silence a number for good."""


def read_send_answer(answer: Answer) -> Outcome:
    """What an answer to a send means for the message.

    A 200 without a readable message id, and 5xx without an error code, are uncertain: the message may have been taken.
    """
    body = _json_object(answer.body)
    if answer.status in {200, 201}:
        return _taken(body) or Uncertain(f"HTTP {answer.status} without a message id")
    code, text = read_error(body)
    if code is None and (answer.status in UNCERTAIN_STATUSES or (answer.status > 504 and answer.status < 600)):
        return Uncertain(f"HTTP {answer.status} {text}".strip())
    return Refused(code, text or f"HTTP {answer.status}", answer.status, _retry_after(answer))


def read_error(body: dict[str, Any] | None) -> tuple[int | None, str]:
    """Code and text of an error body in any of the four envelopes; (None, "") where there is none."""
    if body is None:
        return None, ""
    detail = body.get("detail")
    error = body.get("error") or (detail.get("error") if isinstance(detail, dict) else None)
    if isinstance(error, dict):
        return as_code(error.get("code")), _details(error)
    errors = body.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return as_code(errors[0].get("code")), _details(errors[0])
    meta = body.get("meta")
    text = meta.get("developerMessage") if isinstance(meta, dict) else error or detail
    return None, str(text or "")[:500]


def as_code(value: object) -> int | None:
    """An error code as a number; some samples carry it as text, platform.md I.16."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError):
        return None


def _taken(body: dict[str, Any] | None) -> Outcome | None:
    message = _first(body, "messages")
    wamid = message.get("id")
    if not isinstance(wamid, str) or not wamid:
        return None
    wa_id = _first(body, "contacts").get("wa_id")
    wa_id = str(wa_id) if wa_id else None
    status = message.get("message_status")
    if status in HELD_STATUSES:
        return Held(wamid, wa_id, paused=status == "paused")
    return Accepted(wamid, wa_id)


def _first(body: dict[str, Any] | None, key: str) -> dict[str, Any]:
    items = body.get(key) if body else None
    return items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}


def _details(error: dict[str, Any]) -> str:
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else data
    parts = [
        str(part) for part in (error.get("message") or error.get("title"), details or error.get("details")) if part
    ]
    return ": ".join(dict.fromkeys(parts))[:500]


def _retry_after(answer: Answer) -> float | None:
    """Seconds to wait, given as such or as a date; None where neither is readable.

    A date counts by the clock of whoever names it, which every server with a clock tells; ours may differ.

    source  RFC 9110, 6.6.1, 10.2.3
    """
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return min(float(value), LONGEST_RETRY_AFTER_S)
    until, since = _instant(value), _instant(answer.headers.get("date", ""))
    if until is None or since is None:
        return None
    return min(max((until - since).total_seconds(), 0.0), LONGEST_RETRY_AFTER_S)


def _instant(text: str) -> datetime | None:
    """A date of HTTP, aware; None where it is none."""
    try:
        read = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None

"""One person out of a webhook's body. Pure: what the engine needs of the entry stays, whoever it was about does not."""

import json
from collections.abc import Collection
from typing import Any

ERASED = "erased"
RECORDS = frozenset({"statuses", "messages", "contacts", "user_preferences", "message_echoes", "errors"})
"""Lists in which each entry is about one person."""

_KEPT = ("status", "timestamp", "type", "biz_opaque_callback_data", "pricing", "conversation", "category", "value")
"""What such an entry may keep: when what happened, and to which message of ours."""


def redact(body: bytes, marks: Collection[str]) -> bytes:
    """A body without the person that the marks tell: phones in digits, platform ids, ids of their messages.

    An entry that has a mark anywhere keeps its kind, its times and our callback data. What is no JSON loses the marks.
    """
    try:
        content = json.loads(body)
    except ValueError:
        return _plain(body, marks)
    wanted = sorted(filter(None, marks), key=len, reverse=True)
    return json.dumps(_without(content, wanted), ensure_ascii=False, separators=(",", ":")).encode()


def _without(node: Any, marks: Collection[str], key: str = "") -> Any:
    if isinstance(node, dict):
        return {_cleaned(name, marks): _without(value, marks, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_entry(each, marks) if key in RECORDS else _without(each, marks) for each in node]
    return _cleaned(node, marks) if isinstance(node, str) else _number(node, marks)


def _entry(entry: Any, marks: Collection[str]) -> Any:
    if not isinstance(entry, dict) or not _mentions(entry, marks):
        return _without(entry, marks)
    kept = {name: _without(entry[name], marks) for name in _KEPT if name in entry}
    return ({"id": ERASED} if "id" in entry else {}) | kept


def _mentions(entry: Any, marks: Collection[str]) -> bool:
    text = json.dumps(entry, ensure_ascii=False)
    return any(mark in text for mark in marks)


def _cleaned(text: str, marks: Collection[str]) -> str:
    for mark in marks:
        text = text.replace(mark, ERASED)
    return text


def _number(value: Any, marks: Collection[str]) -> Any:
    return ERASED if str(value) in marks else value


def _plain(body: bytes, marks: Collection[str]) -> bytes:
    for mark in sorted(filter(None, marks), key=len, reverse=True):
        body = body.replace(mark.encode(), ERASED.encode())
    return body

"""Single values of a webhook's body: ids, instants, words and texts, in all the forms that the platform uses. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_MILLISECONDS_FROM = 100_000_000_000
_NOT_BEFORE = 1_000_000_000
_NOT_AFTER = 10_000_000_000
_LONGEST_ID = 512
_LONGEST_TEXT = 1000
_LONGEST_WORD = 64
_INT_32 = 2**31


class Odd(ValueError):
    """A part of a body that departs from the known shape."""


def list_of(value: Mapping[str, Any], key: str) -> list[Any]:
    """The list under a key; empty where there is none."""
    found = value.get(key)
    return found if isinstance(found, list) else []


def instant(value: Any) -> datetime:
    """UNIX time in seconds or milliseconds, as a number or a string, to an aware UTC time.

    source  platform.md D.3
    raises  Odd when it is neither, or lies outside the years 2001 to 2286
    """
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        raise Odd(f"timestamp {value!r:.40}") from None
    if seconds > _MILLISECONDS_FROM:
        seconds /= 1000
    if isinstance(value, bool) or not _NOT_BEFORE <= seconds <= _NOT_AFTER:
        raise Odd(f"timestamp {value!r:.40}")
    return datetime.fromtimestamp(seconds, UTC)


def id_of(value: Any) -> str:
    """An id as the platform gave it; what no index could hold is not an id.

    raises  Odd
    """
    if isinstance(value, str) and 0 < len(value) <= _LONGEST_ID and value.isascii() and value.isprintable():
        return value
    raise Odd(f"id {value!r:.40}")


def id_or_none(value: Any) -> str | None:
    """An id that may be missing; template ids are integers in webhooks, platform.md I.19."""
    if value is None:
        return None
    return id_of(str(value) if isinstance(value, int) else value)


def id_or_nothing(value: Any) -> str | None:
    """An id, or None where there is none or it is odd: of what only adds to an event and must not spoil it."""
    try:
        return id_or_none(value)
    except Odd:
        return None


def word_of(value: Any) -> str:
    """A word of the platform's, kept short enough to count by.

    raises  Odd
    """
    if not isinstance(value, str):
        raise Odd(f"word {value!r:.40}")
    return (
        value if value.isascii() and len(value) <= _LONGEST_WORD and "\x00" not in value else _cut(value, _LONGEST_WORD)
    )


def text_of(value: Any) -> str | None:
    """A text that the database can hold: no NUL, no half of a surrogate pair, not endless; None where it is none."""
    return _cut(value, _LONGEST_TEXT) if isinstance(value, str) else None


def code_of(value: Any) -> int | None:
    """An error code; strings appear in some bodies, platform.md I.16."""
    try:
        code = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return code if -_INT_32 <= code < _INT_32 else None


def _cut(text: str, longest: int) -> str:
    return text.replace("\x00", "")[:longest].encode("utf-8", "replace").decode("utf-8")

"""Texts with numbers, names and instants in them, as HTML: whatever a name holds is shown as it is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from html import escape
from string import Formatter
from typing import Any

from nicegui import ui
from nicegui.elements.html import Html

from console.web.texts import Words

LONGEST_NAME = 80
"""Characters of a name that stand in a sentence."""


def sentence(key: str, values: Mapping[str, Any], words: Words, *, tag: str = "p", classes: str = "") -> Html:
    """A text as an element."""
    return ui.html(sentence_html(key, values, words), sanitize=False, tag=tag).classes(classes)


def sentence_html(key: str, values: Mapping[str, Any], words: Words) -> str:
    """A text of the pages with its values filled in, as HTML. Pure."""
    pieces = []
    for literal, field, _, _ in Formatter().parse(words(key)):
        pieces.append(escape(literal))
        if field is not None:
            pieces.append(_value(values[field], words))
    return "".join(pieces)


def time_html(at: datetime, *, seconds: bool = False) -> str:
    """An instant; the browser shows it in its own zone."""
    told = f"{at:%Y-%m-%d %H:%M:%S} UTC" if seconds else f"{at:%Y-%m-%d %H:%M} UTC"
    exact = " data-exact" if seconds else ""
    return f'<time datetime="{at.isoformat()}" title="{told}"{exact}>{told}</time>'


def span(length: timedelta, words: Words) -> str:
    """A length of time, the largest two units that count."""
    seconds = round(length.total_seconds())
    parts = ((seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    shown = [f"{words.number(count)} {unit}" for count, unit in parts if count]
    return " ".join(shown[:2]) or "0 s"


def share(part: float, whole: float, words: Words) -> str:
    """A share in percent, as far as it tells something."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    return f"{words.number(round(percent, 1) if 0 < percent < 10 else round(percent))} %"


def _value(value: Any, words: Words) -> str:
    if isinstance(value, datetime):
        return time_html(value)
    if isinstance(value, timedelta):
        return escape(span(value, words))
    if isinstance(value, int | float):
        return words.number(value)
    text = str(value)
    return escape(text if len(text) <= LONGEST_NAME else text[:LONGEST_NAME] + "…")

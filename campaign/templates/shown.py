"""A filled template as a phone shows it: bubbles, their blocks, their buttons. Pure.

What the command line prints is campaign.templates.preview; this is the same for something that can draw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from campaign.templates.formatting import Run, lines_of
from campaign.templates.lengths import text_of
from campaign.templates.optout import begins_with_stop_word
from campaign.templates.preview import FOLD_LINES, Values, filled_text
from campaign.templates.slots import Part, parts_of
from campaign.templates.values import is_link


@dataclass(frozen=True, slots=True)
class Block:
    """One thing in a bubble.

    kind    header, body or footer; image, video, document, location, product, offer; or the platform's own word
    lines   of its text, each in stretches of one style
    fold    lines that are seen before "Read more"; None: all of them
    source  of media: its file or address, empty while nothing fills it
    """

    kind: str
    lines: Sequence[Sequence[Run]] = ()
    fold: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a bubble. `detail` is where it leads or what it copies; `opts_out`: a tap withdraws consent."""

    kind: str
    label: str
    detail: str = ""
    opts_out: bool = False


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message, or one card of a carousel."""

    blocks: Sequence[Block]
    buttons: Sequence[Button]
    card: int | None = None


def shown(components: Sequence[Mapping[str, Any]], values: Values, *, category: str | None = None) -> list[Bubble]:
    """The message first, then its cards; a slot without a value shows its placeholder.

    values    slot to text, as a message carries it; a file as `@name`
    category  `marketing` folds a long body
    """
    cards: dict[int | None, list[Part]] = {}
    for part in parts_of(components):
        if part.kind != "carousel":
            cards.setdefault(part.card, []).append(part)
    return [
        Bubble(
            [_block(part, values, category) for part in parts if part.index is None],
            [_button(part, values) for part in parts if part.index is not None],
            card,
        )
        for card, parts in cards.items()
    ]


def _block(part: Part, values: Values, category: str | None) -> Block:
    name, _, form = part.kind.partition(".")
    if part.kind == "body":
        lines = lines_of(filled_text(part, values))
        folds = category == "marketing" and part.card is None and len(lines) > FOLD_LINES
        return Block("body", lines, FOLD_LINES if folds else None)
    if form == "location":
        words = [values.get(f"{part.where}.{key}", "") for key in ("name", "address", "latitude", "longitude")]
        return Block("location", _plain(", ".join(word for word in words if word)))
    if form == "product":
        return Block("product", _plain(values.get(f"{part.where}.product", "")))
    if name == "header" and form != "text":
        return Block(form, _plain(values.get(f"{part.where}.filename", "")), source=_media(part, values))
    if part.kind == "limited_time_offer":
        return Block("offer", [*_plain(text_of(part)), *_plain(_ends(values))])
    # WhatsApp takes no marks in headers and footers.
    return Block(name, _plain(filled_text(part, values)))


def _media(part: Part, values: Values) -> str:
    given = values.get(f"{part.where}.1", "")
    return given.rpartition("/")[2] or given if is_link(given) else given.removeprefix("@")


def _ends(values: Values) -> str:
    ends = values.get("offer.ends", "")
    return f"{datetime.fromtimestamp(int(ends) / 1000, UTC):%Y-%m-%d %H:%M} UTC" if ends.isdecimal() else ""


def _button(part: Part, values: Values) -> Button:
    kind = part.kind.partition(".")[2]
    label = str(part.spec.get("text", ""))
    detail = values.get(part.where, "") if kind in {"copy_code", "mpm"} else ""
    if kind == "url":
        detail = filled_text(part, values)
    elif kind == "phone_number":
        detail = str(part.spec.get("phone_number", ""))
    return Button(kind, label, detail, kind == "quick_reply" and begins_with_stop_word(label))


def _plain(text: str) -> list[list[Run]]:
    return [[Run(line)] for line in text.split("\n")] if text else []

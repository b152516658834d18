"""What WhatsApp makes of the marks in a text: *bold*, _italic_, ~strike~, `code` and ```mono```. Pure.

A mark counts where it stands at the edge of words, with no space inside it, and closes on its own line; a block of mono
may span lines and holds no other marks. What does not close is shown as it is written.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple


class Style(StrEnum):
    """How a stretch of text is shown."""

    BOLD = "bold"
    ITALIC = "italic"
    STRIKE = "strike"
    MONO = "mono"


class Run(NamedTuple):
    """A stretch of text in one style."""

    text: str
    styles: frozenset[Style] = frozenset()


_MARKED = re.compile(
    r"```(?P<block>[^`]+)```"
    r"|(?<![\w`])`(?P<code>[^`\n]+)`(?![\w`])"
    r"|(?<![\w*])\*(?! )(?P<bold>[^*\n]+)(?<! )\*(?![\w*])"
    r"|(?<![^\W_])(?<!_)_(?! )(?P<italic>[^_\n]+)(?<! )_(?!\w)"
    r"|(?<![\w~])~(?! )(?P<strike>[^~\n]+)(?<! )~(?![\w~])"
)
_STYLES = {
    "block": Style.MONO, "code": Style.MONO, "bold": Style.BOLD, "italic": Style.ITALIC, "strike": Style.STRIKE,
}  # fmt: skip


def runs_of(text: str) -> list[Run]:
    """The stretches of a text in order; together they are the text without the marks that count."""
    return list(_runs(text, frozenset()))


def lines_of(text: str) -> list[list[Run]]:
    """The same, line by line; an empty line has no stretches."""
    lines: list[list[Run]] = [[]]
    for run in runs_of(text):
        first, *others = run.text.split("\n")
        lines[-1] += [Run(first, run.styles)] if first else []
        lines += [[Run(other, run.styles)] if other else [] for other in others]
    return lines


def _runs(text: str, styles: frozenset[Style]) -> Iterator[Run]:
    end = 0
    for found in _MARKED.finditer(text):
        if found.start() > end:
            yield Run(text[end : found.start()], styles)
        name = str(found.lastgroup)
        inner = styles | {_STYLES[name]}
        if _STYLES[name] is Style.MONO:
            yield Run(found[name], inner)
        else:
            yield from _runs(found[name], inner)
        end = found.end()
    if end < len(text):
        yield Run(text[end:], styles)

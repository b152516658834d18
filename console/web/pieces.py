"""What several pages do and show: an act, facts, figures, and a bar chart that reads out."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from nicegui import ui
from nicegui.element import Element

from campaign.access.roles import Actor
from console.web.parts import ErrorLine, table, text
from console.web.texts import Words
from console.web.visit import Visit
from models.people import Category
from models.session import Sessions

Shown = str | Callable[[], object]


async def did(
    visit: Visit, do: Callable[[Sessions, Actor], object], *, errors: ErrorLine | None = None, done: str | None = None
) -> bool:
    """Whether an act worked that gives nothing back; `errors` and `done` as Visit.act takes them."""

    def doing(sessions: Sessions, actor: Actor) -> bool:
        do(sessions, actor)
        return True

    return bool(await visit.act(doing, errors=errors, done=done))


CATEGORIES = frozenset(Category)


def category_of(category: str, words: Words) -> str:
    """The word for a category; one that the platform has made up since is shown as it is."""
    return words(f"category.{category}") if category in CATEGORIES else category


QUALITY_TONES = {"GREEN": "good", "HIGH": "good", "YELLOW": "warn", "MEDIUM": "warn", "RED": "bad", "LOW": "bad"}


def quality(told: str | None, words: Words) -> None:
    """The platform's word for quality, with its colour; a dash where it has said nothing."""
    known = (told or "").upper()
    if known in {"", "UNKNOWN"}:
        text("–")
    else:
        told = words(f"quality.{known.lower()}") if known in QUALITY_TONES else known
        text(told, "span", f"chip tone-{QUALITY_TONES.get(known, 'quiet')}")


def listing(headings: Sequence[str], rows: Sequence[Sequence[Any]], *, caption: str, empty: str) -> Element | None:
    """A table, as console.web.parts draws it, whose rows become cards where there is no room for columns."""
    made = table(headings, rows, caption=caption, empty=empty)
    return made.classes("stacked") if made is not None else None


def whole(content: str) -> Callable[[], Element]:
    """A cell with what people have written: three lines of it at most, each direction for itself."""
    return lambda: text(content, "span", "clamp").props('dir="auto"')


def facts(pairs: Sequence[tuple[str, Shown | None]]) -> None:
    """Names with what they hold; those that hold nothing are left out."""
    with ui.element("dl").classes("known"):
        for name, value in pairs:
            if value is None or value == "":
                continue
            text(name, "dt")
            with ui.element("dd"):
                value() if callable(value) else text(value)


def figures(pairs: Sequence[tuple[str, str]]) -> None:
    """Numbers that one looks for first."""
    with ui.element("div").classes("figures"):
        for label, value in pairs:
            with ui.element("div").classes("figure"):
                text(value, "div", "value")
                text(label, "div", "label")


WIDTH, HEIGHT, BASE, TOP = 720, 190, 24, 14


def bars(values: Sequence[tuple[str, int]], *, label: str, every: int = 4) -> str:
    """A bar chart as SVG: name and value of each bar. Pure.

    label  read out instead of the picture; the values belong into a table beside it
    every  how many bars there are between two names on the axis
    """
    most = max([value for _, value in values] + [1])
    step = WIDTH / max(1, len(values))
    room = HEIGHT - BASE - TOP
    drawn = []
    for place, (name, value) in enumerate(values):
        height = round(room * value / most, 1)
        x, y = round(place * step + step * 0.15, 1), round(HEIGHT - BASE - height, 1)
        drawn.append(
            f'<rect class="bar" x="{x}" y="{y}" width="{round(step * 0.7, 1)}" height="{height}" rx="2">'
            f"<title>{escape(name)}: {value:,}</title></rect>"
        )
        if place % every == 0:
            last = place == len(values) - 1
            at, anchor = (WIDTH, ' text-anchor="end"') if last else (x, "")
            drawn.append(f'<text x="{at}" y="{HEIGHT - 7}"{anchor}>{escape(name)}</text>')
    line = f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT - BASE}" y2="{HEIGHT - BASE}"/>'
    top = f'<text x="0" y="{TOP - 3}">{most:,}</text>'
    return (
        f'<svg class="bars" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{line}{top}{''.join(drawn)}</svg>"
    )


def picture(svg: str) -> None:
    """Show a picture that was drawn here."""
    ui.html(svg, sanitize=False, tag="div").classes("chart-wrap")

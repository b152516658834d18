"""Small parts that pages are made of; each looks and reads out the same wherever it stands."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.html import Html

from console.web.texts import Words

TONES = {
    "draft": "quiet", "scheduled": "info", "preparing": "info", "running": "good", "paused": "warn",
    "settling": "info", "completed": "good", "cancelled": "quiet",
    "queued": "quiet", "sending": "info", "uncertain": "warn", "accepted": "info", "held": "warn", "sent": "info",
    "delivered": "good", "read": "good", "failed": "bad", "dropped": "bad", "expired": "bad", "skipped": "quiet",
    "refused": "quiet", "connected": "good", "flagged": "warn", "restricted": "bad", "disabled": "bad",
    "APPROVED": "good", "PAUSED": "warn", "PENDING": "info", "REJECTED": "bad", "DISABLED": "bad",
}  # fmt: skip
"""States to how they look; a state that is not here is quiet."""


class ErrorLine(Element):
    """Where an error of what stands beside it appears; read out by screen readers when it does."""

    def __init__(self) -> None:
        super().__init__("p")
        self.classes("error").props('role="alert"')
        self.set_visibility(False)

    def show(self, text: str) -> None:
        """Show an error."""
        self.clear()
        with self:
            ui.html(_escaped(text), sanitize=False, tag="span")
        self.set_visibility(True)

    def clear_text(self) -> None:
        """Show none."""
        self.clear()
        self.set_visibility(False)


def text(content: str, tag: str = "span", classes: str = "") -> Html:
    """A piece of text in an element of HTML; whatever it holds is shown as it is."""
    return ui.html(_escaped(content), sanitize=False, tag=tag).classes(classes)


def heading(content: str, level: int = 2) -> Element:
    """A heading that screen readers find."""
    return text(content, f"h{level}")


def chip(state: str, words: Words) -> Element:
    """A state as a word with a colour that goes with it."""
    return text(words.state(state), "span", f"chip tone-{TONES.get(state, 'quiet')}")


def moment(at: datetime | None, words: Words) -> Element:
    """An instant, in the browser's own zone once it is shown there, in UTC until then."""
    if at is None:
        return text("–")
    told = f"{at:%Y-%m-%d %H:%M} UTC"
    iso = at.isoformat()
    return ui.html(f'<time datetime="{iso}" title="{told}">{told}</time>', sanitize=False, tag="span")


@contextmanager
def card(title: str | None = None, classes: str = "") -> Iterator[Element]:
    """A group of things that belong together, with a heading."""
    with ui.element("section").classes(f"card {classes}") as section:
        if title is not None:
            heading(title)
        yield section


def table(headings: Sequence[str], rows: Sequence[Sequence[Any]], *, caption: str, empty: str) -> Element | None:
    """A plain table. A cell is text, or a function that builds what stands in it.

    caption  read out by screen readers
    empty    shown instead when there are no rows: what to do next
    """
    if not rows:
        text(empty, "p", "empty")
        return None
    with ui.element("div").classes("table-wrap").props('tabindex="0" role="region"') as wrap:
        wrap.props(f'aria-label="{_escaped(caption)}"')
        with ui.element("table"):
            text(caption, "caption", "hidden-text")
            with ui.element("thead"), ui.element("tr"):
                for name in headings:
                    text(name, "th").props('scope="col"')
            with ui.element("tbody"):
                for row in rows:
                    with ui.element("tr"):
                        for name, cell in zip(headings, row, strict=True):
                            _cell(name, cell)
    return wrap


def _cell(name: str, cell: Any) -> None:
    if not callable(cell):
        text(str(cell), "td").props["data-label"] = name
        return
    with ui.element("td") as made:
        made.props["data-label"] = name
        cell()


def link(label: str, target: str, classes: str = "") -> Callable[[], Element]:
    """A cell with a link."""
    return lambda: ui.link(label, target).classes(classes)


def button(label: str, on_click: Callable[..., Any], *, kind: str = "", icon: str | None = None) -> ui.button:
    """A button; `kind` is primary, danger or nothing."""
    made = ui.button(label, on_click=on_click, icon=icon, color=None)
    return made.props("unelevated no-caps").classes(f"button {kind}")


async def confirmed(
    title: str, body: str, yes: str, no: str, *, type_this: str | None = None, prompt: str = ""
) -> bool:
    """Ask before something that cannot be taken back; with `type_this`, that has to be typed first."""
    with ui.dialog() as dialog, ui.card().classes("dialog"):
        dialog.props["aria-label"] = title
        heading(title)
        text(body, "p")
        typed = None
        if type_this is not None:
            typed = ui.input(prompt).props("outlined dense autofocus").classes("wide")
        with ui.element("div").classes("row-end"):
            button(no, lambda: dialog.submit(False))
            sure = button(yes, lambda: dialog.submit(True), kind="primary")
        if typed is not None:
            sure.bind_enabled_from(typed, "value", lambda value: (value or "").strip() == type_this)
    answer = await dialog
    dialog.delete()
    return bool(answer)


def _escaped(content: str) -> str:
    return (
        content.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
    )

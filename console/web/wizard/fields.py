"""Fields of the wizard: each has a label, shows what the draft holds, and saves what is typed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from nicegui import ui
from nicegui.element import Element

from console.web.parts import text
from console.web.wizard.state import Wizard

F = TypeVar("F", bound=Element)

LONGEST = 2000
"""Characters of a field; a page sends no more."""


def text_field(
    wizard: Wizard, key: str, label: str, *, hint: str = "", kind: str = "text", most: int = 200
) -> ui.input:
    """A line of text, saved when one stops typing."""

    async def changed(event: Any) -> None:
        await wizard.change(**{key: str(event.value or "")[:LONGEST]})

    field = ui.input(label, value=getattr(wizard.content, key), on_change=changed)
    field.props(f"outlined dense debounce=400 type={kind} maxlength={most}").classes("field")
    if kind != "text":
        field.props("stack-label")
    return _hinted(field, hint)


def number_field(
    wizard: Wizard, key: str, label: str, *, hint: str = "", least: int = 1, most: int = 10_000_000
) -> ui.number:
    """A whole number, or nothing."""

    async def changed(event: Any) -> None:
        value = None if event.value in (None, "") else int(event.value)
        await wizard.change(**{key: value if value is None else max(least, min(most, value))})

    field = ui.number(label, value=getattr(wizard.content, key), min=least, max=most, precision=0, on_change=changed)
    return _hinted(field.props("outlined dense debounce=400").classes("field"), hint)


def choice(
    wizard: Wizard, key: str, label: str, options: Mapping[str, str], *, hint: str = "", searchable: bool = False,
    then: Callable[[], Any] | None = None,
) -> ui.select:  # fmt: skip
    """One of several; what is not among them any more is shown as not chosen."""

    async def changed(event: Any) -> None:
        await wizard.change(**{key: event.value or ""})
        if then is not None:
            await then()

    now = getattr(wizard.content, key)
    field = ui.select(
        dict(options), label=label, value=now if now in options else None, with_input=searchable, on_change=changed
    )
    field.props("outlined dense options-dense").classes("field")
    return _hinted(field, hint)


def radio(wizard: Wizard, key: str, label: str, options: Mapping[str, str]) -> Element:
    """One of a few, all of them to be seen."""

    async def changed(event: Any) -> None:
        await wizard.change(**{key: event.value})

    now = getattr(wizard.content, key)
    with ui.element("fieldset").classes("options") as group:
        text(label, "legend")
        ui.radio(dict(options), value=now if now in options else None, on_change=changed).props("dense")
    return group


def several(wizard: Wizard, key: str, label: str, options: Mapping[str, str]) -> Element:
    """Any of a few."""
    with ui.element("fieldset").classes("options") as group:
        text(label, "legend")
        with ui.element("div").classes("ticks"):
            for value, name in options.items():
                _one_of(wizard, key, value, name)
    return group


def tick(wizard: Wizard, key: str, label: str, *, hint: str = "") -> Element:
    """Yes or no."""

    async def changed(event: Any) -> None:
        await wizard.change(**{key: bool(event.value)})

    with ui.element("div").classes("tick") as place:
        ui.checkbox(label, value=getattr(wizard.content, key), on_change=changed).props("dense")
        if hint:
            text(hint, "div", "hint")
    return place


@contextmanager
def shown_when(wizard: Wizard, wanted: Callable[[], bool], classes: str = "fields") -> Iterator[Element]:
    """A group that is seen while something holds."""
    with ui.element("div").classes(classes) as place:
        yield place
    place.set_visibility(wanted())

    def look_again() -> None:
        place.set_visibility(wanted())

    wizard.watchers.append(look_again)


@contextmanager
def folded(title: str, *, opened: bool = False) -> Iterator[Element]:
    """What most people need not see."""
    with ui.element("details").classes("fold-out").props("open" if opened else "") as place:
        text(title, "summary")
        with ui.element("div").classes("fields"):
            yield place


def _one_of(wizard: Wizard, key: str, value: str, name: str) -> None:
    async def changed(event: Any) -> None:
        now = [item for item in getattr(wizard.content, key) if item != value]
        await wizard.change(**{key: (*now, value) if event.value else tuple(now)})

    ui.checkbox(name, value=value in getattr(wizard.content, key), on_change=changed).props("dense")


def _hinted(field: F, hint: str) -> F:
    if hint:
        field.props(f'hint="{hint.replace(chr(34), "")}"')
    return field

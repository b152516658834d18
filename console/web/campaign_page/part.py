"""A place on a page that is drawn again only when what it shows has changed: nothing flickers or loses focus."""

from collections.abc import Callable
from typing import Generic, TypeVar

from nicegui import ui

T = TypeVar("T")


class Part(Generic[T]):
    """One such place. `draw` builds what stands in it; a part that draws nothing takes no room."""

    def __init__(self, draw: Callable[[T], None], *, classes: str = "") -> None:
        self._draw = draw
        self._place = ui.element("div").classes(f"part {classes}")
        self._shown: T | None = None

    def show(self, what: T) -> None:
        """Show something; the same again costs nothing."""
        if what == self._shown:
            return
        self._shown = what
        self._place.clear()
        with self._place:
            self._draw(what)

"""Back and forth at the foot of each step."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from console.web.parts import ErrorLine, button
from console.web.wizard.state import STEPS, Wizard

Check = Callable[[ErrorLine], Awaitable[bool]]


def back_and_forth(wizard: Wizard, step: str, check: Check | None = None) -> ErrorLine:
    """Buttons to the neighbours; forth only when `check` says so, which shows why not in the line it is given."""
    words, place = wizard.words, STEPS.index(step)
    errors = ErrorLine()
    busy = False

    async def forth() -> None:
        nonlocal busy
        if busy:
            return
        busy = True
        going.props("loading")
        try:
            errors.clear_text()
            if check is None or await check(errors):
                await wizard.go(STEPS[place + 1])
        finally:
            busy = False
            if not going.is_deleted:
                going.props(remove="loading")

    with ui.element("div").classes("row-end nav-row"):
        if place:
            button(words("wizard.back"), lambda: wizard.go(STEPS[place - 1]))
        if place + 1 < len(STEPS):
            going = button(words("wizard.forth", step=words(f"wizard.step_{STEPS[place + 1]}")), forth, kind="primary")
    return errors

"""`/settings`: every setting as this console was started with it; changed where it is started, not here."""

from nicegui import ui

from campaign.desk.settings import MASKED, SettingLine, setting_lines
from console.web.page import page
from console.web.parts import text
from console.web.pieces import listing
from console.web.texts import Words
from console.web.visit import Visit


@page("/settings", "settings.title")
async def settings(visit: Visit) -> None:
    """The list."""
    words = visit.words
    lines = setting_lines(visit.door.settings)
    text(words("settings.hint"), "p", "hint")
    with ui.element("div").classes("bar"):
        search = ui.input(words("settings.search"), on_change=lambda: draw())
        search.props("outlined dense clearable maxlength=100").classes("grow")
        only = ui.checkbox(words("settings.only_set"), on_change=lambda: draw())
    place = ui.element("div")

    def draw() -> None:
        wanted = (search.value or "").strip().lower()
        found = [line for line in lines if wanted in f"{line.variable} {line.description}".lower()]
        place.clear()
        with place:
            listing(
                [words(f"settings.{column}") for column in ("name", "value", "from", "means")],
                [_row(line, words) for line in found if line.was_set or not only.value],
                caption=words("settings.title"),
                empty=words("settings.none_found"),
            )

    draw()


def _row(line: SettingLine, words: Words) -> list[object]:
    unset = words("settings.unset")
    origin = "set" if line.was_set else "default"
    source = words(f"settings.{origin}")
    if line.was_set and line.value != line.default and line.value != MASKED:
        source = words("settings.set_over", default=line.default or unset)
    return [
        lambda: text(line.variable, "code"),
        lambda: text(
            words("settings.secret") if line.value == MASKED else line.value or unset, "span", "strong breakable"
        ),
        source,
        line.description,
    ]

"""Where a file is dropped or chosen. The browser sends it to the API, so nothing of it passes through this page."""

from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

from nicegui import ui

from console.web.parts import ErrorLine, text
from console.web.texts import Words

Done = Callable[[dict[str, Any]], Awaitable[None]]

_numbers = count(1)


def drop_area(words: Words, done: Done, *, prompt: str, accept: str, most_bytes: int, hint: str = "") -> ErrorLine:
    """A place for one file.

    done    called with the upload as the API answered it: id, file_name, size_bytes
    accept  endings, as `.csv,.xlsx`
    """
    name = f"upload-{next(_numbers)}"
    said = {
        "limit": str(most_bytes),
        "large": words("wizard.too_large", most=f"{most_bytes / 1e9:.2g} GB"),
        "empty": words("wizard.file_empty"),
        "changed": words("wizard.file_changed"),
        "lost": words("wizard.file_lost"),
        "one": words("wizard.one_file"),
        "sending": words("wizard.sending"),
    }
    with ui.element("div").classes("drop"):
        field = ui.element("input").props(f'type="file" id="{name}" accept="{accept}" data-upload')
        field.classes("drop-input")
        for key, value in said.items():
            field.props[f"data-{key}"] = value
        with ui.element("label").props(f'for="{name}"').classes("drop-label"):
            ui.icon("upload_file").props('aria-hidden="true" size="30px"')
            text(prompt, "span", "strong")
            if hint:
                text(hint, "span", "hint")
        ui.element("progress").props(f'max="100" value="0" hidden aria-label="{words("wizard.upload_progress")}"')
        ui.element("div").classes("drop-told hint").props('aria-live="polite"')
    errors = ErrorLine()

    async def uploaded(event: Any) -> None:
        errors.clear_text()
        answer = (event.args or {}).get("detail") or {}
        await done({key: answer.get(key) for key in ("id", "file_name", "size_bytes")})

    field.on("uploaded", uploaded, ["detail"])

    def refused(event: Any) -> None:
        # By the API, which speaks English; or by this page, in the language already.
        errors.show(words.said(str((event.args or {}).get("detail", ""))[:1000]))

    field.on("refused", refused, ["detail"])
    return errors

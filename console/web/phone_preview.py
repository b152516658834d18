"""A message drawn as the phone of whoever gets it shows it. What stands in it comes from campaign.templates.shown."""

from collections.abc import Sequence

from nicegui import ui
from nicegui.element import Element

from campaign.templates.formatting import Run
from campaign.templates.shown import Block, Bubble, Button
from console.web.parts import text
from console.web.texts import Words

MEDIA_ICONS = {"image": "image", "video": "play_circle", "document": "description", "location": "place"}
BUTTON_ICONS = {
    "url": "open_in_new", "phone_number": "call", "quick_reply": "reply", "copy_code": "content_copy",
    "otp": "content_copy", "catalog": "storefront", "mpm": "storefront", "flow": "list_alt", "voice_call": "call",
}  # fmt: skip


def phone_preview(bubbles: Sequence[Bubble], *, title: str, words: Words) -> Element:
    """A phone with one message in it, and the cards of its carousel side by side.

    title  who the message is from, as it stands at the top
    """
    with ui.element("div").classes("phone").props(f'role="img" aria-label="{words("phone.label")}"') as phone:
        with ui.element("div").classes("phone-top"):
            ui.icon("account_circle").props('aria-hidden="true"')
            text(title)
        with ui.element("div").classes("phone-body"):
            cards = [bubble for bubble in bubbles if bubble.card is not None]
            for bubble in bubbles:
                if bubble.card is None:
                    _bubble(bubble, words)
            if cards:
                with ui.element("div").classes("phone-cards"):
                    for card in cards:
                        with ui.element("div").classes("phone-card"):
                            _bubble(card, words)
    return phone


def _bubble(bubble: Bubble, words: Words) -> None:
    with ui.element("div").classes("bubble"):
        for block in bubble.blocks:
            _block(block, words)
    for button in bubble.buttons:
        _button(button, words)


def _block(block: Block, words: Words) -> None:
    if block.kind in MEDIA_ICONS or block.kind in {"product", "offer"}:
        _picture(block, words)
    elif block.kind == "header":
        _lines(block.lines, "head")
    elif block.kind == "footer":
        _lines(block.lines, "foot")
    elif block.fold is not None:
        _lines(block.lines[: block.fold], "said")
        text(words("phone.read_more"), "div", "fold")
        _lines(block.lines[block.fold :], "said folded")
    else:
        _lines(block.lines, "said")


def _picture(block: Block, words: Words) -> None:
    with ui.element("div").classes("media"):
        ui.icon(MEDIA_ICONS.get(block.kind, "sell")).props('aria-hidden="true" size="28px"')
        told = block.source or "\n".join("".join(run.text for run in line) for line in block.lines)
        text(told or words(f"phone.{block.kind}"))


def _lines(lines: Sequence[Sequence[Run]], classes: str) -> None:
    with ui.element("div").classes(classes):
        for number, line in enumerate(lines):
            if number:
                text("\n")
            for run in line:
                text(run.text, "span", " ".join(f"run-{style}" for style in sorted(run.styles)))


def _button(button: Button, words: Words) -> None:
    with ui.element("div").classes("phone-button"):
        ui.icon(BUTTON_ICONS.get(button.kind, "smart_button")).props('aria-hidden="true" size="16px"')
        text(button.label or words("phone.button"))
        if button.detail:
            text(button.detail, "div", "detail")

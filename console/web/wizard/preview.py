"""The phone beside the forms: any row of the list as the person in it will see the message."""

from collections.abc import Sequence
from typing import Any

from nicegui import run, ui

from campaign.audience.rows import RawRow
from campaign.drafting.looking import Look, phone_told, row_of
from campaign.drafting.request import mapping_items
from campaign.drafting.rows import Seen, seen
from campaign.errors import CampaignError
from console.web.parts import ErrorLine, button, text
from console.web.phone_preview import phone_preview
from console.web.wizard.outlook import coded
from console.web.wizard.state import Wizard
from models.template import Template


class RowPhone:
    """A phone, and which row it shows. Set `templates` before it is drawn."""

    def __init__(self, wizard: Wizard) -> None:
        self._wizard, self._words = wizard, wizard.words
        self.templates: Sequence[Template] = ()
        with ui.element("div").classes("row-picker"):
            button("‹", lambda: self._turn(-1), kind="small").props(f'aria-label="{self._words("wizard.row_before")}"')
            self._number = ui.number(
                self._words("wizard.row"), value=max(1, wizard.content.preview_row), min=1, precision=0,
                on_change=self._chosen,
            )  # fmt: skip
            self._number.props("outlined dense debounce=400").classes("row-number")
            button("›", lambda: self._turn(1), kind="small").props(f'aria-label="{self._words("wizard.row_after")}"')
        self._errors = ErrorLine()
        self._place = ui.element("div").props('aria-live="polite"')
        self._drawn: Any = None

    def _turn(self, by: int) -> None:
        self._number.value = max(1, int(self._number.value or 1) + by)

    async def _chosen(self, event: Any) -> None:
        await self._wizard.change(preview_row=max(1, min(2**31, int(event.value or 1))))

    async def draw(self) -> None:
        """Draw it anew where something that it shows has changed."""
        wizard, content = self._wizard, self._wizard.content
        key = (content.preview_row, content.slots, [t.id for t in self.templates], content.language_column,
               content.region, content.phone_column, content.upload)  # fmt: skip
        if key == self._drawn:
            return
        self._drawn = key
        look = await wizard.look(self._errors)
        row = await run.io_bound(row_of, look, content.preview_row) if look is not None else None
        self._place.clear()
        with self._place:
            if not self.templates:
                phone_preview([], title=content.sender or self._words("phone.nobody"), words=self._words)
                text(self._words("wizard.choose_template"), "p", "hint")
                return
            self._draw(look, row)

    def _draw(self, look: Look | None, row: RawRow | None) -> None:
        wizard, words, content = self._wizard, self._words, self._wizard.content
        try:
            items = mapping_items(content, wizard.visit.door.settings)
        except CampaignError as error:
            text(words.said(str(error)), "p", "error")
            items = []
        found = seen(self.templates, content, items, row, wizard.now())
        if row is None:
            text(words("wizard.no_such_row"), "p", "hint")
        elif look is not None:
            self._whose(look, row, found)
        phone_preview(found.bubbles, title=content.sender, words=words)

    def _whose(self, look: Look, row: RawRow, found: Seen) -> None:
        words = self._words
        phone, why = phone_told(look, self._wizard.content, row)
        name = row.values.get(look.source.name_column or "", "")[:60]
        told = " · ".join(part for part in (name, phone, found.language) if part)
        text(told, "p", "hint whose")
        if found.missing is not None:
            text(words("wizard.missing_value", column=found.missing[1], slot=found.missing[0]), "p", "warning")
        elif found.wrong is not None:
            text(words("wizard.wrong_row", why=words.said(found.wrong)), "p", "warning")
        elif why is not None:
            text(words("wizard.wrong_row", why=coded(words, f"wizard.reason.{why}", why)), "p", "warning")

"""A test to one's own number: which row, which number, and what became of it."""

from typing import Any

from nicegui import run, ui
from nicegui.element import Element

from campaign.access.roles import Act
from campaign.drafting.looking import row_of
from campaign.drafting.trial import agree, send_test
from campaign.overview.recipients import list_recipients
from console.web.parts import ErrorLine, button, card, chip, text
from console.web.wizard.fields import number_field, text_field
from console.web.wizard.outlook import coded
from console.web.wizard.state import Wizard

LOOK_AGAIN_S = 1.5
LAST_STATES = frozenset({"read", "failed", "dropped", "expired", "skipped"})


def trial_card(wizard: Wizard, category: str) -> None:
    """The card."""
    _Trial(wizard, category).build()


class _Trial:
    def __init__(self, wizard: Wizard, category: str) -> None:
        self._wizard, self._words, self._category = wizard, wizard.words, category
        self._agrees = False
        self._busy = False
        self._errors: ErrorLine
        self._state: Element

    def build(self) -> None:
        wizard, words = self._wizard, self._words
        with card(words("wizard.test_title")):
            text(words("wizard.test_hint"), "p", "hint")
            with ui.element("div").classes("fields two"):
                text_field(
                    wizard, "test_phone", words("wizard.test_phone"), hint=words("wizard.test_phone_hint"), most=40
                )
                number_field(wizard, "preview_row", words("wizard.test_row"), hint=words("wizard.test_row_hint"))
            category = coded(words, f"wizard.category_{self._category}", self._category)
            with ui.element("div").classes("tick"):
                agrees = ui.checkbox(words("wizard.test_agree", category=category), on_change=self._agreed)
                agrees.props("dense")
                text(words("wizard.test_consent"), "div", "hint")
            self._errors = ErrorLine()
            self._state = ui.element("div").props('aria-live="polite"')
            go = button(words("wizard.test_send"), self._send)
            go.set_enabled(wizard.visit.actor.may(Act.TEST_SEND))
        if wizard.content.test:
            ui.timer(LOOK_AGAIN_S, self._look)

    def _agreed(self, event: Any) -> None:
        self._agrees = bool(event.value)

    async def _send(self) -> None:
        if self._busy:
            return
        self._busy = True
        try:
            await self._try()
        finally:
            self._busy = False

    async def _try(self) -> None:
        wizard, words, settings = self._wizard, self._words, self._wizard.visit.door.settings
        look = await wizard.look(self._errors)
        if look is None:
            return
        row = await run.io_bound(row_of, look, wizard.content.preview_row)
        if row is None:
            self._errors.show(words("wizard.no_such_row"))
            return
        agreed = not self._agrees or await wizard.act(
            lambda sessions, by: agree(sessions, by, wizard.content, self._category, now=wizard.now()), self._errors
        )
        if not agreed:
            return
        first = not wizard.content.test
        sent = await wizard.act(
            lambda sessions, by: send_test(
                sessions, by, wizard.content, look, row, settings=settings, now=wizard.now()
            ),
            self._errors,
        )  # fmt: skip
        if sent is not None:
            await wizard.change(test=sent.name)
            await self._look()
            if first:
                ui.timer(LOOK_AGAIN_S, self._look)

    async def _look(self) -> None:
        """What became of the last test."""
        wizard, words = self._wizard, self._words
        found = await wizard.visit.read(list_recipients, wizard.content.test, now=wizard.now(), limit=1)
        if self._state.is_deleted:
            return
        self._state.clear()
        with self._state, ui.element("p").classes("test-state"):
            text(words("wizard.test_sent"))
            for each in found:
                chip(each.state, words)
                if each.text:
                    text(words.said(each.text), "span", "hint")

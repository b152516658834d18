"""Keys of the API, as the page about users shows them: made, shown once, revoked."""

from collections.abc import Sequence
from datetime import timedelta

from nicegui import ui

from campaign.access import api_keys
from console.web.desk.listed import Listed, role_field, state_of
from console.web.parts import ErrorLine, button, card, heading, moment, text
from console.web.texts import Words
from models.access import ApiKey, Role

EXPIRES_DAYS = (30, 90, 365)


class Keys(Listed[ApiKey]):
    """The API keys as they are shown."""

    key, title = "keys", "title"
    columns = ("name", "key", "role", "state", "used", "until", "do")

    async def build(self) -> None:
        """The card with the list and the form."""
        with card(self.word("title")):
            text(self.word("hint"), "p", "hint")
            await self.draw()
            self._form()

    def _form(self) -> None:
        heading(self.word("make"), 3)
        with ui.element("div").classes("form-row"):
            name = ui.input(self.word("name")).props("outlined dense maxlength=100").classes("grow")
            role = role_field(self.words, Role.OPERATOR)
            lasts = {0: self.word("never"), **{days: self.word("days", days=days) for days in EXPIRES_DAYS}}
            expires = ui.select(lasts, value=90, label=self.word("expires")).props("outlined dense").classes("short")
        errors = ErrorLine()

        async def make() -> None:
            label, may = (name.value or "").strip(), Role(role.value)
            until = self.visit.now() + timedelta(days=expires.value) if expires.value else None
            key = await self.visit.act(
                lambda sessions, by: api_keys.create_key(sessions, by, label, may, expires_at=until), errors=errors
            )
            if key is not None:
                name.value = ""
                await self.refresh()
                await _show_once(key, self.words)

        button(self.word("make"), make)

    async def read(self) -> Sequence[ApiKey]:
        """All keys, newest first."""
        return await self.visit.read(api_keys.keys)

    def row(self, each: ApiKey) -> list[object]:
        """One key."""
        ended = each.revoked_at is not None
        expired = each.expires_at is not None and each.expires_at <= self.visit.now()
        state = "keys.revoked" if ended else "keys.expired" if expired else "keys.active"
        return [
            each.name,
            f"{each.hint}…",
            self.words(f"role.{each.role}"),
            lambda: state_of(state, self.words),
            lambda: moment(each.used_at, self.words),
            lambda: moment(each.expires_at, self.words) if each.expires_at else text(self.word("never")),
            lambda: None if ended else button(self.word("revoke"), lambda: self._revoke(each), kind="small danger"),
        ]

    async def _revoke(self, key: ApiKey) -> None:
        now = self.visit.now()
        await self.do_if_sure(
            "revoke", key.name, lambda sessions, by: api_keys.revoke_key(sessions, by, key.name, now=now)
        )


async def _show_once(key: str, words: Words) -> None:
    """Show a new key; it is kept nowhere and never shown again."""
    with ui.dialog().props("persistent") as dialog, ui.card().classes("dialog"):
        heading(words("keys.made"))
        text(words("keys.made_body"), "p")
        text(key, "code", "secret")
        with ui.element("div").classes("row-end"):
            button(words("keys.copy"), lambda: ui.clipboard.write(key))
            button(words("keys.stored"), lambda: dialog.submit(True), kind="primary")
    await dialog
    dialog.delete()

"""Keys of the API, as the page about users shows them: made, shown once, revoked."""

from datetime import timedelta

from nicegui import ui

from campaign.access import api_keys
from console.web.parts import ErrorLine, button, card, confirmed, heading, moment, text
from console.web.pieces import did, listing
from console.web.texts import Words
from console.web.visit import Visit
from models.access import ApiKey, Role

EXPIRES_DAYS = (30, 90, 365)


def roles_of(words: Words) -> dict[str, str]:
    """Every role with its word."""
    return {role.value: words(f"role.{role.value}") for role in Role}


def state_of(key: str, words: Words) -> None:
    """Whether somebody or something may come in, as a word with a colour."""
    text(words(key), "span", "chip tone-" + ("good" if key.endswith(".active") else "quiet"))


class Keys:
    """The API keys as they are shown."""

    place: ui.element
    errors: ErrorLine

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    async def build(self) -> None:
        """The card with the list and the form."""
        words = self._visit.words
        with card(words("keys.title")):
            text(words("keys.hint"), "p", "hint")
            self.errors = ErrorLine()
            self.place = ui.element("div")
            await self.refresh()
            heading(words("keys.make"), 3)
            with ui.element("div").classes("form-row"):
                name = ui.input(words("keys.name")).props("outlined dense maxlength=100").classes("grow")
                role = ui.select(roles_of(words), value="operator", label=words("users.role"))
                role.props("outlined dense").classes("short")
                lasts = {0: words("keys.never"), **{days: words("keys.days", days=days) for days in EXPIRES_DAYS}}
                expires = (
                    ui.select(lasts, value=90, label=words("keys.expires")).props("outlined dense").classes("short")
                )
            errors = ErrorLine()

            async def make() -> None:
                visit, label, may = self._visit, (name.value or "").strip(), Role(role.value)
                until = visit.now() + timedelta(days=expires.value) if expires.value else None
                key = await visit.act(
                    lambda sessions, by: api_keys.create_key(sessions, by, label, may, expires_at=until), errors=errors
                )
                if key is not None:
                    name.value = ""
                    await self.refresh()
                    await _show_once(key, words)

            button(words("keys.make"), make)

    async def refresh(self) -> None:
        """Look again."""
        words = self._visit.words
        found = await self._visit.read(api_keys.keys)
        self.place.clear()
        with self.place:
            columns = ("name", "key", "role", "state", "used", "until", "do")
            listing(
                [words(f"keys.{column}") for column in columns],
                [self._row(key) for key in found],
                caption=words("keys.title"),
                empty=words("keys.empty"),
            )

    def _row(self, key: ApiKey) -> list[object]:
        words = self._visit.words
        ended = key.revoked_at is not None
        expired = key.expires_at is not None and key.expires_at <= self._visit.now()
        state = "keys.revoked" if ended else "keys.expired" if expired else "keys.active"
        return [
            key.name,
            f"{key.hint}…",
            words(f"role.{key.role}"),
            lambda: state_of(state, words),
            lambda: moment(key.used_at, words),
            lambda: moment(key.expires_at, words) if key.expires_at else text(words("keys.never")),
            lambda: None if ended else button(words("keys.revoke"), lambda: self._revoke(key), kind="small danger"),
        ]

    async def _revoke(self, key: ApiKey) -> None:
        words, now = self._visit.words, self._visit.now()
        title = words("keys.revoke")
        if not await confirmed(title, words("keys.revoke_body", name=key.name), title, words("do.no")):
            return
        if await did(
            self._visit, lambda sessions, by: api_keys.revoke_key(sessions, by, key.name, now=now), errors=self.errors
        ):
            await self.refresh()


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

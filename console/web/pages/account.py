"""`/account`: one's own password and language."""

from nicegui import ui

from campaign.access import users
from console.web.page import page
from console.web.parts import ErrorLine, button, card, text
from console.web.pieces import did
from console.web.texts import LANGUAGES
from console.web.visit import Visit

BROWSERS = ""


@page("/account", "account.title")
async def account(visit: Visit) -> None:
    """Language, then password."""
    words = visit.words
    text(words("account.who", name=visit.actor.person, role=words(f"role.{visit.actor.role.value}")), "p", "lead")
    with ui.element("div").classes("cards"):
        await _language(visit)
        _password(visit)


async def _language(visit: Visit) -> None:
    words = visit.words
    user = await visit.read(users.find_user, visit.actor.person)
    with card(words("account.language")):
        choices = {BROWSERS: words("account.browsers"), **LANGUAGES}
        chosen = user.language if user.language in LANGUAGES else BROWSERS
        select = (
            ui.select(choices, value=chosen, label=words("account.language")).props("outlined dense").classes("wide")
        )
        errors = ErrorLine()

        async def save() -> None:
            wanted = select.value or None
            if await did(visit, lambda sessions, by: users.set_language(sessions, by, wanted), errors=errors):
                ui.navigate.reload()

        with ui.element("div").classes("line-up"):
            button(words("do.save"), save)


def _password(visit: Visit) -> None:
    words = visit.words
    with card(words("account.password")):
        text(words("account.password_hint"), "p", "hint")
        with ui.element("div").classes("fields"):
            current = _secret(words("account.current"), "current-password")
            new = _secret(words("account.new"), "new-password")
            again = _secret(words("account.again"), "new-password")
        errors = ErrorLine()

        async def save() -> None:
            if new.value != again.value:
                errors.show(words("account.differ"))
                return
            given, known, now = new.value or "", current.value or "", visit.now()
            if await did(
                visit,
                lambda sessions, by: users.set_password(sessions, by, by.person, given, current=known, now=now),
                errors=errors,
            ):
                # Every browser has to sign in again, this one too.
                ui.navigate.to("/login?next=/account")

        with ui.element("div").classes("line-up"):
            button(words("account.change"), save, kind="primary")


def _secret(label: str, autocomplete: str) -> ui.input:
    field = ui.input(label, password=True)
    return field.props(f"outlined dense maxlength=200 autocomplete={autocomplete}").classes("wide")

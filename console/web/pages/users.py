"""`/users`: who may sign in and as what; keys for other systems."""

from collections.abc import Callable

from nicegui import ui

from campaign.access import users
from campaign.access.roles import Act, Actor
from console.web.desk.keys import Keys, roles_of, state_of
from console.web.page import page
from console.web.parts import ErrorLine, button, card, confirmed, heading, moment, text
from console.web.pieces import did, listing
from console.web.visit import Visit
from models.access import Role, User
from models.session import Sessions


@page("/users", "users.title", Act.MANAGE_USERS)
async def users_page(visit: Visit) -> None:
    """People, then keys."""
    await _Users(visit).build()
    if visit.actor.may(Act.MANAGE_KEYS):
        await Keys(visit).build()


class _Users:
    """The users as they are shown; drawn again after each act."""

    place: ui.element
    errors: ErrorLine

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    async def build(self) -> None:
        """The card with the list and the form."""
        words = self._visit.words
        with card(words("users.people")):
            text(words("users.roles_hint"), "p", "hint")
            self.errors = ErrorLine()
            self.place = ui.element("div")
            await self.refresh()
            heading(words("users.add"), 3)
            with ui.element("div").classes("form-row"):
                name = (
                    ui.input(words("users.name")).props("outlined dense maxlength=100 autocomplete=off").classes("grow")
                )
                password = ui.input(words("users.password"), password=True)
                password.props("outlined dense maxlength=200 autocomplete=new-password").classes("grow")
                role = ui.select(roles_of(words), value="viewer", label=words("users.role"))
                role.props("outlined dense").classes("short")
            errors = ErrorLine()

            async def add() -> None:
                given = name.value or "", password.value or "", Role(role.value)
                added = words("users.added")
                if await did(
                    self._visit, lambda sessions, by: users.add_user(sessions, by, *given), errors=errors, done=added
                ):
                    name.value, password.value = "", ""
                    await self.refresh()

            button(words("users.add"), add)

    async def refresh(self) -> None:
        """Look again."""
        words = self._visit.words
        found = await self._visit.read(users.users)
        self.place.clear()
        with self.place:
            columns = ("name", "role", "state", "seen", "do")
            listing(
                [words(f"users.{column}") for column in columns],
                [self._row(user) for user in found],
                caption=words("users.people"),
                empty="",
            )

    def _row(self, user: User) -> list[object]:
        words = self._visit.words
        return [
            user.name,
            lambda: self._role(user),
            lambda: state_of("users.active" if user.disabled_at is None else "users.disabled", words),
            lambda: moment(user.last_login_at, words),
            lambda: self._acts(user),
        ]

    def _role(self, user: User) -> None:
        words = self._visit.words

        async def change() -> None:
            wanted = Role(select.value)
            if not await self._do(lambda sessions, by: users.set_role(sessions, by, user.name, wanted)):
                await self.refresh()

        select = ui.select(roles_of(words), value=user.role, on_change=change)
        select.props(f'outlined dense options-dense aria-label="{words("users.role_of", name=user.name)}"').classes(
            "short"
        )

    def _acts(self, user: User) -> None:
        words = self._visit.words
        with ui.element("div").classes("line-up tight"):
            button(words("users.new_password"), lambda: self._password(user), kind="small")
            if user.disabled_at is None:
                button(words("users.disable"), lambda: self._disable(user), kind="small danger")
            else:
                button(
                    words("users.enable"),
                    lambda: self._do(lambda sessions, by: users.enable_user(sessions, by, user.name)),
                    kind="small",
                )

    async def _disable(self, user: User) -> None:
        words, now = self._visit.words, self._visit.now()
        title = words("users.disable")
        if await confirmed(title, words("users.disable_body", name=user.name), title, words("do.no")):
            await self._do(lambda sessions, by: users.disable_user(sessions, by, user.name, now=now))

    async def _password(self, user: User) -> None:
        words = self._visit.words
        with ui.dialog() as dialog, ui.card().classes("dialog"):
            heading(words("users.new_password"))
            text(words("users.new_password_body", name=user.name), "p")
            field = ui.input(words("users.password"), password=True)
            field.props("outlined dense autofocus maxlength=200 autocomplete=new-password").classes("wide")
            with ui.element("div").classes("row-end"):
                button(words("do.no"), lambda: dialog.submit(None))
                button(words("do.save"), lambda: dialog.submit(field.value or ""), kind="primary")
        given = await dialog
        dialog.delete()
        if given is None:
            return
        if user.name == self._visit.actor.person:
            self.errors.show(words("users.own_password"))
            return
        await self._do(lambda sessions, by: users.set_password(sessions, by, user.name, given))

    async def _do(self, do: Callable[[Sessions, Actor], object]) -> bool:
        if await did(self._visit, do, errors=self.errors, done=self._visit.words("do.saved")):
            await self.refresh()
            return True
        return False

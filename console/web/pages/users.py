"""`/users`: who may sign in and as what; keys for other systems."""

from collections.abc import Sequence

from nicegui import ui

from campaign.access import users
from campaign.access.roles import Act
from console.web.desk.keys import Keys
from console.web.desk.listed import Listed, role_field, roles_of, state_of
from console.web.page import page
from console.web.parts import ErrorLine, button, card, heading, moment, text
from console.web.visit import Visit
from models.access import Role, User


@page("/users", "users.title", Act.MANAGE_USERS)
async def users_page(visit: Visit) -> None:
    """People, then keys."""
    await _Users(visit).build()
    if visit.actor.may(Act.MANAGE_KEYS):
        await Keys(visit).build()


class _Users(Listed[User]):
    """The users as they are shown."""

    key, title = "users", "people"
    columns = ("name", "role", "state", "seen", "do")

    async def build(self) -> None:
        """The card with the list and the form."""
        with card(self.word("people")):
            text(self.word("roles_hint"), "p", "hint")
            await self.draw()
            self._form()

    def _form(self) -> None:
        heading(self.word("add"), 3)
        with ui.element("div").classes("form-row"):
            name = ui.input(self.word("name")).props("outlined dense maxlength=100 autocomplete=off").classes("grow")
            password = self._password_field().classes("grow")
            role = role_field(self.words, Role.VIEWER)
        errors = ErrorLine()

        async def add() -> None:
            given = name.value or "", password.value or "", Role(role.value)
            added = self.word("added")
            if await self.do(lambda sessions, by: users.add_user(sessions, by, *given), errors=errors, done=added):
                name.value, password.value = "", ""

        button(self.word("add"), add)

    def _password_field(self) -> ui.input:
        field = ui.input(self.word("password"), password=True)
        return field.props("outlined dense maxlength=200 autocomplete=new-password")

    async def read(self) -> Sequence[User]:
        """Everybody, by name."""
        return await self.visit.read(users.users)

    def row(self, each: User) -> list[object]:
        """One user."""
        return [
            each.name,
            lambda: self._role(each),
            lambda: state_of("users.active" if each.disabled_at is None else "users.disabled", self.words),
            lambda: moment(each.last_login_at, self.words),
            lambda: self._acts(each),
        ]

    def _role(self, user: User) -> None:
        async def change() -> None:
            wanted = Role(select.value)
            saved = self.words("do.saved")
            if not await self.do(lambda sessions, by: users.set_role(sessions, by, user.name, wanted), done=saved):
                await self.refresh()

        select = ui.select(roles_of(self.words), value=user.role, on_change=change)
        label = self.word("role_of", name=user.name)
        select.props(f'outlined dense options-dense aria-label="{label}"').classes("short")

    def _acts(self, user: User) -> None:
        with ui.element("div").classes("line-up tight"):
            button(self.word("new_password"), lambda: self._password(user), kind="small")
            if user.disabled_at is None:
                button(self.word("disable"), lambda: self._disable(user), kind="small danger")
            else:
                button(self.word("enable"), lambda: self._enable(user), kind="small")

    async def _enable(self, user: User) -> None:
        await self.do(lambda sessions, by: users.enable_user(sessions, by, user.name), done=self.words("do.saved"))

    async def _disable(self, user: User) -> None:
        now = self.visit.now()
        await self.do_if_sure(
            "disable", user.name, lambda sessions, by: users.disable_user(sessions, by, user.name, now=now),
            done=self.words("do.saved"),
        )  # fmt: skip

    async def _password(self, user: User) -> None:
        with ui.dialog() as dialog, ui.card().classes("dialog"):
            heading(self.word("new_password"))
            text(self.word("new_password_body", name=user.name), "p")
            field = self._password_field().props("autofocus").classes("wide")
            with ui.element("div").classes("row-end"):
                button(self.words("do.no"), lambda: dialog.submit(None))
                button(self.words("do.save"), lambda: dialog.submit(field.value or ""), kind="primary")
        given = await dialog
        dialog.delete()
        if given is None:
            return
        if user.name == self.visit.actor.person:
            self.errors.show(self.word("own_password"))
            return
        now = self.visit.now()
        await self.do(
            lambda sessions, by: users.set_password(sessions, by, user.name, given, now=now),
            done=self.words("do.saved"),
        )

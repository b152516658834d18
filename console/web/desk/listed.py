"""A list of things that admins make, change and end, as the page about users shows them: drawn again after each act."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from nicegui import ui

from campaign.access.roles import Actor
from console.web.parts import ErrorLine, confirmed, text
from console.web.pieces import did, listing
from console.web.texts import Words
from console.web.visit import Visit
from models.access import Role
from models.session import Sessions

T = TypeVar("T")
Do = Callable[[Sessions, Actor], object]


class Listed(ABC, Generic[T]):
    """One such list. What is listed says `key`, `title`, `columns`, what to `read`, and the cells of a `row`.

    key  the table of its words: `users`
    """

    key: str
    title: str
    columns: Sequence[str]
    place: ui.element
    errors: ErrorLine

    def __init__(self, visit: Visit) -> None:
        self.visit, self.words = visit, visit.words

    def word(self, key: str, /, **values: object) -> str:
        """A text of its own."""
        return self.words(f"{self.key}.{key}", **values)

    @abstractmethod
    async def read(self) -> Sequence[T]:
        """What there is."""

    @abstractmethod
    def row(self, each: T) -> list[object]:
        """The cells of one."""

    async def draw(self) -> None:
        """The list, and where what went wrong with it is told."""
        self.errors = ErrorLine()
        self.place = ui.element("div")
        await self.refresh()

    async def refresh(self) -> None:
        """Look again."""
        found = await self.read()
        self.place.clear()
        with self.place:
            listing(
                [self.word(column) for column in self.columns],
                [self.row(each) for each in found],
                caption=self.word(self.title),
                empty=self.word("empty"),
            )

    async def do(self, do: Do, *, errors: ErrorLine | None = None, done: str | None = None) -> bool:
        """Do something to one of them and look again; False when it did not work, which is told."""
        worked = await did(self.visit, do, errors=errors or self.errors, done=done)
        if worked:
            await self.refresh()
        return worked

    async def do_if_sure(self, act: str, name: str, do: Do, *, done: str | None = None) -> None:
        """Ask first: `act` names the words of the question and of its button."""
        title = self.word(act)
        if await confirmed(title, self.word(f"{act}_body", name=name), title, self.words("do.no")):
            await self.do(do, done=done)


def roles_of(words: Words) -> dict[str, str]:
    """Every role with its word."""
    return {role.value: words(f"role.{role.value}") for role in Role}


def role_field(words: Words, value: Role) -> ui.select:
    """Where a role is chosen for somebody or something new."""
    field = ui.select(roles_of(words), value=value.value, label=words("users.role"))
    return field.props("outlined dense").classes("short")


def state_of(key: str, words: Words) -> None:
    """Whether somebody or something may come in, as a word with a colour."""
    text(words(key), "span", "chip tone-" + ("good" if key.endswith(".active") else "quiet"))

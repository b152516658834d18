"""What one browser has open of a draft: saved at every change, told when somebody else changed it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from nicegui import ui
from nicegui.element import Element

from campaign.access.drafts import find_draft, save_draft
from campaign.access.roles import Actor
from campaign.check import Forecast, forecast
from campaign.drafting.choices import chosen_templates
from campaign.drafting.content import DraftContent, about_the_campaign
from campaign.drafting.looking import Look, look_at
from campaign.drafting.making import unmake
from console.web.parts import ErrorLine, button, text
from console.web.visit import Visit
from models.access import Draft
from models.session import Sessions
from models.template import Template

T = TypeVar("T")

STEPS = ("list", "message", "when", "people", "launch")


class Wizard:
    """One draft in one browser. Steps read `content`, change it through `change`, and watch what changes."""

    def __init__(self, visit: Visit, draft: Draft) -> None:
        self.visit, self.words = visit, visit.words
        self.id, self.version, self.saved_by = draft.id, draft.version, draft.saved_by
        self.content = DraftContent.from_json(draft.content)
        self.watchers: list[Callable[[], Awaitable[None] | None]] = []
        self.show: Callable[[str], Awaitable[None]]
        self.place: Element
        self.errors: ErrorLine
        self.told: Element
        self.aside: Element
        self._saving = asyncio.Lock()
        self._look: tuple[DraftContent, Look] | None = None
        self._forecast: tuple[int, Forecast] | None = None

    def now(self) -> Any:
        """The present, UTC."""
        return self.visit.now()

    async def change(self, **values: Any) -> bool:
        """Change something and save it; False when it could not be saved, which is told at the top."""
        async with self._saving:
            after = self.content.changed(**values)
            saved = after == self.content or await self._save(after)
        for watcher in list(self.watchers):
            if (waiting := watcher()) is not None:
                await waiting
        return saved

    async def go(self, step: str) -> None:
        """Save where we are and show another step."""
        await self.change(step=step)
        await self.show(step)

    async def act(self, do: Callable[[Sessions, Actor], T], errors: ErrorLine | None = None) -> T | None:
        """`Visit.act` of the visit that the wizard is looked at in."""
        return await self.visit.act(do, errors=errors)

    async def look(self, errors: ErrorLine) -> Look | None:
        """The list of the draft, looked at once until something about it changes."""
        key = _about_the_list(self.content)
        if self._look is None or self._look[0] != key:
            found = await self.act(lambda sessions, _: look_at(sessions, self.visit.door.settings, key), errors)
            self._look = None if found is None else (key, found)
        return self._look[1] if self._look else None

    async def templates(self, errors: ErrorLine | None = None) -> Sequence[Template]:
        """The template of the draft, its own language first; none while none is chosen, or it is gone."""
        content = self.content
        if not content.sender or not content.template:
            return []
        others = bool(content.language_column)

        def find(sessions: Sessions, _: Actor) -> list[Template]:
            with sessions() as session:
                return chosen_templates(session, content.sender, content.template, content.language, others=others)

        return await self.act(find, errors or self.errors) or []

    async def forecast(self) -> Forecast | None:
        """What a launch of the campaign that was made would do."""
        name, settings = self.content.campaign_name, self.visit.door.settings

        def look(sessions: Sessions, _: Actor) -> Forecast:
            with sessions() as session:
                return forecast(session, name, now=self.now(), settings=settings)

        return await self.act(look, self.errors) if name else None

    async def load(self) -> None:
        """The draft as it is kept now."""
        draft = await self.visit.read(find_draft, self.id)
        self.content, self.version, self.saved_by = DraftContent.from_json(draft.content), draft.version, draft.saved_by

    async def _save(self, after: DraftContent) -> bool:
        takes_back = bool(self.content.made) and about_the_campaign(self.content, after)
        if takes_back:
            without = await self.act(lambda sessions, by: unmake(sessions, by, after), self.errors)
            if without is None:
                return False
            after = without
        version, now = self.version, self.now()
        self.content = after
        saved = await self.act(
            lambda sessions, by: save_draft(sessions, by, self.id, version, after.as_json(), now=now), self.errors
        )
        if saved is None:
            with self.errors:
                button(self.words("wizard.load_again"), lambda: ui.navigate.reload(), kind="small")
            return False
        self.version = saved
        self._tell(self.words("wizard.taken_back" if takes_back else "wizard.saved"), loud=takes_back)
        return True

    def _tell(self, told: str, *, loud: bool) -> None:
        self.told.clear()
        with self.told:
            text(told, "p", "note") if loud else text(told, "span", "hint")


def _about_the_list(content: DraftContent) -> DraftContent:
    """Only what the look at a list depends on."""
    return DraftContent(
        source=content.source, upload=content.upload, sheet=content.sheet, phone_column=content.phone_column,
        where=content.where,
    )  # fmt: skip

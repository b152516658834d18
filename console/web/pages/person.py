"""`/contacts/{phone}`: one person: may they be written to, what they said, what they got; and what can be done."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from campaign.access import contacts as contact_acts
from campaign.access import people as acts
from campaign.access.roles import Act
from campaign.consent.erased import subject_key
from campaign.contacts.record import person as record_of
from campaign.errors import UsageError
from console.web.desk import person as parts
from console.web.page import page
from console.web.parts import ErrorLine, button, card, confirmed, text
from console.web.visit import Visit
from models.people import Category

CONSOLE = "console"


@page("/contacts/{phone}", "person.title")
async def person(visit: Visit) -> None:
    """Everything that is held of one person."""
    shown = _Person(visit, visit.path["phone"])
    ui.link(visit.words("person.back"), "/contacts").classes("back")
    shown.place = ui.element("div")
    await shown.refresh()


class _Person:
    """The person as shown; drawn again after each act."""

    place: ui.element

    def __init__(self, visit: Visit, phone: str) -> None:
        self._visit, self._phone = visit, phone

    async def refresh(self) -> None:
        """Look again."""
        words = self._visit.words
        try:
            record = await self._visit.read(record_of, self._phone, now=self._visit.now())
        except UsageError as error:
            with self.place:
                text(words.said(str(error)), "p", "error")
            return
        self._visit.entitle(record["phone"])
        self.place.clear()
        with self.place:
            if record["erased_at"]:
                text(words("person.erased", day=f"{record['erased_at']:%Y-%m-%d}"), "p", "warning")
            with ui.element("div").classes("cards spaced"):
                parts.may_write(record, words)
                parts.known(record, words)
            self._acts(record)
            parts.consent(record, words)
            parts.bans(record, words)
            parts.messages(record, words)
            parts.replies(record, words)

    def _acts(self, record: Mapping[str, Any]) -> None:
        may, words = self._visit.actor.may, self._visit.words
        if not may(Act.GRANT_CONSENT):
            return
        with card(words("person.do")):
            categories = {each.value: words(f"category.{each.value}") for each in Category}
            with ui.element("div").classes("form-row"):
                category = ui.select(categories, value="marketing", label=words("person.category"))
                category.props("outlined dense options-dense").classes("short")
                why = ui.input(words("person.reason")).props("outlined dense maxlength=500").classes("grow")
            errors = ErrorLine()

            def said() -> dict[str, Any]:
                if not (why.value or "").strip():
                    raise UsageError(words("person.reason_missing"))
                return {"category": Category(category.value), "source": f"{CONSOLE}: {why.value.strip()}"}

            async def do(act: Any, done: str) -> None:
                now = self._visit.now()
                result = await self._visit.act(
                    lambda sessions, by: act(sessions, by, [record["phone"]], **said(), now=now),
                    errors=errors, done=words(done),
                )  # fmt: skip
                if result is not None:
                    await self.refresh()

            with ui.element("div").classes("line-up"):
                button(words("person.grant"), lambda: do(acts.grant, "person.granted"))
                button(words("person.withdraw"), lambda: do(acts.withdraw, "person.withdrawn"))
                button(words("person.ban"), lambda: do(acts.suppress, "person.banned"))
                if record["suppressions"] and may(Act.UNSUPPRESS):
                    button(words("person.lift"), lambda: self._lift(record, errors))
                if may(Act.ERASE):
                    button(words("person.erase"), lambda: self._erase(record, why.value or "", errors), kind="danger")

    async def _lift(self, record: Mapping[str, Any], errors: ErrorLine) -> None:
        words, phone, now = self._visit.words, record["phone"], self._visit.now()
        if not await confirmed(
            words("person.lift"), words("person.lift_body", phone=phone), words("person.lift"), words("do.no")
        ):
            return
        lifted = await self._visit.act(
            lambda sessions, by: acts.lift(sessions, by, [phone], category=None, now=now),
            errors=errors, done=words("person.lifted"),
        )  # fmt: skip
        if lifted is not None:
            await self.refresh()

    async def _erase(self, record: Mapping[str, Any], reason: str, errors: ErrorLine) -> None:
        words, phone, now = self._visit.words, record["phone"], self._visit.now()
        if not reason.strip():
            errors.show(words("person.reason_missing"))
            return
        sure = await confirmed(
            words("person.erase"), parts.erasing(record, words), words("person.erase"), words("do.no"),
            type_this=phone, prompt=words("do.type", what=phone),
        )  # fmt: skip
        if not sure:
            return
        settings = self._visit.door.settings
        done = await self._visit.act(
            lambda sessions, by: contact_acts.erase(
                sessions, by, phone, reason=reason, key=subject_key(settings), now=now, settings=settings
            ),
            errors=errors, done=words("person.erase_done"),
        )  # fmt: skip
        if done is not None:
            await self.refresh()
            with self.place:
                parts.told(done, words)

"""Moving what was dropped or not sent yet to another template: counted and shown first, then done."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from campaign.access import campaigns as acts
from campaign.access.roles import Actor
from campaign.moving.move import Move, MovePlan, What, plan_move
from campaign.overview.glance import Glance
from campaign.templates.find import list_templates
from console.web.campaign_page.sentence import sentence
from console.web.parts import ErrorLine, button, heading, text
from console.web.visit import Visit
from models.session import Sessions
from models.states import MessageState
from models.template import Template


class Moving:
    """The dialog. `after` looks again once something was moved."""

    def __init__(self, visit: Visit, after: Callable[[], Awaitable[None]]) -> None:
        self._visit, self._after = visit, after

    async def open(self, seen: Glance) -> None:
        """Ask where to, show what would happen, do it."""
        visit, words, line = self._visit, self._visit.words, seen.line
        known = await visit.read(list_templates, line.sender)
        others = {
            f"{each.name}\n{each.language}": self._named(each)
            for each in known
            if each.sendable and (each.name, each.language) != (line.template, line.language)
        }
        with ui.dialog() as dialog, ui.card().classes("dialog wide-dialog"):
            heading(words("campaign.move_title"))
            text(words("campaign.move_intro"), "p")
            if not others:
                text(words("campaign.move_no_template"), "p", "empty")
            to = ui.select(others, label=words("campaign.move_to")).props("outlined dense").classes("wide")
            what = ui.radio(self._choices(seen), value=What.ALL.value).props(
                f'aria-label="{words("campaign.move_what")}"'
            )
            mapping = ui.textarea(words("campaign.move_mapping")).props("outlined dense autogrow").classes("wide")
            text(words("campaign.move_mapping_hint"), "p", "hint")
            errors = ErrorLine()
            shown = ui.element("div").props('aria-live="polite"')

            def request() -> Move:
                name, _, language = (to.value or "\n").partition("\n")
                items = [item.strip() for item in (mapping.value or "").splitlines() if item.strip()]
                return Move(line.name, name, language or None, items, What(what.value))

            async def count() -> None:
                await self._count(request(), shown, errors, sure, counting)

            async def go() -> None:
                sure.disable()
                done = await self._visit.act(self._doing(request()), errors=errors)
                if done is None:
                    return
                dialog.close()
                told = words("campaign.move_done", messages=words.number(done.total))
                ui.notify(told, type="positive", position="top")
                await self._after()

            with ui.element("div").classes("row-end"):
                button(words("campaign.no"), dialog.close)
                counting = button(words("campaign.move_count"), count)
                sure = button(words("campaign.move_go"), go, kind="primary")
                sure.disable()
            for field in (to, what, mapping):
                # Whatever was counted was counted for something else.
                field.on_value_change(lambda: (shown.clear(), sure.disable()))
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _choices(self, seen: Glance) -> dict[str, str]:
        numbers = {
            What.ALL: seen.count(MessageState.QUEUED, MessageState.DROPPED),
            What.UNSENT: seen.count(MessageState.QUEUED),
            What.DROPPED: seen.count(MessageState.DROPPED),
        }
        words = self._visit.words
        named = {what: words(f"campaign.move_{what.value}") for what in numbers}
        return {what.value: f"{named[what]} ({words.number(count)})" for what, count in numbers.items()}

    def _named(self, template: Template) -> str:
        category = self._visit.words(f"campaign.category_{template.category}")
        return f"{template.name} ({template.language}, {category})"

    async def _count(
        self, request: Move, shown: ui.element, errors: ErrorLine, sure: ui.button, counting: ui.button
    ) -> None:
        if not request.template:
            errors.show(self._visit.words("campaign.move_choose"))
            return
        counting.props(add="loading")
        plan = await self._visit.act(self._planning(request), errors=errors)
        counting.props(remove="loading")
        shown.clear()
        if plan is None:
            return
        with shown:
            self._draw(plan)
        sure.set_enabled(plan.total > 0)

    def _draw(self, plan: MovePlan) -> None:
        words = self._visit.words
        sentence("campaign.move_would", {"messages": plan.total, "template": plan.template}, words, classes="note")
        for problem, count in plan.unfit.items():
            sentence("campaign.move_unfit", {"messages": count, "problem": problem}, words, classes="warning")
        if plan.staying:
            values = {"messages": plan.staying, "template": plan.staying_with}
            sentence("campaign.move_staying", values, words, classes="hint")
        if plan.example:
            text(words("campaign.move_example"), "p", "hint")
            text(plan.example, "pre", "example")

    def _planning(self, request: Move) -> Callable[[Sessions, Actor], MovePlan]:
        def plan(sessions: Sessions, by: Actor) -> MovePlan:
            with sessions() as session:
                return plan_move(session, request, now=self._visit.now())

        return plan

    def _doing(self, request: Move) -> Callable[[Sessions, Actor], MovePlan]:
        return lambda sessions, by: acts.move(sessions, by, request, now=self._visit.now())

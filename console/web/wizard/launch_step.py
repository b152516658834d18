"""Step 5: what will happen, what stands in the way, a test to one's own number, and the launch."""

from datetime import datetime
from typing import Any

from nicegui import ui
from nicegui.element import Element

from campaign.access.roles import Act
from campaign.drafting.content import RECUR
from campaign.drafting.flight import PreFlight, pre_flight
from campaign.drafting.making import approve, begin_schedule, launch, made_of
from campaign.drafting.obstacles import stopping
from campaign.scheduling.zones import local_time
from console.web.parts import ErrorLine, button, card, confirmed, heading, table, text
from console.web.uploads_note import UploadsNote, approving, launching
from console.web.wizard.nav import back_and_forth
from console.web.wizard.outlook import cost_lines, outlook, plan_rows, tier_words
from console.web.wizard.state import Wizard
from console.web.wizard.trial_card import trial_card
from models.states import CampaignState


async def launch_step(wizard: Wizard) -> None:
    """The step."""
    await _LaunchStep(wizard).build()


class _LaunchStep:
    def __init__(self, wizard: Wizard) -> None:
        self._wizard, self._words = wizard, wizard.words
        self._busy = False
        self._errors: ErrorLine
        self._place: Element
        self._uploads: UploadsNote

    async def build(self) -> None:
        wizard, words = self._wizard, self._words
        if not wizard.content.made:
            await wizard.show("people")
            return
        name, settings, by = wizard.content.campaign_name, wizard.visit.door.settings, wizard.visit.actor.name

        def look(sessions: Any, _: Any) -> PreFlight:
            with sessions() as session:
                return pre_flight(session, name, settings, by=by, now=wizard.now())

        found = await wizard.act(look, wizard.errors)
        if found is None:
            return
        with ui.element("div").classes("beside"):
            with ui.element("div"):
                self._outlook(found)
                self._problems(found)
                trial_card(wizard, found.template.category)
            with ui.element("aside"), card(words("wizard.launch_title"), "launch-card"):
                self._place = ui.element("div")
                self._uploads = UploadsNote(wizard.visit)
                self._errors = ErrorLine()
                with self._place:
                    self._launch(found)
        back_and_forth(wizard, "launch")

    def _outlook(self, found: PreFlight) -> None:
        words, content = self._words, self._wizard.content
        zone = content.zone or "UTC"
        with card(words("wizard.outlook_title")):
            text(outlook(found, content, words), "p", "headline")
            text(tier_words(found.forecast.tier, words), "p")
            for line in cost_lines(found.forecast.cost, words):
                text(line, "p")
            days = plan_rows(found.forecast.plan, words)
            if len(days) > 1:
                heading(words("wizard.days"), 3)
                headings = [words("wizard.day"), words("wizard.messages"), words("wizard.limited_by")]
                table(headings, days, caption=words("wizard.days"), empty="")
                text(words("wizard.days_zone", zone="UTC"), "p", "hint")
            if found.campaign.start_at is not None:
                text(words("wizard.starts_at", at=_local(found.campaign.start_at, zone), zone=zone), "p")

    def _problems(self, found: PreFlight) -> None:
        words, forecast = self._words, found.forecast
        with card(words("wizard.problems_title")):
            if not (found.obstacles or forecast.findings or forecast.holding_risks or forecast.list_warnings):
                text(words("wizard.no_problems"), "p", "note good")
            for obstacle in found.obstacles:
                told = words(f"wizard.obstacle_{obstacle.code}", told=words.said(obstacle.told))
                text(told, "p", "error" if obstacle.stops else "warning")
            for finding in forecast.findings:
                text(words.said(finding.text), "p", "error" if finding.level == "error" else "warning")
            for told in (*forecast.holding_risks, *forecast.list_warnings):
                text(words.said(told), "p", "warning")

    def _launch(self, found: PreFlight) -> None:
        wizard, words = self._wizard, self._words
        count = words.number(found.forecast.to_message)
        stopped = stopping(found.obstacles)
        if wizard.content.start == RECUR:
            text(words("wizard.recur_hint", count=count), "p")
            go = button(words("wizard.begin_schedule"), lambda: self._begin_schedule(found), kind="primary wide")
        elif found.approval is not None:
            self._asked(found)
            return
        elif found.wanted:
            above = words.number(wizard.visit.door.settings.approval_above or 0)
            text(words("wizard.approval_wanted", above=above), "p")
            self._who_approves(found)
            go = button(words("wizard.ask_approval"), lambda: self._go(found), kind="primary wide")
        else:
            text(words("wizard.launch_hint", count=count), "p")
            later = found.campaign.start_at is not None and found.campaign.start_at > wizard.now()
            label = words("wizard.launch_later" if later else "wizard.launch", count=count)
            go = button(label, lambda: self._go(found), kind="primary wide")
        go.set_enabled(not stopped and wizard.visit.actor.may(Act.LAUNCH))
        text(words("wizard.cannot_launch" if stopped else "wizard.may_pause"), "p", "hint")

    def _asked(self, found: PreFlight) -> None:
        """The launch was asked for: who may say yes sees a button, everybody else whom to ask."""
        wizard, words, approval = self._wizard, self._words, found.approval
        if approval is None:
            return
        who = approval.asked_by.partition(":")[2]
        text(words("wizard.approval_asked", who=who), "p", "note")
        if wizard.visit.actor.may(Act.APPROVE) and approval.asked_by != wizard.visit.actor.name:
            button(words("wizard.approve"), lambda: self._approve(found), kind="primary wide")
        else:
            self._who_approves(found)

    def _who_approves(self, found: PreFlight) -> None:
        words = self._words
        if found.approvers:
            text(words("wizard.approvers", names=", ".join(found.approvers[:20])), "p", "hint")
        else:
            text(words("wizard.no_approvers"), "p", "warning")

    async def _go(self, found: PreFlight) -> None:
        wizard, settings = self._wizard, self._wizard.visit.door.settings
        if not await self._sure(found):
            return
        name, now = found.campaign.name, wizard.now()
        do = launching(
            lambda sessions, by: launch(sessions, by, wizard.id, wizard.content, settings, now=now),
            [name], now, settings.approval_above,
        )  # fmt: skip
        campaign = await self._uploads.during([name], lambda: self._once(do))
        if campaign is not None and campaign.state == CampaignState.DRAFT:
            await wizard.show("launch")
        elif campaign is not None:
            ui.navigate.to(f"/campaigns/{campaign.id}")

    async def _approve(self, found: PreFlight) -> None:
        wizard = self._wizard
        if not await self._sure(found):
            return
        name, now = found.campaign.name, wizard.now()
        do = approving(lambda sessions, by: approve(sessions, by, wizard.id, wizard.content, now=now), [name], now)
        campaign = await self._uploads.during([name], lambda: self._once(do))
        if campaign is not None:
            ui.navigate.to(f"/campaigns/{campaign.id}")

    async def _begin_schedule(self, found: PreFlight) -> None:
        wizard, settings = self._wizard, self._wizard.visit.door.settings
        if not await self._sure(found):
            return
        made = await self._once(
            lambda sessions, by: begin_schedule(sessions, by, wizard.id, wizard.content, settings, now=wizard.now())
        )
        if made is not None:
            ui.navigate.to("/schedules")
        else:
            await wizard.load()
            if await wizard.visit.read(made_of, wizard.content) is None:
                await wizard.change(made={})

    async def _sure(self, found: PreFlight) -> bool:
        """Asked once more; above a size by typing the name. A second click meanwhile asks nothing."""
        words, name = self._words, found.campaign.name
        if self._busy:
            return False
        self._busy = True
        try:
            many = found.forecast.to_message > self._wizard.visit.door.settings.confirm_above
            count, sender = words.number(found.forecast.to_message), found.sender.name
            body = words("wizard.sure_typed" if many else "wizard.sure", count=count, sender=sender, name=name)
            return await confirmed(
                words("wizard.sure_title"), body, words("wizard.yes_launch"), words("wizard.keep"),
                type_this=name if many else None, prompt=words("wizard.type_name"),
            )  # fmt: skip
        finally:
            self._busy = False

    async def _once(self, do: Any) -> Any:
        if self._busy:
            return None
        self._busy = True
        try:
            return await self._wizard.act(do, self._errors)
        finally:
            self._busy = False


def _local(moment: datetime, zone: str) -> str:
    return f"{local_time(moment, zone):%Y-%m-%d %H:%M}"

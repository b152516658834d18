"""Step 4: whom it reaches: the list is read for real, which may be left and found again; who stays, and why not."""

from typing import Any

from nicegui import ui
from nicegui.element import Element

from campaign.check import Forecast
from campaign.consent.gate import CONSENT_EXPIRED, NO_CONSENT
from campaign.drafting.making import make, unmake
from console.web import jobs
from console.web.parts import ErrorLine, button, card, heading, text
from console.web.wizard.nav import back_and_forth
from console.web.wizard.outlook import coded
from console.web.wizard.state import Wizard

LOOK_AGAIN_S = 0.4
LACKS_CONSENT = frozenset({NO_CONSENT, CONSENT_EXPIRED})
"""Reasons that go away when consent is recorded."""

_rows_read: dict[int, int] = {}
"""Draft to the rows that its job has read so far; as many entries as there are jobs under way."""


async def people_step(wizard: Wizard) -> None:
    """The step."""
    await _PeopleStep(wizard).build()


class _PeopleStep:
    def __init__(self, wizard: Wizard) -> None:
        self._wizard, self._words = wizard, wizard.words
        self._kind = f"draft:{wizard.id}"
        self._place: Element
        self._count: Element

    async def build(self) -> None:
        self._place = ui.element("div").props('aria-live="polite"')
        if self._wizard.content.made:
            await self._funnel()
        else:
            await self._begin()

    async def _begin(self) -> None:
        """Make the campaign in the background, or find the job that does."""
        wizard, words = self._wizard, self._words
        await wizard.change(step="people")
        settings, draft_id, now = wizard.visit.door.settings, wizard.id, wizard.now()

        def do(sessions: Any, by: Any) -> None:
            try:
                make(sessions, by, draft_id, settings, now=now, progress=lambda rows: _note(draft_id, rows))
            finally:
                _rows_read.pop(draft_id, None)

        job = await jobs.start(wizard.visit, self._kind, words("wizard.reading_title"), do, errors=wizard.errors)
        if job is None:
            return
        with self._place, card(words("wizard.reading_title")):
            text(words("wizard.reading", name=wizard.content.file_name or words("wizard.source_contacts")), "p")
            ui.element("progress").classes("wide").props(f'aria-label="{words("wizard.reading_title")}"')
            self._count = ui.element("div")
            text(words("wizard.may_leave"), "p", "hint")
        # Not inside the step, which goes when the next one is shown.
        with wizard.aside:
            watch: ui.timer = ui.timer(LOOK_AGAIN_S, lambda: self._watch(job, watch))

    async def _watch(self, job: jobs.Job, watch: ui.timer) -> None:
        words = self._words
        if self._place.is_deleted:
            watch.deactivate()
            return
        job = await jobs.look_again(self._wizard.visit, job)
        if job.ended_at is None:
            self._count.clear()
            with self._count:
                rows = _rows_read.get(self._wizard.id, 0)
                text(words("wizard.rows_read", rows=words.number(rows)), "p", "strong")
            return
        watch.deactivate()
        self._place.clear()
        if job.error is None:
            await self._wizard.load()
            await self._wizard.show("people")
            return
        with self._place, card(words("wizard.people_title")):
            ErrorLine().show(words.said(job.error))
            text(words("wizard.reading_failed"), "p", "hint")
            with ui.element("div").classes("row-end"):
                button(words("wizard.back"), lambda: self._wizard.go("when"))
                button(words("wizard.try_again"), lambda: self._wizard.show("people"), kind="primary")

    async def _funnel(self) -> None:
        wizard, words = self._wizard, self._words
        found = await wizard.forecast()
        if found is None:
            return
        with self._place:
            with card(words("wizard.people_title")):
                _headline(found, wizard)
                funnel(found, wizard)
                for warning in found.list_warnings:
                    text(words.said(warning), "p", "warning")
                if found.rows > found.to_message:
                    self._refused(found)
        back_and_forth(wizard, "people")

    def _refused(self, found: Forecast) -> None:
        words, id_ = self._words, self._wizard.content.campaign_id
        heading(words("wizard.not_reached"), 3)
        reasons = [(reason, count) for step in found.funnel for reason, count in step.refused.items() if count]
        with ui.element("ul").classes("reasons"):
            for reason, count in sorted(reasons, key=lambda each: -each[1]):
                with ui.element("li"):
                    text(words.number(count), "span", "strong count")
                    with ui.element("span"):
                        text(coded(words, f"wizard.reason.{reason}", reason.replace("_", " ")))
                        text(coded(words, f"wizard.remedy.{reason}", ""), "div", "hint")
        if any(reason in LACKS_CONSENT for reason, _ in reasons):
            with ui.element("div").classes("bar"):
                kind = "button" if found.to_message else "button primary"
                ui.link(words("agreed.record_them"), f"/consent?draft={self._wizard.id}").classes(kind)
                button(words("agreed.read_again"), self._read_again)
        with ui.element("div").classes("bar"):
            ui.link(words("wizard.download_refused"), f"/api/v1/campaigns/{id_}/reports/rejected").props(
                "download"
            ).classes("button")
            text(words("wizard.upload_mended"), "span", "hint")

    async def _read_again(self) -> None:
        """Take back what was made of the list and make it anew, with the consent that there is by now."""
        wizard = self._wizard
        if await wizard.act(lambda sessions, by: unmake(sessions, by, wizard.content), wizard.errors) is not None:
            await wizard.show("people")


def funnel(found: Forecast, wizard: Wizard) -> None:
    """The steps from rows to messages as bars."""
    words, rows = wizard.words, max(1, found.rows)
    steps = [("rows", found.rows, 0), *((step.name, step.left, sum(step.refused.values())) for step in found.funnel)]
    with ui.element("ol").classes("funnel"):
        for name, left, lost in steps:
            with ui.element("li"):
                text(coded(words, f"wizard.funnel_{name.replace(' ', '_')}", name))
                with ui.element("div").classes("track").props('aria-hidden="true"'):
                    ui.element("div").classes("fill").style(f"width: {100 * left / rows:.1f}%")
                with ui.element("span").classes("amount"):
                    text(words.number(left), "span", "strong")
                    if lost:
                        text(f"−{words.number(lost)}", "span", "hint lost")


def _headline(found: Forecast, wizard: Wizard) -> None:
    words = wizard.words
    values = {"count": words.number(found.to_message), "rows": words.number(found.rows)}
    text(words("wizard.reached" if found.to_message else "wizard.reached_nobody", **values), "p", "headline")


def _note(draft_id: int, rows: int) -> None:
    _rows_read[draft_id] = rows

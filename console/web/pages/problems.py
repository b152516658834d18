"""`/problems`: what needs a person, worst first, each with one sentence and a place to act."""

import os
from collections.abc import Callable, Sequence
from urllib.parse import quote

from nicegui import ui

from campaign.access import webhooks as webhook_acts
from campaign.access.roles import Act, Actor
from campaign.desk.problems import Kind, Problem, find_problems
from campaign.sequences.acts import approve_campaign
from campaign.webhooks.batch import Applied
from console.web.page import page
from console.web.parts import ErrorLine, button, confirmed, moment, text
from console.web.pieces import did
from console.web.uploads_note import approving
from console.web.visit import Visit
from models.session import Sessions

LOOK_AGAIN_S = 10.0

CAMPAIGNS = frozenset({Kind.CAMPAIGN_PAUSED, Kind.APPROVAL, Kind.UNCERTAIN})
SENDERS = frozenset(
    {
        Kind.SENDER_DISABLED, Kind.SENDER_RESTRICTED, Kind.SENDER_FLAGGED, Kind.SECRET_MISSING,
        Kind.WEBHOOKS_SILENT, Kind.WEBHOOKS_STUCK, Kind.WEBHOOKS_GAPS, Kind.WEBHOOK_UNREAD,
    }
)  # fmt: skip


def place_of(problem: Problem) -> str | None:
    """Where one acts on a problem."""
    if problem.kind in CAMPAIGNS:
        return f"/campaigns/{problem.id}"
    if problem.kind in SENDERS:
        return f"/senders/{quote(problem.name)}"
    if problem.kind is Kind.TEMPLATE_UNSENDABLE:
        return f"/templates/{problem.id}"
    return _PLACES.get(problem.kind)


_PLACES = {Kind.LEDGER_BROKEN: "/consent", Kind.RUN_MISSED: "/schedules", Kind.RUN_FAILED: "/schedules"}


@page("/problems", "problems.title")
async def problems(visit: Visit) -> None:
    """The list, looked at again while one reads it."""
    text(visit.words("problems.hint"), "p", "hint")
    shown = _Problems(visit)
    shown.place = ui.element("div")
    await shown.refresh()
    ui.timer(LOOK_AGAIN_S, shown.refresh, immediate=False)


SHOWN = 50
"""The worst ones, which are shown at first; a fault common to many numbers or webhooks fills a page with the same."""


class _Problems:
    """The problems as they are shown; drawn again only when something changed."""

    place: ui.element

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._last: Sequence[Problem] | None = None
        self._shown = SHOWN

    async def _show_more(self) -> None:
        self._last, self._shown = None, self._shown * 4
        await self.refresh()

    async def refresh(self) -> None:
        """Look again."""
        visit = self._visit
        found = await visit.read(find_problems, visit.door.settings, os.environ, visit.now())
        if found == self._last:
            return
        self._last = found
        self.place.clear()
        with self.place:
            if not found:
                text(visit.words("problems.none"), "p", "good-news")
                return
            with ui.element("ol").classes("problems"):
                for problem in found[: self._shown]:
                    self._one(problem)
            if (more := len(found) - self._shown) > 0:
                count = visit.words.number(more)
                button(visit.words("problems.more", count=count), self._show_more)

    def _one(self, problem: Problem) -> None:
        words, kind = self._visit.words, problem.kind.value
        with ui.element("li").classes("card problem " + ("urgent" if problem.urgent else "")):
            with ui.element("div").classes("verdict"):
                tone = "bad" if problem.urgent else "warn"
                text(words("problems.urgent" if problem.urgent else "problems.soon"), "span", f"chip tone-{tone}")
                values = {"name": problem.name, "count": words.number(problem.count), "by": problem.by or ""}
                text(words(f"problems.{kind}", **values), "span", "strong breakable")
                if problem.since is not None:
                    with ui.element("span").classes("soft"):
                        moment(problem.since, words)
            text(words(f"problems.{kind}_do"), "p")
            if problem.text:
                text(words.said(problem.text), "p", "soft breakable")
            with ui.element("div").classes("line-up"):
                if place := place_of(problem):
                    ui.link(words("problems.open"), place).classes("button small")
                beside = ui.element("div").classes("line-up tight")
            errors = ErrorLine()
            with beside:
                self._acts(problem, errors)

    def _acts(self, problem: Problem, errors: ErrorLine) -> None:
        words, may = self._visit.words, self._visit.actor.may
        asked_by_me = problem.by == self._visit.actor.name
        if problem.kind is Kind.APPROVAL and may(Act.APPROVE) and not asked_by_me:
            button(words("problems.approve"), lambda: self._approve(problem, errors), kind="small primary")
        if problem.kind is Kind.WEBHOOK_UNREAD and may(Act.RETRY_WEBHOOK):
            button(words("problems.retry"), lambda: self._retry(problem, errors), kind="small")
        if problem.kind is Kind.WEBHOOK_UNREAD and may(Act.DISMISS_WEBHOOK):
            button(words("problems.dismiss"), lambda: self._dismiss(problem, errors), kind="small")

    async def _approve(self, problem: Problem, errors: ErrorLine) -> None:
        words, visit = self._visit.words, self._visit
        body = words("problems.approve_body", name=problem.name, by=problem.by or "")
        if not await confirmed(words("problems.approve"), body, words("problems.approve"), words("do.no")):
            return
        now = visit.now()
        done = words("problems.approved", name=problem.name)
        do: Callable[[Sessions, Actor], object] = lambda sessions, by: approve_campaign(  # noqa: E731
            sessions, by, problem.name, now=now
        )
        do = approving(do, [problem.name], now)
        if await did(visit, do, errors=errors, done=done):
            await self.refresh()

    async def _dismiss(self, problem: Problem, errors: ErrorLine) -> None:
        visit, event_id, now = self._visit, problem.id or 0, self._visit.now()
        title = visit.words("problems.dismiss")
        if not await confirmed(title, visit.words("problems.dismiss_body"), title, visit.words("do.no")):
            return
        done = visit.words("do.done")
        if await did(
            visit,
            lambda sessions, by: webhook_acts.dismiss(sessions, by, event_id, now=now),
            errors=errors,
            done=done,
        ):
            await self.refresh()

    async def _retry(self, problem: Problem, errors: ErrorLine) -> None:
        visit, event_id = self._visit, problem.id or 0
        applied = await visit.act(lambda sessions, by: _apply_again(sessions, by, event_id, visit), errors=errors)
        if applied is None:
            return
        if applied.problems:
            errors.show(visit.words("problems.still_unread"))
            return
        ui.notify(visit.words("do.done"), type="positive", position="top")
        await self.refresh()


def _apply_again(sessions: Sessions, by: Actor, event_id: int, visit: Visit) -> Applied:
    # Only here, since it brings the tasks and their queue along.
    from tasks.webhooks import inbox_rules

    return webhook_acts.retry(sessions, by, event_id, inbox_rules(), clock=visit.now)

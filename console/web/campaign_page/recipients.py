"""The recipients: searched, filtered and turned page by page on the server; one person's way in a dialog."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import escape

from nicegui import ui
from nicegui.elements.html import Html

from campaign.access.roles import Actor
from campaign.audience.reasons import SENTENCES, RejectReason
from campaign.overview.recipients import REFUSED, Event, Looked, Recipient, look_for, timeline
from campaign.sending.error_table import rule_for
from console.web.campaign_page.sentence import time_html
from console.web.parts import ErrorLine, button, card, chip, heading, text
from console.web.texts import Words
from console.web.visit import Visit
from models.session import Sessions
from models.states import MessageState

PAGE = 25
ALL = ""
COLUMNS = ("row", "person", "state", "why", "attempts", "last")
_REASONS = {reason.value for reason in RejectReason}


@dataclass(frozen=True)
class _Cells:
    """The cells of one row that may change while one looks at it."""

    state: ui.element
    why: Html
    attempts: Html
    last: Html


class Recipients:
    """The table. It stays where it is while numbers change; the page that is shown is looked up again in place."""

    def __init__(self, visit: Visit, name: str) -> None:
        self._visit, self._name = visit, name
        self._after = 0
        self._before: int | None = None
        self._shown: list[Recipient] = []
        self._cells: dict[tuple[int, int | None], _Cells] = {}
        words = visit.words
        with card(words("campaign.recipients")) as section:
            section.props('id="recipients"')
            with ui.element("div").classes("bar"):
                self._search = ui.input(words("campaign.search"), on_change=self._first)
                self._search.props("outlined dense clearable debounce=300").classes("grow")
                states = {ALL: words("campaign.every_state")}
                states |= {state.value: words.state(state) for state in MessageState} | {REFUSED: words.state(REFUSED)}
                self._state = ui.select(states, value=ALL, label=words("campaign.state"), on_change=self._first)
                self._state.props("outlined dense").classes("choice")
            self._errors = ErrorLine()
            self._progress = text("", "p", "hint").props('role="status"')
            self._progress.set_visibility(False)
            self._place = ui.element("div").props('aria-live="polite"')
            with ui.element("nav").classes("row-end").props(f'aria-label="{words("campaign.pages")}"'):
                self._earlier = button(words("campaign.earlier"), self._turn_back, kind="small")
                self._later = button(words("campaign.later"), self._turn, kind="small")

    async def look_into(self, state: str) -> None:
        """Show the recipients of one state, and bring them into view."""
        self._search.set_value("")
        self._state.set_value(state)
        ui.run_javascript("document.getElementById('recipients').scrollIntoView({behavior: 'smooth'})")

    async def refresh(self) -> None:
        """Look at the same page again."""
        await self._look(again=True)

    async def _first(self) -> None:
        self._after, self._before = 0, None
        await self._look()

    async def _turn(self) -> None:
        self._after, self._before = self._shown[-1].cursor, None
        await self._look()

    async def _turn_back(self) -> None:
        self._after, self._before = 0, self._shown[0].cursor
        await self._look()

    async def _look(self, *, again: bool = False) -> None:
        back = self._before is not None
        if again and self._search.value:
            await self._look_at_found()
            return
        found = await self._find(self._wanted(), PAGE + 1)
        if found is None:
            return
        more = len(found) > PAGE
        if back and not more:
            # Turned back to the beginning: the first page, whole.
            await self._first()
            return
        rows = found[-PAGE:] if back else found[:PAGE]
        self._earlier.set_enabled(more if back else self._after > 0)
        self._later.set_enabled(True if back else more)
        self._show(rows, again=again)

    async def _look_at_found(self) -> None:
        """What was searched for, again, and no further: a search for nobody is not made every few seconds."""
        if self._shown and (found := await self._find(self._wanted(), len(self._shown))) is not None:
            self._show(found, again=True)

    async def _find(self, wanted: dict[str, str | None], limit: int) -> list[Recipient] | None:
        """As many rows of what is wanted, one more than a page when it is to be known whether there is a further one;
        None when something else is wanted by now. A long list is looked through bit by bit, and how far is told."""
        visit, rows = self._visit, list[Recipient]()
        place = (self._after, self._before)
        after, before = place
        while True:
            look = partial(
                _looked, name=self._name, now=visit.now(), wanted=wanted, after=after, before=before,
                limit=limit - len(rows),
            )  # fmt: skip
            found = await visit.act(_seeing(look), errors=self._errors)
            if found is None or (wanted, *place) != (self._wanted(), self._after, self._before):
                return None
            rows = [*rows, *found.rows] if before is None else [*found.rows, *rows]
            self._progress.set_visibility(found.until is not None)
            if found.until is None:
                return rows
            percent = round(100 * (found.share if before is None else 1 - found.share))
            self._progress.set_content(_escaped(visit.words("campaign.looking", percent=percent)))
            after, before = (found.until, None) if before is None else (0, found.until)

    def _wanted(self) -> dict[str, str | None]:
        return {"state": self._state.value or None, "search": self._search.value or ""}

    def _show(self, rows: list[Recipient], *, again: bool) -> None:
        same = [(one.row, one.id) for one in rows] == [(one.row, one.id) for one in self._shown]
        before, self._shown = self._shown, rows
        if again and same:
            for old, new in zip(before, rows, strict=True):
                if old != new:
                    self._fill(self._cells[new.row, new.id], new)
            return
        self._place.clear()
        self._cells.clear()
        with self._place:
            if rows:
                self._draw(rows)
            else:
                text(self._visit.words("campaign.nobody"), "p", "empty")

    def _draw(self, rows: list[Recipient]) -> None:
        words = self._visit.words
        with ui.element("div").classes("table-wrap").props('tabindex="0" role="region"') as wrap:
            wrap.props(f'aria-label="{words("campaign.recipients")}"')
            with ui.element("table").classes("people"):
                text(words("campaign.recipients"), "caption", "hidden-text")
                with ui.element("thead"), ui.element("tr"):
                    for column in COLUMNS:
                        text(words(f"campaign.column_{column}"), "th").props('scope="col"')
                with ui.element("tbody"):
                    for one in rows:
                        self._draw_row(one)

    def _draw_row(self, one: Recipient) -> None:
        words = self._visit.words
        with ui.element("tr"):
            text(words.number(one.row), "td").props(_label("row", words))
            with ui.element("td").props(_label("person", words)):
                shown = one.name or one.phone or "–"
                if one.id is not None:
                    told = words("campaign.see_timeline", who=one.phone or shown)
                    button(_short(shown), lambda: self._open(one), kind="link").props(f'aria-label="{_plain(told)}"')
                else:
                    text(_short(shown))
                if one.name and one.phone:
                    text(one.phone, "div", "soft number")
            with ui.element("td").props(_label("state", words)):
                state = ui.element("span")
            why, attempts, last = (text("", "td").props(_label(name, words)) for name in ("why", "attempts", "last"))
        self._cells[one.row, one.id] = _Cells(state, why, attempts, last)
        self._fill(self._cells[one.row, one.id], one)

    def _fill(self, cells: _Cells, one: Recipient) -> None:
        words = self._visit.words
        cells.state.clear()
        with cells.state:
            chip(one.state, words)
        cells.why.set_content(_escaped(_why(one, words)))
        cells.attempts.set_content(words.number(one.attempts) if one.attempts else "–")
        cells.last.set_content(time_html(one.last_at) if one.last_at else "–")

    async def _open(self, one: Recipient) -> None:
        if one.id is None:
            return
        events = await self._visit.read(timeline, self._name, one.id)
        with ui.dialog() as dialog, ui.card().classes("dialog wide-dialog"):
            heading(_short(one.name or one.phone or ""))
            with ui.element("div").classes("bar"):
                chip(one.state, self._visit.words)
                text(one.phone or "", "span", "number")
                text(self._visit.words("campaign.in_row", row=self._visit.words.number(one.row)), "span", "soft")
            if one.user_id:
                text(self._visit.words("campaign.user_id", id=one.user_id), "p", "hint breakable")
            if why := _why(one, self._visit.words):
                text(why, "p")
            with ui.element("ol").classes("timeline"):
                for event in events:
                    self._draw_event(event)
            with ui.element("div").classes("row-end"):
                button(self._visit.words("campaign.close"), dialog.close, kind="primary")
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _draw_event(self, event: Event) -> None:
        words = self._visit.words
        with ui.element("li").classes(f"step-{event.what.split()[0]}"):
            text(step_words(event, words), "div", "strong")
            ui.html(time_html(event.at, seconds=True), sanitize=False, tag="div").classes("soft hint")
            if event.detail and event.what != "queued":
                text(_short(words.said(event.detail)), "div", "hint")


def step_words(event: Event, words: Words) -> str:
    """What happened at one step, with the number of the try where there were several. Pure."""
    key = "_".join(event.what.replace(":", "").split())
    said = words(f"campaign.step_at_{key}") if key in STEPS else event.what
    return words("campaign.step_try", what=said, number=event.attempt) if (event.attempt or 0) > 1 else said


STEPS = frozenset(
    {
        "queued", "sending", "uncertain", "accepted", "held", "sent", "delivered", "read", "failed", "expired",
        "answered", "opted_out", "next_try", "attempt_ended_refused", "attempt_ended_failed", "attempt_ended_absent",
        "attempt_ended_sent_again",
    }
)  # fmt: skip
"""Steps that have words of their own."""


def _seeing(look: Callable[[Sessions], Looked]) -> Callable[[Sessions, Actor], Looked]:
    return lambda sessions, actor: look(sessions)


def _looked(
    sessions: Sessions, *, name: str, now: datetime, wanted: dict[str, str | None], after: int, before: int | None,
    limit: int,
) -> Looked:  # fmt: skip
    with sessions() as session:
        return look_for(
            session, name, now=now, state=wanted["state"], search=wanted["search"] or "", after=after, before=before,
            limit=limit,
        )  # fmt: skip


def _why(one: Recipient, words: Words) -> str:
    rule = rule_for(one.error_code) if one.error_code is not None else None
    if rule is not None:
        return f"{words.said(rule.sentence)} ({one.error_code})"
    if one.error_code is not None or one.text:
        return " · ".join(str(part) for part in (one.error_code, one.text and words.said(one.text)) if part)
    if one.reason in _REASONS:
        return words.said(SENTENCES[RejectReason(one.reason)])
    return (one.reason or "").replace("_", " ")


def _short(name: str) -> str:
    return name if len(name) <= 80 else name[:80] + "…"


def _label(column: str, words: Words) -> str:
    return f'data-label="{words(f"campaign.column_{column}")}"'


def _plain(value: str) -> str:
    """A text that may stand in a property of an element."""
    return "".join(c for c in value if c not in "\"'<>&\\")


def _escaped(value: str) -> str:
    return escape(value if len(value) <= 300 else value[:300] + "…")

"""`/templates`: every approved text with what the platform says of it; read anew from there."""

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from campaign.access.roles import Act, Actor
from campaign.desk.templates import TemplateLine, list_lines
from campaign.senders import list_senders
from campaign.templates.sync import SyncResult
from console.web import jobs
from console.web.desk.reading import read_templates
from console.web.page import page
from console.web.parts import ErrorLine, button, card, chip, link, moment, text
from console.web.pieces import category_of, listing, quality
from console.web.texts import Words
from console.web.visit import Visit
from models.sender import Sender
from models.session import Sessions


@page("/templates", "templates.title")
async def templates(visit: Visit) -> None:
    """The list, and a way to read it anew."""
    shown = _List(visit)
    with ui.element("div").classes("bar"):
        search = ui.input(visit.words("templates.search"), on_change=lambda: shown.draw())
        search.props("outlined dense clearable maxlength=100").classes("grow")
    if visit.actor.may(Act.SYNC_TEMPLATES):
        await _sync_card(visit, shown)
    shown.search, shown.place = search, ui.element("div")
    await shown.refresh()


class _List:
    """The templates as they are shown."""

    search: ui.input
    place: ui.element

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._lines: Sequence[TemplateLine] = ()

    async def refresh(self) -> None:
        """Look again."""
        self._lines = await self._visit.read(list_lines)
        self.draw()

    def draw(self) -> None:
        """Show those that are searched for."""
        words, wanted = self._visit.words, (self.search.value or "").strip().lower()
        found = [line for line in self._lines if wanted in f"{line.name} {line.language} {line.category}".lower()]
        self.place.clear()
        with self.place:
            made = listing(
                [words(f"templates.{column}") for column in _COLUMNS],
                [_row(line, words) for line in found],
                caption=words("templates.title"),
                empty=words("templates.none_found" if wanted else "templates.empty"),
            )
            if made is not None:
                made.classes("wide-first")


_COLUMNS = ("name", "language", "category", "status", "quality", "lint", "used", "synced")


def _row(line: TemplateLine, words: Words) -> list[object]:
    return [
        link(line.name, f"/templates/{line.id}", "strong"),
        line.language,
        category_of(line.category, words),
        lambda: chip(line.status, words),
        lambda: quality(line.quality, words),
        lambda: lint_words(line.errors, line.warnings, words),
        _used(line, words),
        lambda: moment(line.synced_at, words),
    ]


def _used(line: TemplateLine, words: Words) -> str:
    if not line.campaigns:
        return "–"
    held = f"; {words('templates.held', count=words.number(line.held))}" if line.held else ""
    return words.number(line.campaigns) + held


def lint_words(errors: int, warnings: int, words: Words) -> None:
    """How many findings a template has, as words with a colour."""
    if errors:
        text(words("templates.errors", count=errors), "span", "chip tone-bad")
    if warnings:
        text(words("templates.warnings", count=warnings), "span", "chip tone-warn")
    if not errors and not warnings:
        text("–")


async def _sync_card(visit: Visit, shown: _List) -> None:
    words = visit.words
    senders = await visit.read(list_senders)
    # Every number of an account lists the same templates, so one of them is asked.
    one_each = {sender.account: sender for sender in reversed(senders)}
    with card(words("templates.sync")):
        text(words("templates.sync_hint" if senders else "templates.no_sender"), "p", "hint")
        errors = ErrorLine()
        with ui.element("div").classes("line-up"):
            for sender in sorted(one_each.values(), key=lambda each: each.name):
                button(words("templates.sync_from", sender=sender.name), _syncing(visit, sender, errors), icon="sync")
        for sender in one_each.values():
            jobs.JobPlace(visit, job_of(sender), lambda result: _synced(result, words), shown.refresh)


def job_of(sender: Sender) -> str:
    """The kind of job that reads the templates of a sender."""
    return f"templates:{sender.name}"


def _syncing(visit: Visit, sender: Sender, errors: ErrorLine) -> Callable[[], Awaitable[None]]:
    def do(sessions: Sessions, by: Actor) -> SyncResult:
        return read_templates(sessions, by, sender, now=visit.now())

    async def begin() -> None:
        title = visit.words("templates.syncing", sender=sender.name)
        await jobs.start(visit, job_of(sender), title, do, errors=errors)

    return begin


def _synced(result: SyncResult, words: Words) -> None:
    counts = {"listed": result.listed, "added": result.added, "changed": result.changed, "gone": result.gone}
    text(words("templates.synced_result", **counts), "p")

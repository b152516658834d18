"""`/audit`: who did what to what, newest first; nothing of it can be changed."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from campaign.access.audit import PAGE, entries
from campaign.access.roles import Act
from campaign.desk.audit import actors
from campaign.desk.changes import changes
from console.web.page import page
from console.web.parts import button, link, moment, text
from console.web.pieces import listing
from console.web.texts import Words
from console.web.visit import Visit
from models.access import AuditEntry

LONGEST = 200
_ACTS = frozenset(Act)
COLUMNS = ("when", "who", "what", "about", "change")


@page("/audit", "audit.title")
async def audit(visit: Visit) -> None:
    """The filter and the entries."""
    words, before = visit.words, visit.query.get("before", "")
    wanted = {name: visit.query.get(name, "")[:LONGEST] for name in ("actor", "subject")}
    await _filter(visit, wanted)
    found = await visit.read(
        entries,
        actor=wanted["actor"] or None,
        subject=wanted["subject"] or None,
        before_id=int(before) if before.isdecimal() and len(before) < 19 else None,
    )
    listing(
        [words(f"audit.{column}") for column in COLUMNS],
        [_row(entry, words) for entry in found],
        caption=words("audit.title"),
        empty=words("audit.none_found" if any(wanted.values()) else "audit.empty"),
    )
    if len(found) == PAGE:
        older = address(wanted | {"before": found[-1].id})
        ui.link(words("audit.older"), older).classes("button")


def address(query: Mapping[str, Any]) -> str:
    """The page with a filter."""
    return "/audit?" + urlencode({name: value for name, value in query.items() if value})


async def _filter(visit: Visit, wanted: Mapping[str, str]) -> None:
    words = visit.words
    known = await visit.read(actors)
    options = {"": words("audit.anybody"), **{name: name for name in sorted({*known, wanted["actor"]} - {""})}}
    with ui.element("div").classes("bar"):
        who = ui.select(options, value=wanted["actor"], label=words("audit.who"), with_input=True)
        who.props("outlined dense options-dense").classes("medium")
        about = ui.input(words("audit.about"), value=wanted["subject"], placeholder="campaign:spring")
        about.props(f"outlined dense clearable maxlength={LONGEST}").classes("grow")

        def look() -> None:
            ui.navigate.to(address({"actor": who.value or "", "subject": (about.value or "").strip()}))

        about.on("keydown.enter", look)
        button(words("audit.filter"), look)
        if any(wanted.values()):
            ui.link(words("audit.everything"), "/audit").classes("button")


def _row(entry: AuditEntry, words: Words) -> list[object]:
    return [
        lambda: moment(entry.at, words),
        link(entry.actor, address({"actor": entry.actor})),
        words(f"act.{entry.act}") if entry.act in _ACTS else entry.act,
        link(entry.subject, address({"subject": entry.subject})),
        lambda: _changes(entry, words),
    ]


def _changes(entry: AuditEntry, words: Words) -> None:
    found = changes(entry.before, entry.after)
    if not found:
        text("–")
        return
    with ui.element("ul").classes("plain-list"):
        for change in found:
            with ui.element("li").classes("breakable"):
                text(change.name.replace("_", " "), "span", "soft")
                text(" ")
                if change.before is not None and change.after is not None:
                    text(words("audit.from_to", before=change.before, after=change.after))
                else:
                    text(change.after if change.after is not None else words("audit.was", before=change.before))

"""Where a list of people who agreed is handed in, and what became of it."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from nicegui import ui

from campaign.access.incoming import path_of
from campaign.access.lists import import_consent
from campaign.access.roles import Act, Actor
from campaign.consent.ledger import ConsentImport
from console.web import jobs
from console.web.parts import ErrorLine, button, card, text
from console.web.texts import Words
from console.web.visit import Visit
from console.web.wizard.upload import drop_area
from models.people import Category
from models.session import Sessions

AGREED = "consent.import"
ENDS = ".csv,.tsv,.txt,.xlsx,.xls,.ods,.gz,.zip"
SCRIPT = '<script src="/look/upload.js" defer></script>'
SHOWN_REFUSED = 20
LONGEST_SOURCE = 200
_DRAFT = re.compile(r"[0-9]{1,18}")


def agreed_card(visit: Visit) -> None:
    """The form for who may record consent."""
    if visit.actor.may(Act.GRANT_CONSENT):
        ui.add_head_html(SCRIPT)
        with card(visit.words("agreed.title")):
            _Form(visit).build()


def back_to_draft(query: dict[str, str]) -> str:
    """Where a new campaign goes on: at the draft that somebody came from, else at a new one. Pure."""
    draft = query.get("draft", "")
    return f"/campaigns/new/{draft}" if _DRAFT.fullmatch(draft) else "/campaigns/new"


class _Form:
    """A list, and what it does not say itself."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._words = visit, visit.words
        self._upload: dict[str, Any] | None = None

    def build(self) -> None:
        """Draw it."""
        words, most = self._words, self._visit.door.settings.list_max_bytes
        text(words("agreed.hint"), "p", "hint")
        with ui.element("div").classes("form-row"):
            names = {each.value: words(f"category.{each.value}") for each in Category}
            self._category = ui.select(names, value=Category.MARKETING.value, label=words("agreed.category"))
            self._category.props("outlined dense").classes("short")
            self._source = ui.input(words("agreed.source")).classes("grow")
            self._source.props(f'outlined dense maxlength={LONGEST_SOURCE} placeholder="{words("agreed.such_as")}"')
        self._region = ui.input(words("contacts.import_region")).props("outlined dense maxlength=2").classes("region")
        drop_area(words, self._arrived, prompt=words("agreed.choose"), accept=ENDS, most_bytes=most)
        self._chosen = ui.element("div").props('aria-live="polite"')
        self._errors = ErrorLine()
        with ui.element("div").classes("row-end"):
            button(words("agreed.record"), self._record, kind="primary")
        jobs.JobPlace(self._visit, AGREED, lambda result: _imported(result, words, back_to_draft(self._visit.query)))

    async def _arrived(self, upload: dict[str, Any]) -> None:
        self._upload = upload
        self._errors.clear_text()
        self._chosen.clear()
        with self._chosen:
            text(self._words("agreed.chosen", file=upload["file_name"]), "p", "note")

    async def _record(self) -> None:
        words, source = self._words, (self._source.value or "").strip()[:LONGEST_SOURCE]
        if self._upload is None:
            self._errors.show(words("agreed.no_file"))
            return
        if not source:
            self._errors.show(words("agreed.no_source"))
            return
        path = path_of(self._visit.door.settings, str(self._upload["id"]))
        given = {"category": self._category.value, "source": source, "now": self._visit.now()}
        given["region"] = (self._region.value or "").strip().upper() or None
        title = words("agreed.under_way", file=self._upload["file_name"])

        def do(sessions: Sessions, by: Actor) -> ConsentImport:
            return _import(sessions, by, path, **given)

        if await jobs.start(self._visit, AGREED, title, do, errors=self._errors) is not None:
            self._upload = None
            self._chosen.clear()


def _import(
    sessions: Sessions, by: Actor, path: Path, *, category: str, source: str, region: str | None, now: datetime
) -> ConsentImport:
    """The list recorded, in any case its file is gone."""
    try:
        return import_consent(sessions, by, path, category=category, source=source, region=region, now=now)
    finally:
        path.unlink(missing_ok=True)


def _imported(result: ConsentImport, words: Words, goes_on: str) -> None:
    refused = result.rejected_by_reason.total()
    counts = {"rows": result.rows, "recorded": result.recorded, "known": result.known, "refused": refused}
    text(words("agreed.imported", **{name: words.number(count) for name, count in counts.items()}), "p")
    if result.rejected:
        with ui.element("details"):
            text(words("contacts.refused"), "summary")
            with ui.element("ul"):
                for row in result.rejected[:SHOWN_REFUSED]:
                    text(words("contacts.refused_row", row=row.row_number, text=words.said(row.text)), "li")
    back = goes_on != "/campaigns/new"
    ui.link(words("agreed.back" if back else "agreed.then"), goes_on).classes("button primary")

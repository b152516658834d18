"""`/contacts`: people found by phone or name; a list imported, all of them exported."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nicegui import app, run, ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from campaign.access import contacts as acts
from campaign.access.incoming import path_of
from campaign.access.roles import Act, Actor
from campaign.contacts.load import ContactImport
from campaign.desk.contacts import PAGE, ContactLine, Found, find_contacts
from campaign.errors import CampaignError
from console.web import jobs
from console.web.page import page
from console.web.parts import link, moment, text
from console.web.pieces import listing, whole
from console.web.texts import Words
from console.web.visit import Visit, visit_of
from console.web.wizard.upload import drop_area
from models.session import Sessions

IMPORT = "contacts.import"
SHOWN_REFUSED = 20
BLOCK = 1 << 16
SCRIPT = '<script src="/look/upload.js" defer></script>'


@page("/contacts", "contacts.title")
async def contacts(visit: Visit) -> None:
    """The search and what it finds."""
    words, before = visit.words, visit.query.get("before", "")
    shown = _People(visit, int(before) if before.isdecimal() else None)
    with ui.element("div").classes("bar"):
        search = ui.input(words("contacts.search"), value=visit.query.get("q", ""), on_change=shown.refresh)
        search.props("outlined dense clearable debounce=300 maxlength=100").classes("grow")
        ui.link(words("consent.title"), "/consent").classes("button")
        if visit.actor.may(Act.DOWNLOAD_REPORT):
            ui.link(words("contacts.export"), "/contacts.csv").classes("button").props("download")
    shown.search = search
    if visit.actor.may(Act.IMPORT_CONTACTS):
        _import_card(visit, shown)
    shown.place = ui.element("div")
    await shown.refresh()


class _People:
    """The people as they are shown."""

    search: ui.input
    place: ui.element

    def __init__(self, visit: Visit, before_id: int | None) -> None:
        self._visit, self._before_id = visit, before_id

    async def refresh(self) -> None:
        """Look again."""
        wanted = (self.search.value or "").strip()
        found = await self._visit.read(find_contacts, wanted, before_id=self._before_id)
        # Answers may overtake each other: what was typed since has an answer of its own.
        if wanted != (self.search.value or "").strip():
            return
        self.place.clear()
        with self.place:
            self._draw(found, wanted)

    def _draw(self, found: Found, wanted: str) -> None:
        words = self._visit.words
        if found.problem:
            text(words("contacts.no_phone", problem=words.said(found.problem)), "p", "warning")
            return
        if found.phone:
            text(words("contacts.unknown_phone", phone=found.phone), "p", "note")
            ui.link(words("contacts.open", phone=found.phone), person_path(found.phone)).classes("button")
            return
        listing(
            [words(f"contacts.{column}") for column in ("phone", "name", "region", "wrote", "updated")],
            [_row(line, words) for line in found.people],
            caption=words("contacts.title"),
            empty=words("contacts.none_found" if wanted else "contacts.empty"),
        )
        if len(found.people) == PAGE:
            ui.link(words("contacts.older"), f"/contacts?before={found.people[-1].id}&q={quote(wanted)}").classes(
                "button"
            )


def person_path(phone: str) -> str:
    """The address of a person's page."""
    return f"/contacts/{quote(phone, safe='')}"


def _row(line: ContactLine, words: Words) -> list[object]:
    return [
        link(line.phone, person_path(line.phone), "strong"),
        whole(line.name or "–"),
        line.region or "–",
        lambda: moment(line.last_inbound_at, words),
        lambda: moment(line.updated_at, words),
    ]


def _import_card(visit: Visit, shown: _People) -> None:
    words, settings = visit.words, visit.door.settings
    ui.add_head_html(SCRIPT)
    with ui.element("details").classes("card fold-card"):
        text(words("contacts.import"), "summary")
        text(words("contacts.import_hint"), "p", "hint")
        region = ui.input(words("contacts.import_region")).props("outlined dense maxlength=2").classes("region")

        async def arrived(upload: dict[str, Any]) -> None:
            country = (region.value or "").strip().upper() or None
            title = words("contacts.importing", file=upload["file_name"])
            id_, now = str(upload["id"]), visit.now()

            def do(sessions: Sessions, by: Actor) -> ContactImport:
                return _import(sessions, by, path_of(settings, id_), now, country)

            await jobs.start(visit, IMPORT, title, do)

        ends, most = ".csv,.tsv,.txt,.xlsx,.xls,.ods,.gz,.zip", settings.list_max_bytes
        drop_area(words, arrived, prompt=words("contacts.choose"), accept=ends, most_bytes=most)
    jobs.JobPlace(visit, IMPORT, lambda result: _imported(result, words), shown.refresh)


def _import(sessions: Sessions, by: Actor, path: Path, now: datetime, region: str | None) -> ContactImport:
    try:
        return acts.import_list(sessions, by, path, now=now, region=region)
    finally:
        path.unlink(missing_ok=True)


def _imported(result: ContactImport, words: Words) -> None:
    refused = result.rejected_by_reason.total()
    counts = {"rows": result.rows, "added": result.added, "changed": result.changed, "refused": refused}
    text(words("contacts.imported", **{name: words.number(count) for name, count in counts.items()}), "p")
    if result.rejected:
        with ui.element("details"):
            text(words("contacts.refused"), "summary")
            with ui.element("ul"):
                for row in result.rejected[:SHOWN_REFUSED]:
                    text(words("contacts.refused_row", row=row.row_number, text=words.said(row.text)), "li")


@app.get("/contacts.csv")
async def export(request: Request) -> Response:
    """All contacts as CSV."""
    visit = await visit_of(request)
    if visit is None:
        return RedirectResponse("/login?next=/contacts", 303)
    actor, sessions = visit.actor, visit.door.sessions
    place = tempfile.TemporaryDirectory()
    out = Path(place.name) / "contacts.csv"
    try:
        await run.io_bound(acts.export_list, sessions, actor, out)
    except CampaignError as error:
        place.cleanup()
        return PlainTextResponse(f"{error}\n", 403)
    except BaseException:
        place.cleanup()
        raise
    headers = {"Content-Disposition": 'attachment; filename="contacts.csv"'}
    return StreamingResponse(_blocks(out, place), media_type="text/csv; charset=utf-8", headers=headers)


def _blocks(out: Path, place: "tempfile.TemporaryDirectory[str]") -> Iterator[bytes]:
    with place, out.open("rb") as file:
        while block := file.read(BLOCK):
            yield block

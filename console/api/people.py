"""`/people`, `/contacts` and `/suppressions`: who they are, and why somebody would or would not be written to now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from campaign.access import contacts, lists
from campaign.access import people as acts
from campaign.access.incoming import path_of
from campaign.access.roles import Act
from campaign.consent import ledger, suppressions
from campaign.consent.erased import subject_key
from campaign.contacts.erasure import Erased
from campaign.contacts.record import person as record_of
from campaign.desk.contacts import PAGE, ContactLine, find_contacts
from console.api.consent import recorded
from console.api.door import Acting, Doored, Look
from console.api.files import CsvFile, written
from console.api.long_work import long_work
from console.api.paging import Paged
from console.api.repeat import Repeatable
from console.api.shapes import Answer, BanIn, BanOut, Body, Count, EventOut, PersonOut, Recorded, RefusedRow
from console.api.words import Cursor, Limit, Moment, Phone, Region, Text, UploadId
from models.people import Category, SuppressionReason

router = APIRouter(tags=["people"])

Mapped = Annotated[Sequence[Text], Field(max_length=200, description="NAME=COLUMN, such as phone=Teléfono")]


class ContactListIn(Body):
    """A list of people that was uploaded."""

    upload: UploadId
    region: Region | None = None
    mapping: Mapped = ()


class ContactsTaken(Answer):
    """What became of a list of people."""

    rows: int
    added: int
    changed: int
    refused_by_reason: dict[str, int]
    refused: list[RefusedRow]


class BanListIn(Body):
    """A list of people who must not be written to; the fields stand in where it names nothing."""

    upload: UploadId
    category: Category = Category.ALL
    reason: SuppressionReason = SuppressionReason.MANUAL
    source: Text
    until: Moment | None = None
    region: Region | None = None
    why: Text | None = None


class ErasureIn(Body):
    """Who is to be erased, and on whose word."""

    phone: Text
    reason: Text
    region: Region | None = None


class ChangeOut(Answer):
    """What was done to a suppression, by whom, when and why."""

    id: int
    phone_e164: str
    action: str
    category: str
    reason: str
    source: str
    until: datetime | None
    why: str | None
    recorded_by: str
    recorded_at: datetime


@router.get("/people/{phone}")
def person(phone: Phone, session: Look, door: Doored) -> PersonOut:
    """What a person said, and what may be sent to them now."""
    record = ledger.show(session, phone, now=door.clock())
    return PersonOut(
        phone=record.phone.e164,
        region=record.phone.region,
        may_write={
            str(category): str(getattr(decision, "reason", "allowed"))
            for category, decision in record.decisions.items()
        },
        events=[EventOut.model_validate(event) for event in record.events],
        suppressions=[BanOut.model_validate(ban) for ban in record.suppressions],
    )


@router.get("/people/{phone}/record")
def record(phone: Phone, session: Look, door: Doored) -> Mapping[str, Any]:
    """Everything that is held of one person, as they may ask to see it."""
    return record_of(session, phone, now=door.clock())


@router.post("/people/erasures")
def erase(body: ErasureIn, door: Doored, by: Acting, again: Repeatable) -> Erased:
    """Erase a person for good: contact, contents of messages, webhooks, and themselves out of what they said.

    Under all of their numbers: `GET /people/PHONE/record` names the others, this answer has their last digits.
    """

    def do() -> Erased:
        with long_work():
            done = contacts.erase(
                door.sessions, by, body.phone, reason=body.reason, key=subject_key(door.settings), now=door.clock(),
                region=body.region, settings=door.settings,
            )  # fmt: skip
        # An answer that is kept for a repeated request would outlive the erasure.
        numbers = [replace(each, phone=_last_digits(each.phone)) for each in done.numbers]
        return replace(done, numbers=numbers, perhaps=[_last_digits(phone) for phone in done.perhaps])

    by.require(Act.ERASE)
    return again.answer(Erased, body, do)


def _last_digits(phone: str) -> str:
    return f"…{phone[-3:]}"


@router.get("/contacts")
def index(
    session: Look,
    pages: Paged,
    search: Annotated[str, Query(max_length=100, description="Phone, or part of a name")] = "",
    before: Cursor = None,
) -> list[ContactLine]:
    """People that lists have named, newest first."""
    found = list(find_contacts(session, search, before_id=before).people)
    # It gives as many as a page holds: whether more follow, only the next one tells.
    more = found + found[-1:] if len(found) == PAGE else found
    return pages.cut(more, PAGE, before=lambda last: last.id)


@router.post("/contacts/imports")
def import_contacts(body: ContactListIn, door: Doored, by: Acting, again: Repeatable) -> ContactsTaken:
    """Take in a list of people: the newest value that is not empty wins. Whom it may write to, consent says."""

    def do() -> ContactsTaken:
        path = path_of(door.settings, body.upload)
        with long_work():
            done = contacts.import_list(
                door.sessions, by, path, now=door.clock(), region=body.region, columns=body.mapping
            )
        refused = [RefusedRow(row=row.row_number, reason=row.reason, text=row.text) for row in done.rejected]
        return ContactsTaken(
            rows=done.rows, added=done.added, changed=done.changed, refused_by_reason=dict(done.rejected_by_reason),
            refused=refused,
        )  # fmt: skip

    by.require(Act.IMPORT_CONTACTS)
    return again.answer(ContactsTaken, body, do)


@router.get("/contacts/export", response_class=CsvFile)
def export(door: Doored, by: Acting) -> StreamingResponse:
    """All contacts as CSV: one line per person, one column per attribute."""
    by.require(Act.DOWNLOAD_REPORT)
    return written(lambda out: contacts.export_list(door.sessions, by, out), "contacts.csv")


@router.get("/suppressions")
def active(session: Look, door: Doored, pages: Paged, before: Cursor = None, limit: Limit = 100) -> list[BanOut]:
    """Phones that must not be written to now, newest first."""
    found = suppressions.active(session, now=door.clock(), limit=limit + 1, before_id=before)
    return [BanOut.model_validate(ban) for ban in pages.cut(found, limit, before=lambda last: last.id)]


@router.get("/suppressions/history")
def history(
    session: Look,
    pages: Paged,
    phone: Annotated[str | None, Query(max_length=64, description="Only of this person")] = None,
    before: Cursor = None,
    limit: Limit = 100,
) -> list[ChangeOut]:
    """What was done to suppressions, by whom, when and why; newest first."""
    found = suppressions.history(session, phone, limit=limit + 1, before_id=before)
    return [ChangeOut.model_validate(each) for each in pages.cut(found, limit, before=lambda last: last.id)]


@router.post("/suppressions", status_code=201)
def suppress(body: BanIn, door: Doored, by: Acting, again: Repeatable) -> Count:
    """Forbid writing to phones, for good or until a time; how many."""
    by.require(Act.SUPPRESS)
    known = body.model_dump()
    return again.answer(Count, body, lambda: Count(count=acts.suppress(door.sessions, by, **known, now=door.clock())))


@router.post("/suppressions/imports")
def import_bans(body: BanListIn, door: Doored, by: Acting, again: Repeatable) -> Recorded:
    """Forbid writing to the people of a list. A row that cannot be used is told, and ends nothing."""

    def do() -> Recorded:
        path = path_of(door.settings, body.upload)
        defaults = suppressions.BanDefaults(body.source, body.category, body.reason, body.until)
        with long_work():
            result = lists.import_bans(door.sessions, by, path, defaults, region=body.region, why=body.why)
        return recorded(result)

    by.require(Act.SUPPRESS)
    return again.answer(Recorded, body, do)


@router.delete("/suppressions/{phone}")
def lift(phone: Phone, door: Doored, by: Acting, category: Category | None = None) -> Count:
    """Lift the bans on a phone; consent is still needed to write to it. How many."""
    return Count(count=acts.lift(door.sessions, by, [phone], category=category, now=door.clock()))

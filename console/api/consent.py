"""`/consent`: who agreed, from lists or one by one; how long it counts; and whether the ledger is as it was written."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from campaign.access import consent as rules
from campaign.access import lists, people
from campaign.access.incoming import path_of
from campaign.access.roles import Act
from campaign.consent.expiry import MOST_DAYS, lifetimes
from campaign.consent.ledger import ConsentImport
from campaign.consent.words import LONGEST_WORD, Word, list_words
from console.api.door import Acting, Doored, Look
from console.api.long_work import long_work
from console.api.repeat import Repeatable
from console.api.shapes import Answer, Body, PeopleIn, Recorded, RefusedRow
from console.api.words import Plain, Region, Text, UploadId
from models.consent import WordKind
from models.people import Category

router = APIRouter(tags=["consent"])

OF_MESSAGES = tuple(each for each in Category if each is not Category.ALL)


class ConsentListIn(Body):
    """A list of people who agreed: what was uploaded, and what stands in where it names nothing."""

    upload: UploadId
    category: Category | None = None
    source: Text | None = None
    region: Region | None = None
    mapping: Annotated[Sequence[Text], Field(max_length=20, description="NAME=COLUMN, such as phone=Teléfono")] = ()


class VerifiedOut(Answer):
    """What became of the ledger's seals; `head` is the digest of the newest, to be kept elsewhere."""

    intact: bool
    events: int
    seals: int
    tail: int
    erased: int
    erasures: int
    fault_count: int
    faults: list[str]
    head: str | None


class LifetimeIn(Body):
    """How many days an opt-in counts; null: for good."""

    days: Annotated[int | None, Field(ge=1, le=MOST_DAYS)]


class WordIn(Body):
    """A word by which a reply opts out, or in again."""

    word: Annotated[Plain, Field(min_length=1, max_length=LONGEST_WORD)]
    kind: WordKind = WordKind.STOP
    language: Annotated[Plain, Field(min_length=1, max_length=20)] = "any"


@router.post("/consent/grants")
def grant(body: PeopleIn, door: Doored, by: Acting, again: Repeatable) -> Recorded:
    """Record that people agreed, now."""
    by.require(Act.GRANT_CONSENT)
    said = _said(body)
    return again.answer(
        Recorded, body, lambda: recorded(people.grant(door.sessions, by, body.phones, **said, now=door.clock()))
    )


@router.post("/consent/withdrawals")
def withdraw(body: PeopleIn, door: Doored, by: Acting, again: Repeatable) -> Recorded:
    """Record that people withdrew, now: it counts for every message that has not left yet."""
    by.require(Act.WITHDRAW_CONSENT)
    said = _said(body)
    return again.answer(
        Recorded, body, lambda: recorded(people.withdraw(door.sessions, by, body.phones, **said, now=door.clock()))
    )


@router.post("/consent/imports")
def import_(body: ConsentListIn, door: Doored, by: Acting, again: Repeatable) -> Recorded:
    """Record a list of people who agreed. A row that cannot be used is told, and ends nothing."""

    def do() -> Recorded:
        path = path_of(door.settings, body.upload)
        with long_work():
            result = lists.import_consent(
                door.sessions, by, path, category=body.category, source=body.source, region=body.region,
                columns=body.mapping, now=door.clock(),
            )  # fmt: skip
        return recorded(result)

    by.require(Act.GRANT_CONSENT)
    return again.answer(Recorded, body, do)


@router.post("/consent/verify")
def verify(door: Doored, by: Acting) -> VerifiedOut:
    """Check that no event has been changed, removed or slipped in since it was sealed. Reads all of them."""
    by.require(Act.VERIFY_CONSENT)
    with long_work():
        return VerifiedOut.model_validate(rules.verify(door.sessions, by))


@router.get("/consent/lifetimes")
def show_lifetimes(session: Look) -> Mapping[str, int | None]:
    """How many days an opt-in counts, by category; null: for good."""
    lives = lifetimes(session)
    return {each.value: lives[each].days if each in lives else None for each in OF_MESSAGES}


@router.put("/consent/lifetimes/{category}", status_code=204)
def set_lifetime(category: Category, body: LifetimeIn, door: Doored, by: Acting) -> None:
    """Let opt-ins of a category count so many days from when they were given."""
    rules.set_lifetime(door.sessions, by, category, body.days, now=door.clock())


@router.get("/stop-words")
def words(session: Look) -> list[Word]:
    """Every word by which a reply opts out, or in again; built in or added."""
    return list_words(session)


@router.post("/stop-words", status_code=204)
def add_word(body: WordIn, door: Doored, by: Acting) -> None:
    """Let a word count, from the next reply on. Adding one again changes nothing."""
    rules.add_word(door.sessions, by, body.word, kind=body.kind, language=body.language, now=door.clock())


@router.delete("/stop-words/{kind}/{word}", status_code=204)
def remove_word(kind: WordKind, word: str, door: Doored, by: Acting) -> None:
    """Let a word no longer count, built in or added."""
    rules.remove_word(door.sessions, by, word[:200], kind=kind, now=door.clock())


def recorded(result: ConsentImport) -> Recorded:
    """What became of a list or of phones, as it is answered."""
    return Recorded(
        rows=result.rows,
        recorded=result.recorded,
        known=result.known,
        refused_by_reason=dict(result.rejected_by_reason),
        refused=[RefusedRow(row=row.row_number, reason=row.reason, text=row.text) for row in result.rejected],
    )


def _said(body: PeopleIn) -> dict[str, Any]:
    return {"category": body.category, "source": body.source, "proof": body.proof, "region": body.region}

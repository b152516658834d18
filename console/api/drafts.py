"""`/drafts`: campaigns in the making in the console, saved at every step."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AfterValidator, Field, JsonValue

from campaign.access import drafts as acts
from campaign.errors import UsageError
from console.api.door import Acting, Doored, Look
from console.api.paging import Paged
from console.api.repeat import Repeatable
from console.api.shapes import Answer, Body
from console.api.words import Id, Limit, Moment, Text, usable

router = APIRouter(tags=["drafts"])

DEEPEST = 20


def _keepable(value: Any, depth: int = 0) -> Any:
    """What a draft may hold: no text that a database cannot keep, and nothing nested without end."""
    if depth > DEEPEST:
        raise ValueError(f"is nested deeper than {DEEPEST}")
    if isinstance(value, str):
        usable(value)
    elif isinstance(value, dict):
        for key, each in value.items():
            usable(key)
            _keepable(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _keepable(each, depth + 1)
    elif isinstance(value, float) and value - value != 0:
        raise ValueError("holds a number that is none")
    return value


Content = Annotated[dict[Text, JsonValue], Field(max_length=200), AfterValidator(_keepable)]


class DraftIn(Body):
    """What has been chosen so far."""

    content: Content


class DraftSave(DraftIn):
    """What has been chosen by now; `version` is the one that was seen."""

    version: Annotated[int, Field(ge=1, le=2**31 - 2)]


class DraftOut(Answer):
    """A draft; `version` rises with each save."""

    id: int
    version: int
    content: dict[str, Any]
    saved_by: str
    created_at: datetime
    saved_at: datetime


@router.get("/drafts")
def index(
    session: Look, pages: Paged, saved_before: Annotated[Moment | None, Query()] = None, limit: Limit = 50
) -> list[DraftOut]:
    """Everybody's drafts, the newest first."""
    found = acts.drafts(session, limit + 1, saved_before=saved_before)
    page = pages.cut(found, limit, saved_before=lambda last: last.saved_at.isoformat())
    return [DraftOut.model_validate(each) for each in page]


@router.post("/drafts", status_code=201)
def begin(body: DraftIn, door: Doored, by: Acting, again: Repeatable) -> DraftOut:
    """Begin one. It belongs to who has signed in, so a key has none."""
    if not by.name.startswith("user:"):
        raise UsageError("a draft belongs to a person; sign in, or create the campaign itself with POST /campaigns")

    def do() -> DraftOut:
        return DraftOut.model_validate(acts.new_draft(door.sessions, by, body.content, now=door.clock()))

    return again.answer(DraftOut, body, do)


@router.get("/drafts/{id}")
def show(id: Id, session: Look) -> DraftOut:
    """One draft."""
    return DraftOut.model_validate(acts.find_draft(session, id))


@router.put("/drafts/{id}")
def save(id: Id, body: DraftSave, door: Doored, by: Acting) -> DraftOut:
    """Save over the version that was seen; 409 names who saved in between."""
    acts.save_draft(door.sessions, by, id, body.version, body.content, now=door.clock())
    with door.sessions() as session:
        return DraftOut.model_validate(acts.find_draft(session, id))


@router.delete("/drafts/{id}", status_code=204)
def throw_away(id: Id, door: Doored, by: Acting) -> None:
    """End a draft; what it was made into stays."""
    acts.throw_away(door.sessions, by, id)

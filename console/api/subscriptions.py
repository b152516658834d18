"""`/subscriptions`: other systems that are told when a campaign changes its state."""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from campaign.access.roles import Act
from campaign.notices import subscriptions as acts
from campaign.notices.delivery import Post, send_test
from campaign.notices.events import NoticeEvent
from campaign.notices.subscriptions import NewSubscription, SubscriptionView
from console.api.door import Acting, Doored, Look
from console.api.paging import Paged
from console.api.repeat import Repeatable
from console.api.shapes import Answer, Body, Count
from console.api.words import Cursor, Limit, Name, Plain, Text

router = APIRouter(tags=["subscriptions"])


class SubscriptionIn(Body):
    """Whom to tell, and of what. `secret_env` names the variable of the workers that holds what signs."""

    name: Text
    url: Annotated[Plain, Field(min_length=1, max_length=2000)]
    secret_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
    events: Annotated[Sequence[NoticeEvent], Field(min_length=1, max_length=20)] = tuple(NoticeEvent)


class NoticeOut(Answer):
    """One thing that was told or is to be told. `delivered_at` is when it was taken."""

    id: int
    event_id: str
    body: dict[str, Any]
    created_at: datetime
    due_at: datetime
    tries: int
    last_error: str | None
    delivered_at: datetime | None
    given_up_at: datetime | None


class Tried(BaseModel):
    """How a test went; `error` is null when it was taken."""

    taken: bool
    error: str | None


@router.get("/subscriptions")
def index(session: Look) -> list[SubscriptionView]:
    """Who is told, how many notices wait or were given up, and what went wrong last."""
    return acts.subscriptions(session)


@router.post("/subscriptions", status_code=201)
def add(body: SubscriptionIn, door: Doored, by: Acting, again: Repeatable) -> SubscriptionView:
    """Tell an address from now on; each notice is signed."""
    by.require(Act.MANAGE_SUBSCRIPTIONS)
    new = NewSubscription(**body.model_dump())
    return again.answer(SubscriptionView, body, lambda: acts.add_subscription(door.sessions, by, new, door.settings))


@router.get("/subscriptions/{name}")
def show(name: Name, session: Look) -> SubscriptionView:
    """One of them."""
    return acts.view(session, name)


@router.delete("/subscriptions/{name}", status_code=204)
def remove(name: Name, door: Doored, by: Acting) -> None:
    """Tell it nothing any more; notices that wait for it go with it."""
    acts.remove_subscription(door.sessions, by, name)


@router.get("/subscriptions/{name}/notices")
def notices(name: Name, session: Look, pages: Paged, before: Cursor = None, limit: Limit = 50) -> list[NoticeOut]:
    """What it was told or is to be told, newest first."""
    found = acts.notices(session, name, before_id=before, limit=limit + 1)
    return [NoticeOut.model_validate(each) for each in pages.cut(found, limit, before=lambda last: last.id)]


@router.post("/subscriptions/{name}/test")
def test(name: Name, door: Doored, by: Acting) -> Tried:
    """Post a test notice now and say how that went."""
    by.require(Act.MANAGE_SUBSCRIPTIONS)
    with door.sessions() as session:
        found = acts.find_subscription(session, name)
    error = asyncio.run(send_test(found, Post(door.settings, os.environ, door.clock)))
    return Tried(taken=error is None, error=error)


@router.post("/subscriptions/{name}/retry")
def retry(name: Name, door: Doored, by: Acting) -> Count:
    """Begin anew with the notices that were given up; how many."""
    return Count(count=acts.retry_given_up(door.sessions, by, name, now=door.clock()))

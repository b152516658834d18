"""`/senders`: the numbers, what the platform lets them do, and their warm-up."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from campaign.access import senders as acts
from campaign.access.roles import Act
from campaign.planning.warm_up import WarmUp
from campaign.senders import find_sender, list_senders
from campaign.webhooks.health import StreamHealth, stream_health, troubles
from console.api.door import Acting, Doored, Look
from console.api.shapes import Answer, Body, SenderOut
from console.api.words import Name
from models.sender import Sender
from tasks.wiring import provider_for

router = APIRouter(tags=["senders"])

SHOWN_STEPS = 10


class WarmUpIn(Body):
    """A daily cap that begins low and rises."""

    start: Annotated[int, Field(ge=1, le=10**9, description="People in 24 h to begin with")]
    grow: Annotated[float, Field(gt=1, le=100, description="By which the cap rises at each step")] = 1.5
    every_s: Annotated[int, Field(ge=60, le=366 * 86_400)] = 86_400
    until: Annotated[int | None, Field(ge=1, le=10**9, description="Over when the cap has come so far")] = None


class StepOut(Answer):
    """One step of a warm-up; `from_at` is known once the first message has left."""

    after_s: float
    from_at: datetime | None
    cap: int


class WarmUpOut(Answer):
    """The warm-up of a number: the cap now, null without one, and the steps to come."""

    cap: int | None
    steps: Sequence[StepOut]


class StreamOut(Answer):
    """Whether a number's webhooks come and are applied; `troubles` is empty when all is well."""

    last_webhook_at: datetime | None
    waiting: int
    received: int
    lag_p50_s: float | None
    lag_max_s: float | None
    accepted: int
    reported: int
    problems: int
    troubles: Sequence[str]


@router.get("/senders")
def senders(session: Look) -> list[SenderOut]:
    """Every number, by name."""
    return [SenderOut.model_validate(sender) for sender in list_senders(session)]


@router.get("/senders/{name}")
def sender(name: Name, session: Look) -> SenderOut:
    """One number as the platform last told about it."""
    return SenderOut.model_validate(find_sender(session, name))


@router.post("/senders/{name}/refresh")
def refresh(name: Name, door: Doored, by: Acting) -> SenderOut:
    """Read from the platform what the number may do: status, quality, tier, throughput, health."""
    by.require(Act.REFRESH_SENDER)
    with door.sessions() as session:
        found = find_sender(session, name)

    async def asking() -> None:
        provider = provider_for(found)
        try:
            await acts.refresh(door.sessions, by, found, provider, now=door.clock())
        finally:
            await provider.aclose()

    asyncio.run(asking())
    with door.sessions() as session:
        return SenderOut.model_validate(find_sender(session, name))


@router.get("/senders/{name}/health")
def health(name: Name, session: Look, door: Doored) -> StreamOut:
    """Whether webhooks of the number come and are applied, and what is wrong if they are not."""
    found, now = find_sender(session, name), door.clock()
    everyone = stream_health(session, door.settings, now)
    stream = next((each for each in everyone if each.sender_id == found.id), None) or _silent(found)
    words = [f"{each.trouble}: {each.text}" for each in troubles(stream, door.settings, now)]
    names = [name for name in StreamOut.model_fields if name != "troubles"]
    return StreamOut(**{name: getattr(stream, name) for name in names}, troubles=words)


@router.get("/senders/{name}/warm-up")
def warm_up(name: Name, session: Look, door: Doored) -> WarmUpOut:
    """The daily cap now, and when it rises."""
    return _warm_up(find_sender(session, name), door.clock())


@router.put("/senders/{name}/warm-up")
def set_warm_up(name: Name, body: WarmUpIn, door: Doored, by: Acting) -> WarmUpOut:
    """Give a number a daily cap that rises, in place of one that it had. It begins with the next message."""
    plan = WarmUp(body.start, body.grow, timedelta(seconds=body.every_s), body.until)
    acts.set_warm_up(door.sessions, by, name, plan)
    with door.sessions() as session:
        return _warm_up(find_sender(session, name), door.clock())


@router.delete("/senders/{name}/warm-up", status_code=204, response_class=Response)
def end_warm_up(name: Name, door: Doored, by: Acting) -> None:
    """End the warm-up; the messaging limit alone counts."""
    acts.set_warm_up(door.sessions, by, name, None)


def _warm_up(sender: Sender, now: datetime) -> WarmUpOut:
    plan = WarmUp.kept(sender.warm_up, sender.warm_up_began_at)
    if plan is None:
        return WarmUpOut(cap=None, steps=())
    steps = [
        StepOut(after_s=after.total_seconds(), from_at=at, cap=cap) for after, at, cap in plan.steps(now, SHOWN_STEPS)
    ]
    return WarmUpOut(cap=plan.cap_at(now), steps=steps)


def _silent(sender: Sender) -> StreamHealth:
    return StreamHealth(sender.id, sender.name, sender.last_webhook_at, 0, None, 0, None, None, 0, 0, 0)

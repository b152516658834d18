"""`/schedules`: campaigns that recur; each run is a campaign of its own."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from campaign.access import schedules as acts
from campaign.access.roles import Act
from campaign.schedules.making import ScheduleView, view, views
from console.api.campaign_in import ScheduleIn
from console.api.door import Acting, Doored, Look
from console.api.long_work import long_work
from console.api.repeat import Repeatable
from console.api.words import Name

router = APIRouter(tags=["schedules"])


class Resumed(BaseModel):
    """When the next run starts."""

    next_run_at: datetime


@router.get("/schedules")
def index(session: Look, door: Doored) -> list[ScheduleView]:
    """Every schedule with its next and last runs, by name."""
    return views(session, door.clock())


@router.post("/schedules", status_code=201)
def create(body: ScheduleIn, door: Doored, by: Acting, again: Repeatable) -> ScheduleView:
    """Make a campaign recur. Its runs start by themselves."""

    def do() -> ScheduleView:
        new = body.new_schedule(door.settings)
        with long_work():
            acts.create(door.sessions, by, new, now=door.clock(), settings=door.settings)
        with door.sessions() as session:
            return view(session, body.name, door.clock())

    by.require(Act.CHANGE_SCHEDULE)
    return again.answer(ScheduleView, body, do)


@router.get("/schedules/{name}")
def show(name: Name, session: Look, door: Doored) -> ScheduleView:
    """One schedule: its rule, its next runs, and what became of the last ones."""
    return view(session, name, door.clock())


@router.post("/schedules/{name}/pause", status_code=204)
def pause(name: Name, door: Doored, by: Acting) -> None:
    """Start no further run; campaigns that runs made go on."""
    acts.pause(door.sessions, by, name)


@router.post("/schedules/{name}/resume")
def resume(name: Name, door: Doored, by: Acting) -> Resumed:
    """Go on with the next run to come; what fell into the pause is not made up for."""
    return Resumed(next_run_at=acts.resume(door.sessions, by, name, now=door.clock()))


@router.delete("/schedules/{name}", status_code=204)
def remove(name: Name, door: Doored, by: Acting) -> None:
    """Delete a schedule; campaigns that its runs made stay."""
    acts.remove(door.sessions, by, name)

"""What a person does to a schedule: permission checked, done, and written down."""

from datetime import datetime

from campaign.access.audit import audited
from campaign.access.roles import Act, Actor
from campaign.schedules import making
from campaign.settings import Settings
from models.schedule import ScheduleState
from models.session import Sessions


def create(sessions: Sessions, by: Actor, new: making.NewSchedule, *, now: datetime, settings: Settings) -> None:
    """`campaign.schedules.making.create_schedule`, audited.

    raises  Forbidden, and what create_schedule raises
    """
    name = new.campaign.name
    with audited(sessions, by, Act.CHANGE_SCHEDULE, f"schedule:{name}") as act:
        schedule = making.create_schedule(act.sessions, new, now=now, settings=settings)
        act.after = {"rule": schedule.rule, "zone": schedule.zone, "audience": new.campaign.audience_name}


def pause(sessions: Sessions, by: Actor, name: str) -> None:
    """Start no further run.

    raises  Forbidden, NotFound, Conflict
    """
    with audited(sessions, by, Act.CHANGE_SCHEDULE, f"schedule:{name}") as act:
        making.pause(act.sessions, name)
        act.before, act.after = {"state": ScheduleState.ACTIVE.value}, {"state": ScheduleState.PAUSED.value}


def resume(sessions: Sessions, by: Actor, name: str, *, now: datetime) -> datetime:
    """Go on with the next run; when that is.

    raises  Forbidden, NotFound, Conflict
    """
    with audited(sessions, by, Act.CHANGE_SCHEDULE, f"schedule:{name}") as act:
        upcoming = making.resume(act.sessions, name, now=now)
        act.before = {"state": ScheduleState.PAUSED.value}
        act.after = {"state": ScheduleState.ACTIVE.value, "next_run_at": upcoming.isoformat()}
        return upcoming


def remove(sessions: Sessions, by: Actor, name: str) -> None:
    """Delete a schedule; campaigns that its runs made stay.

    raises  Forbidden, NotFound
    """
    with audited(sessions, by, Act.CHANGE_SCHEDULE, f"schedule:{name}") as act:
        making.remove(act.sessions, name)
        act.after = {"removed": True}

"""A new schedule, and what a person does with it: list, pause, resume, remove."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaign.audience.uploads import keep_upload, uploads_folder
from campaign.creation import NewCampaign, rehearse
from campaign.errors import Conflict, NotFound, UsageError
from campaign.names import nearest
from campaign.schedules import store
from campaign.schedules.kept import is_static, keep_request
from campaign.scheduling.recurrence import Recurrence, read_recurrence
from campaign.scheduling.zones import checked_zone, local_time
from campaign.settings import Settings
from models.schedule import Overlap, Schedule, ScheduleRun, ScheduleState
from models.session import Sessions, session_scope

SHOWN = 5
"""Runs that a listing shows, ahead and back."""
LONGEST_NAME = 80
"""Characters; the names of its campaigns are longer by a day and a time."""


@dataclass(frozen=True, slots=True)
class NewSchedule:
    """A schedule to be created.

    campaign        what each run is created from; its name is the schedule's
    first_at        the earliest start by the clock of `zone`, without offset
    rule            RRULE of RFC 5545
    until           the last day on which a run may start
    deadline_after  each run's deadline, counted from its start
    """

    campaign: NewCampaign
    zone: str
    first_at: datetime
    rule: str
    until: date | None = None
    overlap: Overlap = Overlap.SKIP
    deadline_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One start, by the clock of the schedule's zone and in UTC."""

    local: str
    utc: datetime


@dataclass(frozen=True, slots=True)
class PastRun:
    """A start that has been: the campaign it was to make, and what became of it."""

    utc: datetime
    campaign: str
    state: str
    text: str | None


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A schedule as it is listed."""

    name: str
    state: str
    rule: str
    zone: str
    until: date | None
    overlap: str
    next_runs: Sequence[Run]
    last_runs: Sequence[PastRun]


def create_schedule(sessions: Sessions, new: NewSchedule, *, now: datetime, settings: Settings) -> Schedule:
    """Keep a schedule; its first run starts by itself.

    raises  UsageError, NotFound, BadList or Conflict, whatever a run of it would meet now
    """
    recurrence = _checked(new, now)
    source = rehearse(sessions, new.campaign, now=now, settings=settings)
    try:
        with session_scope(sessions) as session:
            static = is_static(new.campaign)
            schedule = Schedule(
                name=new.campaign.name,
                request=keep_request(new.campaign, source.sha256 if static else None),
                zone=recurrence.zone,
                first_at=recurrence.first_at,
                rule=recurrence.rule,
                until=new.until,
                deadline_s=int(new.deadline_after.total_seconds()) if new.deadline_after else None,
                overlap=new.overlap.value,
                next_run_at=next(recurrence.after(now)),
            )
            session.add(schedule)
            session.flush()
            keep_upload(session, source, uploads_folder(settings) if static else None)
            return schedule
    except IntegrityError as error:
        if "uq_schedule_name" in str(error.orig):
            raise Conflict(f"schedule {new.campaign.name} exists already; see campaign schedule list") from None
        raise


def recurrence_of(schedule: Schedule) -> Recurrence:
    """When a schedule starts its runs."""
    return Recurrence(schedule.rule, schedule.zone, schedule.first_at, schedule.until)


def views(session: Session, now: datetime) -> list[ScheduleView]:
    """Every schedule with its next and last runs, by name."""
    return [_view(session, schedule, now) for schedule in store.schedules(session)]


def view(session: Session, name: str, now: datetime) -> ScheduleView:
    """One schedule with its next and last runs.

    raises  NotFound
    """
    found = session.scalar(select(Schedule).where(Schedule.name == name))
    if found is None:
        raise _unknown(session, name)
    return _view(session, found, now)


def pause(sessions: Sessions, name: str) -> None:
    """Start no further run until it is resumed; campaigns that runs made go on.

    raises  NotFound, Conflict
    """
    with session_scope(sessions) as session:
        schedule = _locked(session, name)
        if schedule.state != ScheduleState.ACTIVE:
            raise Conflict(f"schedule {name} is {schedule.state}, so it cannot be paused")
        schedule.state = ScheduleState.PAUSED


def resume(sessions: Sessions, name: str, *, now: datetime) -> datetime:
    """Go on with the next run to come; what fell into the pause is not made up for. When that is.

    raises  NotFound, Conflict
    """
    with session_scope(sessions) as session:
        schedule = _locked(session, name)
        if schedule.state != ScheduleState.PAUSED:
            raise Conflict(f"schedule {name} is {schedule.state}, so it cannot be resumed")
        upcoming = next(recurrence_of(schedule).after(now), None)
        if upcoming is None:
            raise Conflict(f"schedule {name} has no run left; make a new one with campaign create --recur")
        schedule.state, schedule.next_run_at = ScheduleState.ACTIVE, upcoming
        return upcoming


def remove(sessions: Sessions, name: str) -> None:
    """Delete a schedule; campaigns that its runs made stay.

    raises  NotFound
    """
    with session_scope(sessions) as session:
        session.delete(_locked(session, name))


def _checked(new: NewSchedule, now: datetime) -> Recurrence:
    name = new.campaign.name
    if len(name) > LONGEST_NAME:
        raise UsageError(f"{name[:20]}… is too long for a schedule: use at most {LONGEST_NAME} characters, since each "
                         "run adds its day")  # fmt: skip
    zone = checked_zone(new.zone)
    found = read_recurrence(new.rule, zone=zone, first_at=new.first_at, until=new.until)
    if next(found.after(now), None) is None:
        raise UsageError(f"--recur {new.rule!r} has no start to come; correct --at, --until or the rule")
    if found.endless and is_static(new.campaign):
        raise UsageError(
            f"--recur {new.rule!r} would write to the same list for ever; give --until DATE or COUNT, or an audience "
            "that is read anew, such as a query"
        )
    return found


def _view(session: Session, schedule: Schedule, now: datetime) -> ScheduleView:
    upcoming = recurrence_of(schedule).after(now) if schedule.state == ScheduleState.ACTIVE else iter(())
    return ScheduleView(
        name=schedule.name,
        state=schedule.state,
        rule=schedule.rule,
        zone=schedule.zone,
        until=schedule.until,
        overlap=schedule.overlap,
        next_runs=[Run(f"{local_time(at, schedule.zone):%a %Y-%m-%d %H:%M}", at) for at in islice(upcoming, SHOWN)],
        last_runs=[_past(run) for run in store.last_runs(session, schedule.id, SHOWN)],
    )


def _past(run: ScheduleRun) -> PastRun:
    return PastRun(run.run_at, run.campaign_name, run.state, run.text)


def _locked(session: Session, name: str) -> Schedule:
    schedule = store.lock_schedule(session, name)
    if schedule is None:
        raise _unknown(session, name)
    return schedule


def _unknown(session: Session, name: str) -> NotFound:
    known = store.schedule_names(session)
    advice = nearest(name, known) if known else "there is none yet; make one with campaign create --recur"
    return NotFound(f"there is no schedule {name}; {advice}")

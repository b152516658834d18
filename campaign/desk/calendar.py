"""A month of starts: runs of schedules that have been and are to come, and campaigns that wait for their start."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from sqlalchemy.orm import Session

from campaign.desk import store
from campaign.schedules.making import recurrence_of
from campaign.schedules.store import schedules
from campaign.scheduling.zones import local_time, start_of
from models.schedule import Schedule, ScheduleState

MOST_RUNS = 800
"""Coming runs of one schedule in a month that are shown; more than one an hour is no calendar any more."""

COMING, CAMPAIGN = "coming", "campaign"


@dataclass(frozen=True, slots=True)
class Start:
    """One start. `day` and `clock` are by the clock of `zone`.

    state        `coming`, `campaign` for one that is no run of a schedule, else what became of the run
    campaign_id  once there is one
    """

    name: str
    at: datetime
    day: date
    clock: str
    zone: str
    state: str
    campaign_id: int | None = None


def starts_of_month(session: Session, month: date, now: datetime) -> Sequence[Start]:
    """The starts of a month, in order.

    month  any day of it
    """
    first, end = month_of(month)
    # A day may begin up to 14 hours before or after it does in UTC.
    since, until = (datetime.combine(each, time.min, UTC) for each in (first, end))
    rows = store.starts_between(session, since - timedelta(hours=14), until + timedelta(hours=14))
    found = [_start(row.name, row.at, row.zone or "UTC", row.state or CAMPAIGN, row.campaign_id) for row in rows]
    for schedule in schedules(session):
        if schedule.state == ScheduleState.ACTIVE:
            found += _coming(schedule, first, end, now)
    return sorted((each for each in found if first <= each.day < end), key=lambda each: (each.at, each.name))


def month_of(day: date) -> tuple[date, date]:
    """The first day of a month and of the next. Pure."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def _coming(schedule: Schedule, first: date, end: date, now: datetime) -> Iterator[Start]:
    opens = start_of(datetime.combine(first, time.min), schedule.zone) - timedelta(seconds=1)
    for at in islice(recurrence_of(schedule).after(max(opens, now)), MOST_RUNS):
        start = _start(schedule.name, at, schedule.zone, COMING)
        if start.day >= end:
            return
        yield start


def _start(name: str, at: datetime, zone: str, state: str, campaign_id: int | None = None) -> Start:
    local = local_time(at, zone)
    return Start(name, at, local.date(), f"{local:%H:%M}", zone, state, campaign_id)

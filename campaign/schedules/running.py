"""Runs of schedules: found when their time has come, each exactly once, then imported and launched.

A tick may be doubled, late or lost. A run is a row, unique by schedule and instant; whoever imports it holds it under a
lease; the campaign it makes bears its id, which is unique too. So a run becomes one campaign, whatever is killed when.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaign import lifecycle
from campaign.audience.uploads import uploads_folder
from campaign.creation import NewCampaign, create_campaign
from campaign.errors import CampaignError
from campaign.schedules import store
from campaign.schedules.kept import kept_request
from campaign.schedules.making import recurrence_of
from campaign.settings import Settings
from models.campaign import Campaign
from models.schedule import Overlap, RunState, Schedule, ScheduleRun, ScheduleState
from models.session import Sessions, session_scope
from models.states import CampaignState

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
"""How long an import may be silent before another may take its run; renewed with each chunk of the list."""

MOST_MISSED = 100
"""Missed runs that are noted one by one when nothing ran for long."""


def tick(sessions: Sessions, *, now: datetime, late_start: timedelta) -> list[int]:
    """Find the runs whose time has come; ids of those to be imported now. Safe to run twice, and at once.

    late_start  a run later than that is missed, and noted as such
    """
    with session_scope(sessions) as session:
        if not store.lock_tick(session):
            return []
        for schedule in store.lock_due(session, now):
            _make_runs(session, schedule, now, late_start)
        session.flush()
        return _ready(session, now, late_start)


def run(
    sessions: Sessions,
    run_id: int,
    *,
    clock: Callable[[], datetime],
    settings: Settings,
    environment: Mapping[str, str],
) -> str | None:
    """Make and launch the campaign of one run; its name, or None when another has the run or it failed.

    environment  holds the addresses of databases that runs ask
    """
    with session_scope(sessions) as session:
        if not store.claim_run(session, run_id, clock(), LEASE):
            return None
        found = session.get_one(ScheduleRun, run_id)
        schedule = session.get_one(Schedule, found.schedule_id)
    try:
        made = _campaign_of(sessions, run_id) or _imported(sessions, found, schedule, clock, settings, environment)
        if made.state == CampaignState.DRAFT:
            lifecycle.launch(sessions, made.name, now=clock())
    except CampaignError as error:
        log.warning("a run failed", schedule=schedule.name, run_at=found.run_at.isoformat(), error=str(error))
        _end(sessions, run_id, RunState.FAILED, str(error))
        return None
    _end(sessions, run_id, RunState.STARTED, None)
    log.info("a run started", schedule=schedule.name, campaign=made.name)
    return made.name


def _make_runs(session: Session, schedule: Schedule, now: datetime, late_start: timedelta) -> None:
    recurrence = recurrence_of(schedule)
    since = (schedule.next_run_at or now) - timedelta(microseconds=1)
    for run_at in _newest(takewhile(lambda at: at <= now, recurrence.after(since)), MOST_MISSED):
        missed = now - run_at > late_start
        words = _missed(run_at, now) if missed else None
        name = f"{schedule.name} {recurrence.name(run_at)}"
        store.add_run(session, schedule.id, run_at, name, RunState.MISSED if missed else RunState.DUE, words)
    schedule.next_run_at = next(recurrence.after(now), None)
    if schedule.next_run_at is None:
        schedule.state = ScheduleState.ENDED


def _newest(starts: Iterator[datetime], most: int) -> list[datetime]:
    return list(starts)[-most:]


def _missed(run_at: datetime, now: datetime) -> str:
    late = (now - run_at).total_seconds() / 60
    return f"Nothing ran when it was due; found {late:.0f} minutes late, which is too late."


def _ready(session: Session, now: datetime, late_start: timedelta) -> list[int]:
    """Of the runs that are open, those to be imported now: in order, and not over a predecessor that still sends."""
    every = store.open_runs(session)
    busy = store.still_going(session, sorted({schedule.id for _, schedule in every}))
    waiting: set[int] = set()
    ready = []
    for found, schedule in every:
        overlaps = schedule.id in busy and schedule.overlap != Overlap.ALLOW
        if found.state == RunState.IMPORTING:
            if found.lease_until is None or found.lease_until < now:
                ready.append(found.id)
        elif found.state == RunState.DUE and now - found.run_at > late_start:
            found.state, found.text = RunState.MISSED, _missed(found.run_at, now)
            continue
        elif overlaps:
            _hold_back(found, schedule, waiting)
            continue
        else:
            ready.append(found.id)
        busy.add(schedule.id)
    return ready


def _hold_back(found: ScheduleRun, schedule: Schedule, waiting: set[int]) -> None:
    """One run waits for its predecessor where the schedule queues; any other is skipped."""
    if schedule.overlap == Overlap.QUEUE and schedule.id not in waiting:
        waiting.add(schedule.id)
        found.state, found.text = RunState.WAITING, "Waits for the run before it to send its last message."
    else:
        found.state, found.text = RunState.SKIPPED, "The run before it was still sending."


def _campaign_of(sessions: Sessions, run_id: int) -> Campaign | None:
    """What an earlier try made before it was killed."""
    with sessions() as session:
        return session.scalar(select(Campaign).where(Campaign.schedule_run_id == run_id))


def _imported(
    sessions: Sessions,
    found: ScheduleRun,
    schedule: Schedule,
    clock: Callable[[], datetime],
    settings: Settings,
    environment: Mapping[str, str],
) -> Campaign:
    request = _request_of(found, schedule, settings, environment)

    def renew(_: int) -> None:
        with session_scope(sessions) as session:
            store.renew_run(session, found.id, clock() + LEASE)

    try:
        return create_campaign(
            sessions, request, now=clock(), chunk_rows=settings.import_chunk_rows, settings=settings, progress=renew
        )
    except IntegrityError as error:
        made = _campaign_of(sessions, found.id)
        if made is None or "schedule_run_id" not in str(error.orig):
            raise
        return made


def _request_of(
    found: ScheduleRun, schedule: Schedule, settings: Settings, environment: Mapping[str, str]
) -> NewCampaign:
    request = kept_request(schedule.request, environment, uploads_folder(settings))
    deadline = found.run_at + timedelta(seconds=schedule.deadline_s) if schedule.deadline_s else None
    return replace(request, name=found.campaign_name, schedule_run_id=found.id, deadline_at=deadline)


def _end(sessions: Sessions, run_id: int, state: RunState, words: str | None) -> None:
    with session_scope(sessions) as session:
        store.end_run(session, run_id, state, words)

"""The SQL of schedules and their runs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models import Schedule, ScheduleRun
from models.schedule import RunState, ScheduleState

GOING = "('draft', 'scheduled', 'preparing', 'running', 'paused')"
"""States of a campaign that still has something to send, or may have."""


def lock_tick(session: Session) -> bool:
    """Take the place of the one who makes runs, until the transaction ends; False when another has it."""
    return bool(session.execute(text("SELECT pg_try_advisory_xact_lock(hashtext('schedules'))")).scalar_one())


def lock_schedule(session: Session, name: str) -> Schedule | None:
    """A schedule by name, locked until the caller commits."""
    return session.scalar(select(Schedule).where(Schedule.name == name).with_for_update())


def lock_due(session: Session, now: datetime) -> list[Schedule]:
    """Schedules with a run whose time has come, locked; those that a person works on wait for the next tick."""
    due = Schedule.state == ScheduleState.ACTIVE, Schedule.next_run_at <= now
    return list(session.scalars(select(Schedule).where(*due).order_by(Schedule.id).with_for_update(skip_locked=True)))


def schedules(session: Session) -> list[Schedule]:
    """Every schedule, by name."""
    return list(session.scalars(select(Schedule).order_by(Schedule.name)))


def last_runs(session: Session, schedule_id: int, most: int) -> list[ScheduleRun]:
    """The newest runs of a schedule, newest first."""
    of_schedule = select(ScheduleRun).where(ScheduleRun.schedule_id == schedule_id)
    return list(session.scalars(of_schedule.order_by(ScheduleRun.run_at.desc()).limit(most)))


def add_run(
    session: Session, schedule_id: int, run_at: datetime, name: str, state: RunState, words: str | None
) -> bool:
    """Note one start of a schedule; False when it is known already."""
    values = {"id": schedule_id, "run_at": run_at, "name": name, "state": state.value, "text": words}
    return session.execute(_ADD_RUN, values).first() is not None


_ADD_RUN = text("""
    INSERT INTO schedule_run (schedule_id, run_at, campaign_name, state, text)
    VALUES (:id, :run_at, :name, :state, :text)
    ON CONFLICT (schedule_id, run_at) DO NOTHING RETURNING id
""")


def open_runs(session: Session) -> list[tuple[ScheduleRun, Schedule]]:
    """Runs that have not started and may, with their schedules, in order."""
    states = (RunState.DUE, RunState.WAITING, RunState.IMPORTING)
    statement = (
        select(ScheduleRun, Schedule)
        .join(Schedule, Schedule.id == ScheduleRun.schedule_id)
        .where(ScheduleRun.state.in_(states))
        .order_by(ScheduleRun.schedule_id, ScheduleRun.run_at)
    )
    return [(run, schedule) for run, schedule in session.execute(statement)]


def still_going(session: Session, schedule_ids: Sequence[int]) -> set[int]:
    """Which of the schedules have a campaign that still sends."""
    statement = text(f"""
        SELECT DISTINCT r.schedule_id FROM schedule_run r JOIN campaign c ON c.schedule_run_id = r.id
        WHERE r.schedule_id = ANY(:ids) AND c.state IN {GOING}
    """)
    return set(session.scalars(statement, {"ids": list(schedule_ids)}))


def claim_run(session: Session, run_id: int, now: datetime, lease: timedelta) -> bool:
    """Take a run for importing; False when another has it, or it is over."""
    return session.execute(_CLAIM_RUN, {"id": run_id, "now": now, "until": now + lease}).first() is not None


_CLAIM_RUN = text("""
    UPDATE schedule_run SET state = 'importing', lease_until = :until
    WHERE id = :id AND (state IN ('due', 'waiting') OR (state = 'importing' AND lease_until < :now)) RETURNING id
""")


def renew_run(session: Session, run_id: int, until: datetime) -> None:
    """Keep a run that is being imported."""
    statement = text("UPDATE schedule_run SET lease_until = :until WHERE id = :id AND state = 'importing'")
    session.execute(statement, {"id": run_id, "until": until})


def end_run(session: Session, run_id: int, state: RunState, words: str | None = None) -> None:
    """Say what became of a run."""
    statement = text("UPDATE schedule_run SET state = :state, text = :text, lease_until = NULL WHERE id = :id")
    session.execute(statement, {"id": run_id, "state": state.value, "text": words})


def schedule_names(session: Session) -> list[str]:
    """The names of all schedules."""
    return list(session.scalars(select(Schedule.name).order_by(Schedule.name)))

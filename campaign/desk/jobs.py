"""What pages do in the background, kept so that it is found again after the console was started anew.

The process that does a job says every few seconds that it is at it. A job that has not ended and of which nothing was
heard for a while was cut off: its process is gone, and it has to be begun again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from campaign.desk import job_store
from campaign.desk.job_results import from_kept, to_keep
from models.job import BackgroundJob
from models.session import Sessions, session_scope

CUT_OFF_AFTER = timedelta(seconds=20)
"""How long nothing may be heard of a job before it counts as cut off."""

KEPT = 300
"""Jobs of all kinds that are kept; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class KeptJob:
    """One job as it is on record.

    result   what came out, as far as it is kept; None also where there was nothing to keep
    error    why it failed
    cut_off  it neither ended nor goes on
    """

    id: int
    kind: str
    title: str
    by: str
    began_at: datetime
    ended_at: datetime | None
    result: Any
    error: str | None
    cut_off: bool


def begin_job(sessions: Sessions, kind: str, title: str, by: str, *, now: datetime) -> tuple[KeptJob, bool]:
    """Put a job on record, unless one of its kind goes on already: the job, and whether it is the new one.

    writes  the job, and away with those beyond `KEPT`
    """
    with session_scope(sessions) as session:
        running = newest_job(session, kind, now=now)
        if running is not None and running.ended_at is None and not running.cut_off:
            return running, False
        job = BackgroundJob(kind=kind, title=title, by=by, began_at=now, seen_at=now)
        session.add(job)
        session.flush()
        job_store.forget_beyond(session, KEPT)
        return _kept(job, now), True


def still_at_it(sessions: Sessions, job_id: int, *, now: datetime) -> None:
    """Say that a job goes on."""
    with session_scope(sessions) as session:
        job_store.change(session, job_id, {"seen_at": now})


def end_job(sessions: Sessions, job_id: int, *, now: datetime, result: Any = None, error: str | None = None) -> None:
    """Say what came of a job."""
    kind, kept = to_keep(result)
    ended = {"ended_at": now, "seen_at": now, "result_kind": kind, "result": kept, "error": error}
    with session_scope(sessions) as session:
        job_store.change(session, job_id, ended)


def newest_job(session: Session, kind: str, *, now: datetime) -> KeptJob | None:
    """The newest job of a kind; None when there never was one, or long ago."""
    return next(iter(newest_jobs(session, kind, now=now, limit=1)), None)


def newest_jobs(session: Session, kind: str, *, now: datetime, limit: int) -> Sequence[KeptJob]:
    """The newest jobs of a kind, newest first."""
    return [_kept(job, now) for job in job_store.newest(session, kind, limit)]


def _kept(job: BackgroundJob, now: datetime) -> KeptJob:
    return KeptJob(
        id=job.id, kind=job.kind, title=job.title, by=job.by, began_at=job.began_at, ended_at=job.ended_at,
        result=from_kept(job.result_kind, job.result), error=job.error,
        cut_off=job.ended_at is None and now - job.seen_at > CUT_OFF_AFTER,
    )  # fmt: skip

"""The SQL of what pages do in the background."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models.job import BackgroundJob


def newest(session: Session, kind: str, limit: int) -> Sequence[BackgroundJob]:
    """The newest jobs of a kind, newest first."""
    found = select(BackgroundJob).where(BackgroundJob.kind == kind).order_by(BackgroundJob.id.desc()).limit(limit)
    return session.scalars(found).all()


def change(session: Session, job_id: int, values: Mapping[str, Any]) -> None:
    """Set columns of one job."""
    session.execute(update(BackgroundJob).where(BackgroundJob.id == job_id).values(**values))


def forget_beyond(session: Session, kept: int) -> None:
    """Delete all but the newest `kept` jobs, of whatever kind."""
    oldest = select(BackgroundJob.id).order_by(BackgroundJob.id.desc()).offset(kept).limit(1).scalar_subquery()
    session.execute(delete(BackgroundJob).where(BackgroundJob.id <= oldest))

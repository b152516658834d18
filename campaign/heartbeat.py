"""Whether beat rings: a row that its own task writes, so that nobody has to infer it from what was not done."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign import store
from models.heartbeat import Heartbeat
from models.session import Sessions, session_scope

BEAT = "beat"
SILENT_AFTER = timedelta(seconds=60)
"""How old the last sign of life may be; beat gives one every few seconds."""


def note_beat(sessions: Sessions, now: datetime) -> None:
    """Beat has just rung, and a worker has heard it."""
    with session_scope(sessions) as session:
        store.note_heartbeat(session, BEAT, now)


def last_beat(session: Session) -> datetime | None:
    """When beat was last heard of; None when it never was."""
    found = session.get(Heartbeat, BEAT)
    return found.at if found else None

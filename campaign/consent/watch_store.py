"""The SQL of the watch over the consent ledger: its one row, and how many seals fit into a turn."""

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.consent import ConsentSeal, ConsentWatch

ONLY = 1
_SEALS_AT_MOST = 200


def take_watch(session: Session, now: datetime) -> ConsentWatch | None:
    """The row of the watch, made when there is none; None while another process has it.

    locks  the row until the caller commits
    """
    begun = {"seal_id": 0, "event_id": 0, "erasure_id": 0, "newest_id": 0, "faults": [], "fault_count": 0}
    begun |= {"standing": [], "standing_count": 0}
    values = {"id": ONLY, "round_at": now, "looked_at": now} | begun
    session.execute(insert(ConsentWatch).values(values).on_conflict_do_nothing())
    return session.scalar(select(ConsentWatch).where(ConsentWatch.id == ONLY).with_for_update(skip_locked=True))


def find_watch(session: Session) -> ConsentWatch | None:
    """The row of the watch; None before its first turn."""
    return session.get(ConsentWatch, ONLY)


def seals_within(session: Session, after: int, events: int) -> int:
    """How many of the next seals cover so many events together; one at least, so that a turn always goes on."""
    return max(1, session.scalar(_WITHIN, {"after": after, "events": events, "most": _SEALS_AT_MOST}) or 0)


_WITHIN = text("""
    SELECT count(*) FROM (
        SELECT sum(events) OVER (ORDER BY id) AS upto FROM consent_seal WHERE id > :after ORDER BY id LIMIT :most
    ) AS next WHERE upto <= :events
""")


def has_digest(session: Session, seal_id: int, digest: bytes) -> bool:
    """Whether a seal is there with that digest."""
    found = session.scalar(select(ConsentSeal.digest).where(ConsentSeal.id == seal_id))
    return found is not None and bytes(found) == digest


def event_under(session: Session, seal_id: int) -> int:
    """The last event under a seal, 0 when there is no such seal."""
    return session.scalar(select(ConsentSeal.last_id).where(ConsentSeal.id == seal_id)) or 0


def has_more(session: Session, seal_id: int, erasure_id: int) -> bool:
    """Whether seals or erasures follow."""
    statement = text("""
        SELECT EXISTS (SELECT FROM consent_seal WHERE id > :seal_id)
            OR EXISTS (SELECT FROM erasure WHERE id > :erasure_id)
    """)
    return bool(session.scalar(statement, {"seal_id": seal_id, "erasure_id": erasure_id}))

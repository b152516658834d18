"""The audit log: each act of a person or a key, written in the transaction that did it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.access import store
from campaign.access.roles import Act, Actor
from models.access import AuditEntry
from models.session import Sessions

PAGE = 50
"""Entries given at once."""


@dataclass(slots=True)
class Recording:
    """An act under way. `sessions` open inside its transaction; what `before` and `after` hold is written with it."""

    sessions: Sessions
    before: dict[str, Any] | None = None
    after: dict[str, Any] = field(default_factory=dict)


@contextmanager
def audited(sessions: Sessions, actor: Actor, act: Act, subject: str) -> Iterator[Recording]:
    """Do something and write down who did it: both, or neither when it raises.

    Whatever opens a session of `Recording.sessions` inside the block takes part in one transaction, which is committed
    at the end; so the domain's functions are audited without knowing it.

    raises  Forbidden before anything is done when the actor's role does not allow it
    """
    actor.require(act)
    with store.one_transaction(sessions) as inner:
        recording = Recording(inner)
        yield recording
        with inner() as session, session.begin():
            write(session, actor, act, subject, before=recording.before, after=recording.after or None)


def write(
    session: Session,
    actor: Actor,
    act: Act,
    subject: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append one entry to the log in the caller's transaction."""
    entry = AuditEntry(actor=actor.name, act=act.value, subject=subject)
    entry.before, entry.after = (None if values is None else dict(values) for values in (before, after))
    session.add(entry)


def entries(
    session: Session,
    *,
    subject: str | None = None,
    actor: str | None = None,
    before_id: int | None = None,
    limit: int = PAGE,
) -> list[AuditEntry]:
    """The newest entries, of one subject or actor when given; `before_id` turns the page."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    if actor is not None:
        query = query.where(AuditEntry.actor == actor)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return list(session.scalars(query))

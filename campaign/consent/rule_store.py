"""The SQL of the short tables that people edit: how long consent lasts, and the words of opting out."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.consent import ConsentExpiry, StopWord, WordKind


def lifetimes_in_days(session: Session) -> dict[str, int]:
    """Category to days; a category without a rule is left out."""
    return {row.category: row.days for row in session.execute(select(ConsentExpiry.category, ConsentExpiry.days))}


def put_lifetime(session: Session, category: str, **values: Any) -> None:
    """Set the rule of a category, whatever it was."""
    statement = insert(ConsentExpiry).values(category=category, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["category"], set_=values))


def drop_lifetime(session: Session, category: str) -> None:
    """Take the rule of a category away."""
    session.execute(delete(ConsentExpiry).where(ConsentExpiry.category == category))


def put_word(session: Session, kind: WordKind, bare: str, **values: Any) -> None:
    """Set what a word counts for, whatever it did before."""
    statement = insert(StopWord).values(kind=kind.value, bare=bare, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["kind", "bare"], set_=values))


def drop_word(session: Session, kind: WordKind, bare: str) -> int:
    """Take a word away; 0 when there was none."""
    gone = session.execute(delete(StopWord).where(StopWord.kind == kind.value, StopWord.bare == bare))
    return gone.rowcount  # type: ignore[attr-defined, no-any-return]

"""The database engine and the scope of one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

Sessions = sessionmaker[Session]
"""Opens sessions on one engine; handed down by the shells."""


def make_engine(database_url: str, *, pool_size: int = 5, connect_timeout_s: int = 10, ping: bool = True) -> Engine:
    """An engine over psycopg 3 for a `postgresql://` address.

    ping     ask each connection for a sign of life before it is used; without, the first use after a restart of the
             server fails and the caller tries again

    Statements wait at most 60 s, locks at most 10 s; long bulk work raises its own limit.
    """
    return create_engine(
        _with_driver(database_url),
        pool_size=pool_size,
        max_overflow=5,
        pool_pre_ping=ping,
        pool_timeout=30,
        connect_args={
            "connect_timeout": connect_timeout_s,
            "options": "-c statement_timeout=60s -c lock_timeout=10s -c timezone=UTC",
        },
    )


def make_sessions(engine: Engine) -> Sessions:
    """A factory of sessions whose objects stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def session_scope(sessions: Sessions) -> Iterator[Session]:
    """One transaction: committed at the end of the block, rolled back when it raises."""
    with sessions() as session, session.begin():
        yield session


@contextmanager
def reading_beside(sessions: Sessions) -> Iterator[Session | None]:
    """A session to read on while another writes, which sees what is committed; None where all share one connection."""
    if not isinstance(sessions.kw["bind"], Engine):
        yield None
        return
    with sessions() as session:
        yield session


def _with_driver(database_url: str) -> str:
    scheme, separator, rest = database_url.partition("://")
    return f"postgresql+psycopg{separator}{rest}" if scheme in {"postgresql", "postgres"} else database_url

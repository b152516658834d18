"""An inbox with webhooks in it becomes one with days, and back, and loses none."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from tests.migrations.test_migrations import alembic, scratch_url

__all__ = ["scratch_url"]

SENDER = text("""
    INSERT INTO sender (name, provider, base_url, account, portfolio, token_env, rate_mps)
    VALUES ('shop', 'cloud', 'http://127.0.0.1:9', '1', '1', 'TEST_TOKEN', 80)
""")
ARRIVE = text("INSERT INTO webhook_event (sender_id, body, received_at) VALUES (1, :body, :at) RETURNING id")


@pytest.fixture
def scratch(scratch_url: str) -> Iterator[Connection]:
    url = make_url(scratch_url).set(drivername="postgresql+psycopg")
    with create_engine(url, poolclass=NullPool).connect() as connection:
        yield connection


def bodies(connection: Connection) -> list[tuple[int, bytes]]:
    rows = connection.execute(text("SELECT id, body FROM webhook_event ORDER BY id"))
    found = [(row.id, bytes(row.body)) for row in rows]
    connection.rollback()
    return found


def arrive(connection: Connection, body: bytes, at: datetime) -> int:
    found = connection.execute(ARRIVE, {"body": body, "at": at}).scalar_one()
    connection.commit()
    return int(found)


def test_webhooks_stay_where_they_are_and_new_ones_go_to_their_day(scratch: Connection) -> None:
    now = datetime.now(UTC)
    command.upgrade(alembic(scratch), "0008")
    scratch.execute(SENDER)
    for days in (40, 1, 0):
        arrive(scratch, f"{days}".encode(), now - timedelta(days=days))
    command.upgrade(alembic(scratch), "head")
    assert bodies(scratch) == [(1, b"40"), (2, b"1"), (3, b"0")]
    new = arrive(scratch, b"new", now + timedelta(days=1))
    assert new > 3
    place = scratch.execute(text("SELECT tableoid::regclass::text FROM webhook_event WHERE id = :id"), {"id": new})
    assert place.scalar_one() == f"inbox.webhook_event_{now + timedelta(days=1):%Y%m%d}"
    scratch.rollback()
    command.downgrade(alembic(scratch), "0008")
    assert bodies(scratch) == [(1, b"40"), (2, b"1"), (3, b"0"), (new, b"new")]
    assert arrive(scratch, b"newer", now) == new + 1

"""Migrations of tables that may be large: in steps beside running work, and gone on with where they were cut off."""

from collections.abc import Iterator
from types import ModuleType

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from tests.migrations.test_migrations import alembic, scratch_url

__all__ = ["scratch_url"]

EVENTS = 25
RECORD = text("""
    INSERT INTO consent_event (id, phone_identity, phone_e164, category, action, source, occurred_at, recorded_by)
    SELECT 3 * n, '1202555' || n, '+1202555' || n, 'marketing', 'opt_in', 'test', now(), 'test'
    FROM generate_series(1, :count) AS n
""")
SALTS = text("SELECT salt::text FROM consent_event ORDER BY id")


@pytest.fixture
def scratch(scratch_url: str) -> Iterator[Connection]:
    url = make_url(scratch_url).set(drivername="postgresql+psycopg")
    with create_engine(url, poolclass=NullPool).connect() as connection:
        yield connection


def migration(revision: str) -> ModuleType:
    return ScriptDirectory.from_config(alembic()).get_revision(revision).module


def test_every_old_event_gets_a_salt_of_its_own_and_a_cut_off_run_is_gone_on_with(scratch: Connection) -> None:
    command.upgrade(alembic(scratch), "0007")
    scratch.execute(RECORD, {"count": EVENTS})
    people = migration("0008")
    for statement in people.BESIDE:
        scratch.execute(text(statement))
    # As a run leaves it that ended after its first batch of ten.
    scratch.execute(people.SALT, {"after": 0, "upto": 30})
    scratch.commit()
    before = scratch.execute(SALTS).scalars().all()
    scratch.rollback()
    assert [salt is None for salt in before] == [False] * 10 + [True] * 15
    command.upgrade(alembic(scratch), "0008")
    salts = scratch.execute(SALTS).scalars().all()
    assert salts[:10] == before[:10]
    assert len(set(salts) - {None}) == EVENTS


def test_events_are_salted_in_batches_and_the_progress_is_said(
    scratch: Connection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command.upgrade(alembic(scratch), "0007")
    scratch.execute(RECORD, {"count": EVENTS})
    people = migration("0008")
    for statement in people.BESIDE:
        scratch.execute(text(statement))
    monkeypatch.setattr(people, "SAID_EVERY", 10)
    people.salt_events(scratch, at_once=10)
    assert None not in scratch.execute(SALTS).scalars().all()
    assert capsys.readouterr().err.splitlines() == [f"migration 0008: {n} consent events salted" for n in (10, 20)]


def test_an_index_that_a_cut_off_run_left_is_made_anew(scratch: Connection) -> None:
    command.upgrade(alembic(scratch), "0011")
    scratch.execute(text("CREATE INDEX ix_message_unreached ON message (id)"))
    scratch.commit()
    command.upgrade(alembic(scratch), "0012")
    made = scratch.execute(text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_message_unreached'"))
    assert "(campaign_id, state, id)" in made.scalar_one()


def test_the_first_partition_of_the_inbox_takes_over_the_indexes_that_were_made_beside(scratch: Connection) -> None:
    """An index that did not fit would be made anew, under the lock."""
    command.upgrade(alembic(scratch), "0008")
    scratch.execute(text(
        "INSERT INTO sender (name, provider, base_url, account, portfolio, token_env, rate_mps) "
        "VALUES ('shop', 'cloud', 'http://127.0.0.1:9', '1', '1', 'TEST_TOKEN', 80)"
    ))  # fmt: skip
    scratch.execute(text("INSERT INTO webhook_event (sender_id, body, error) VALUES (1, 'x', 'odd')"))
    scratch.commit()
    command.upgrade(alembic(scratch), "0009")
    found = scratch.execute(text(
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'inbox' AND tablename = 'webhook_event_before'"
    ))  # fmt: skip
    assert sorted(found.scalars()) == [
        "ix_webhook_event_before_problem", "ix_webhook_event_before_received_at",
        "ix_webhook_event_before_unmatched", "ix_webhook_event_before_unprocessed", "pk_webhook_event_before",
    ]  # fmt: skip

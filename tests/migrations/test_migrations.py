"""Models and migrations tell the same story, forwards and backwards."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, MetaData, create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

import migrations
from console.migrate import schema_is_current
from models import Base

VERSIONS = Path(migrations.__path__[0]) / "versions"


@pytest.fixture
def scratch_url(database_url: str) -> Iterator[str]:
    """The address of an empty database, dropped after the test."""
    name = f"scratch_{os.getpid()}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield make_url(database_url).set(database=name).render_as_string(hide_password=False)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def scratch(scratch_url: str) -> Iterator[Connection]:
    engine = create_engine(make_url(scratch_url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def alembic(connection: Connection | None = None) -> Config:
    config = Config(toml_file=str(Path(__file__).parents[2] / "pyproject.toml"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def revisions() -> list[str]:
    """Every revision, oldest first."""
    return [script.revision for script in reversed(list(ScriptDirectory.from_config(alembic()).walk_revisions()))]


def structure(connection: Connection) -> dict[str, object]:
    """Tables, columns, defaults, keys, checks and indexes as the database itself tells them."""
    queries = {
        "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity "
        "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
        "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
        "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
    }
    found = {
        name: [
            tuple(row)
            for row in connection.exec_driver_sql(query)
            if not str(row[0]).startswith("alembic_version")  # Alembic's own table is nobody's model
        ]
        for name, query in queries.items()
    }
    connection.rollback()
    return found


def test_the_migrated_schema_is_that_of_the_models(scratch: Connection) -> None:
    command.upgrade(alembic(scratch), "head")
    context = MigrationContext.configure(scratch, opts={"compare_type": True, "compare_server_default": True})
    assert compare_metadata(context, Base.metadata) == []


def test_checks_defaults_and_indexes_agree_to_the_letter(scratch: Connection) -> None:
    """What Alembic cannot compare: the database that the models make and the one that migrations make."""
    command.upgrade(alembic(scratch), "head")
    migrated = structure(scratch)
    everything = MetaData()
    everything.reflect(scratch)
    everything.drop_all(scratch)
    Base.metadata.create_all(scratch)
    scratch.commit()
    assert structure(scratch) == migrated


def test_every_migration_goes_down_and_up_again(scratch: Connection) -> None:
    seen = {}
    for revision in revisions():
        command.upgrade(alembic(scratch), revision)
        seen[revision] = structure(scratch)
    for revision in reversed(revisions()):
        assert structure(scratch) == seen[revision]
        command.downgrade(alembic(scratch), "-1")
    assert inspect(scratch).get_table_names() == ["alembic_version"]
    scratch.rollback()
    command.upgrade(alembic(scratch), "head")
    assert structure(scratch) == seen[revisions()[-1]]


def test_there_is_one_line_of_revisions() -> None:
    assert revisions() == sorted(revisions())
    assert len(ScriptDirectory.from_config(alembic()).get_heads()) == 1


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("0*.py")), ids=lambda path: path.stem)
def test_every_migration_tells_its_locks_and_its_way_back(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    docstring = text.split('"""')[1]
    assert "\nlocks    " in docstring
    assert "\nback     " in docstring


def test_a_migration_does_not_wait_long_for_a_lock(scratch: Connection) -> None:
    """A table that somebody holds: it gives up within its limit, and nothing is half done."""
    command.upgrade(alembic(scratch), "head")
    with create_engine(scratch.engine.url, poolclass=NullPool).connect() as other:
        other.exec_driver_sql("LOCK TABLE message IN ACCESS SHARE MODE")
        with pytest.raises(Exception, match="lock timeout"):
            command.downgrade(alembic(scratch), "base")
    assert "message" in inspect(scratch).get_table_names()
    scratch.rollback()


def test_processes_that_migrate_at_once_take_turns(scratch_url: str) -> None:
    code = "import sys; from console.migrate import migrate; print(migrate(sys.argv[1]))"
    command_line = [sys.executable, "-c", code, scratch_url]
    processes = [subprocess.Popen(command_line, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in processes:
        process.communicate(timeout=30)
    assert [process.returncode for process in processes] == [0] * 4
    assert schema_is_current(scratch_url)


def test_alembics_own_command_works_with_the_variable_and_names_it_when_unset(scratch_url: str) -> None:
    root = Path(__file__).parents[2]
    environment = {key: value for key, value in os.environ.items() if key != "CAMPAIGN_DATABASE_URL"}
    alembic_command = [sys.executable, "-m", "alembic", "-c", str(root / "pyproject.toml")]
    unset = subprocess.run(
        [*alembic_command, "upgrade", "head"], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert unset.returncode != 0
    assert "set CAMPAIGN_DATABASE_URL" in unset.stdout + unset.stderr
    for arguments in (["upgrade", "head"], ["check"]):
        done = subprocess.run(
            [*alembic_command, *arguments],
            cwd=root,
            env=environment | {"CAMPAIGN_DATABASE_URL": scratch_url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

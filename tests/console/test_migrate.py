"""Whether a schema is current, from any folder."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from campaign.errors import ConfigurationError
from console.migrate import migrate, require_current_schema, schema_is_current


@pytest.fixture
def empty_url(database_url: str) -> Iterator[str]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty_for_migrate")
        yield database_url.replace("/campaign?", "/empty_for_migrate?")
        connection.execute(sql.SQL("DROP DATABASE empty_for_migrate WITH (FORCE)"))


def test_an_empty_database_is_behind_until_it_is_migrated(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not schema_is_current(empty_url)
    with pytest.raises(ConfigurationError, match="run `campaign migrate`"):
        require_current_schema(empty_url)
    assert migrate(empty_url) is True
    require_current_schema(empty_url)
    assert migrate(empty_url) is False


def test_a_schema_from_the_future_is_refused(empty_url: str) -> None:
    migrate(empty_url)
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigurationError, match="revision 9999, which this version does not know"):
        migrate(empty_url)


def test_a_migration_that_fails_says_so_in_one_line(empty_url: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE sender ()")  # in the way
    with pytest.raises(ConfigurationError, match=r'was not brought up to date: .*"sender" already exists') as error:
        migrate(empty_url)
    assert "\n" not in str(error.value)
    assert not schema_is_current(empty_url)

"""Bringing a database's schema up to date, and asking whether it is."""

from functools import cache
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

import migrations
from campaign.errors import ConfigurationError
from console.stores.reach import connect_database, masked
from models.session import make_engine


def migrate(database_url: str) -> bool:
    """Bring the schema of a database up to date; True when there was something to do.

    Safe to run from several processes at once: they take turns.

    raises   ConfigurationError when the database is out of reach, or a migration could not get its locks
    """
    if schema_is_current(database_url):
        return False
    engine = make_engine(database_url, pool_size=1)
    try:
        with engine.connect() as connection:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise ConfigurationError(
            f"the schema of {masked(database_url)} was not brought up to date: {reason}; run `campaign migrate` again"
        ) from None
    finally:
        engine.dispose()
    return True


def schema_is_current(database_url: str) -> bool:
    """Whether the schema is the one that this code expects.

    raises   ConfigurationError when the database is out of reach, or its schema is newer than this code
    """
    found = _revision_of(database_url)
    if found is not None and found not in _known_revisions():
        raise ConfigurationError(
            f"the schema of {masked(database_url)} is at revision {found}, which this version does not know; "
            "update the program or name another database"
        )
    return found == _known_revisions()[0]


def require_current_schema(database_url: str) -> None:
    """Raise ConfigurationError, naming `campaign migrate`, when the schema is behind the code."""
    if not schema_is_current(database_url):
        raise ConfigurationError(f"the schema of {masked(database_url)} is behind this program; run `campaign migrate`")


def _revision_of(database_url: str) -> str | None:
    with connect_database(database_url) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    return str(row[0]) if row else None


@cache
def _known_revisions() -> tuple[str, ...]:
    """Every revision, the newest first."""
    script = ScriptDirectory.from_config(_config())
    return tuple(revision.revision for revision in script.walk_revisions())


def _config() -> Config:
    """Alembic's configuration without a file, so that it works from any folder and from an installed package."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])).replace("%", "%%"))
    return config

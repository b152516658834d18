"""Runs migrations on the caller's connection, or on one to the database that CAMPAIGN_DATABASE_URL names.

Each migration is a transaction of its own. Nothing waits long for a lock, so that a migration on a busy database gives
up rather than stop the sending behind it; it can simply be run again.
"""

import os
import time

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, text

from models import Base
from models.session import make_engine

PATIENCE_S, LOOK_AGAIN_S = 120.0, 0.2
LIMITS = ("SET lock_timeout = '4s'", "SET statement_timeout = '5s'")

ONE_AT_A_TIME = 7_226_340_917
"""Key of the advisory lock at which migrating processes take turns; any number that nothing else uses."""


def run() -> None:
    """Migrate over the connection in the configuration's attributes, or over one of our own."""
    if context.is_offline_mode():
        raise CommandError("migrations run on a live database only; leave --sql out")
    connection = context.config.attributes.get("connection")
    if connection is not None:
        migrate(connection)
        return
    url = os.environ.get("CAMPAIGN_DATABASE_URL")
    if not url:
        raise CommandError("no database is named: set CAMPAIGN_DATABASE_URL")
    engine = make_engine(url, pool_size=1)
    with engine.connect() as own:
        migrate(own)
    engine.dispose()


def _take_turn(connection: Connection) -> None:
    """Wait until nobody else migrates. Asked again and again, since a statement that waits holds a snapshot, and an
    index that is made concurrently would wait for that in turn.
    """
    ends_at = time.monotonic() + PATIENCE_S
    while not connection.execute(text(f"SELECT pg_try_advisory_lock({ONE_AT_A_TIME})")).scalar_one():
        connection.rollback()
        if time.monotonic() > ends_at:
            raise CommandError(
                f"another process has been migrating for {PATIENCE_S:g} s; look at it, then run it again"
            )
        time.sleep(LOOK_AGAIN_S)


def migrate(connection: Connection) -> None:
    """Run what is due, in turn with others, within the limits."""
    _take_turn(connection)
    for limit in LIMITS:
        connection.execute(text(limit))
    connection.commit()
    try:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_server_default=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text(f"SELECT pg_advisory_unlock({ONE_AT_A_TIME})"))
        connection.commit()


run()

"""The stores that a command works on: the servers that are configured, or embedded ones under CAMPAIGN_HOME."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from campaign.settings import Settings
from console.migrate import migrate as migrate_database
from console.migrate import require_current_schema
from console.stores.reach import check_redis
from console.stores.use import StoreUse


@dataclass(frozen=True)
class StoreAddresses:
    """Where the two stores are."""

    database_url: str
    redis_url: str


@contextmanager
def stores(settings: Settings, *, linger: bool = True) -> Iterator[StoreAddresses]:
    """The servers that the settings name, each checked to be in reach, and an embedded one for each not named.

    An embedded database is brought up to date by itself; a server's schema is never touched.

    linger   as in `embedded_stores`
    raises   ConfigurationError when a server is out of reach, its schema is behind, or an embedded one cannot start
    """
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    database_url = settings.database_url.get_secret_value() if settings.database_url else None
    # What may be misspelt is tried before anything is started.
    if redis_url:
        check_redis(redis_url)
    if database_url:
        require_current_schema(database_url)
    with ExitStack() as stack:
        if not redis_url:
            redis_url = stack.enter_context(StoreUse(settings.home, "valkey", linger=linger)).address
        if not database_url:
            database_url = stack.enter_context(StoreUse(settings.home, "postgres", linger=linger)).address
            migrate_database(database_url)
        yield StoreAddresses(database_url=database_url, redis_url=redis_url)


@contextmanager
def embedded_stores(home: Path, *, migrate: bool = True, linger: bool = True) -> Iterator[StoreAddresses]:
    """Both embedded stores of a home, started unless they run already.

    migrate  bring the database's schema up to date
    linger   leave them up for a moment after the last user; if not, and we are the last, wait until they are gone
    raises   ConfigurationError when the folder cannot be used or a store does not start
    """
    with StoreUse(home, "valkey", linger=linger) as valkey, StoreUse(home, "postgres", linger=linger) as postgres:
        if migrate:
            migrate_database(postgres.address)
        yield StoreAddresses(database_url=postgres.address, redis_url=valkey.address)


def revive_stores(settings: Settings) -> list[str]:
    """Start the embedded stores again whose keepers were killed while we use them; returns their names.

    A store that dies alone is its keeper's business. Raises ConfigurationError when one does not start.
    """
    embedded = {"valkey": settings.redis_url, "postgres": settings.database_url}
    unused = [StoreUse(settings.home, store) for store, url in embedded.items() if not url]
    dead = [use for use in unused if not use.keeper_lives()]
    for use in dead:
        use.ensure()
    return [use.store for use in dead]

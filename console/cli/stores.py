"""The stores of one command: the configured servers, or the embedded ones, opened and given back."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from console.stores.pace import Share
    from models.session import Sessions


class OpenStores(NamedTuple):
    """Both stores of a command: sessions on the database, and what the limiters in Redis grant."""

    sessions: "Sessions"
    share: "Share"


@contextmanager
def open_sessions() -> Iterator["Sessions"]:
    """Sessions on the database of the settings.

    raises  ConfigurationError when a store is out of reach or its schema is behind
    """
    with open_stores() as opened:
        yield opened.sessions


@contextmanager
def open_stores() -> Iterator[OpenStores]:
    """Both stores of the settings.

    raises  ConfigurationError when a store is out of reach or its schema is behind
    """
    from campaign.settings import current_settings
    from console.embedded import stores
    from console.stores.pace import shares
    from models.session import make_engine, make_sessions
    from tasks.log import set_up_log

    set_up_log(logging.WARNING)
    settings = current_settings()
    with stores(settings) as addresses, shares(addresses.redis_url, settings) as share:
        engine = make_engine(addresses.database_url, pool_size=2)
        try:
            yield OpenStores(make_sessions(engine), share)
        finally:
            engine.dispose()


@contextmanager
def open_session() -> Iterator["Session"]:
    """One transaction on the database of the settings: committed at the end, rolled back on an error."""
    from models.session import session_scope

    with open_sessions() as sessions, session_scope(sessions) as session:
        yield session

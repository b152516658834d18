"""The stores of one command: the configured servers, or the embedded ones, opened and given back."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.session import Sessions


@contextmanager
def open_sessions() -> Iterator["Sessions"]:
    """Sessions on the database of the settings.

    raises  ConfigurationError when a store is out of reach or its schema is behind
    """
    from campaign.settings import current_settings
    from console.embedded import stores
    from models.session import make_engine, make_sessions
    from tasks.log import set_up_log

    set_up_log(logging.WARNING)
    with stores(current_settings()) as addresses:
        engine = make_engine(addresses.database_url, pool_size=2)
        try:
            yield make_sessions(engine)
        finally:
            engine.dispose()


@contextmanager
def open_session() -> Iterator["Session"]:
    """One transaction on the database of the settings: committed at the end, rolled back on an error."""
    from models.session import session_scope

    with open_sessions() as sessions, session_scope(sessions) as session:
        yield session

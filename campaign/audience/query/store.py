"""The SQL of lists that are asked of a database: reading a foreign one and nothing but reading, and our contacts."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from campaign.audience.query.statement import with_places_alone

FETCHED_AT_ONCE = 5_000
_CONNECT_TIMEOUT_S = 10
_CLOCK_STEPS = 10_000
"""Steps of SQLite between two looks at the clock."""


class TookTooLong(Exception):
    """The query was still going on when its time was over."""


def parts_of(address: str) -> URL:
    """An address taken apart.

    raises  ArgumentError or ValueError as they come
    """
    return make_url(address)


@contextmanager
def foreign_rows(
    address: str, query: str, values: Mapping[str, Any], timeout_s: float
) -> Iterator[Iterator[Sequence[Any]]]:
    """The header and the rows of a query, streamed from a read-only transaction that is rolled back.

    raises  TookTooLong; SQLAlchemyError and ImportError as they come
    """
    engine = _engine(parts_of(address))
    deadline = time.monotonic() + timeout_s
    try:
        with engine.connect() as connection:
            _read_only(connection, timeout_s, deadline)
            options = {"stream_results": True, "yield_per": FETCHED_AT_ONCE}
            result = connection.execute(text(with_places_alone(query)), dict(values), execution_options=options)
            yield _until(deadline, [list(result.keys())], result)
    finally:
        engine.dispose()


def _engine(url: URL) -> Engine:
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    arguments: dict[str, Any] = {}
    if url.get_backend_name() == "postgresql":
        arguments = {"connect_timeout": _CONNECT_TIMEOUT_S, "options": "-c default_transaction_read_only=on"}
    return create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)


def _read_only(connection: Connection, timeout_s: float, deadline: float) -> None:
    """Keep a connection from writing and from going on forever, in the way of its database."""
    kind, milliseconds = connection.dialect.name, max(1, int(timeout_s * 1000))
    if kind == "postgresql":
        connection.execute(text("SET TRANSACTION READ ONLY"))
        connection.execute(text(f"SET LOCAL statement_timeout = {milliseconds}"))
    elif kind in {"mysql", "mariadb"}:
        limit = f"max_execution_time = {milliseconds}" if kind == "mysql" else f"max_statement_time = {timeout_s}"
        connection.execute(text(f"SET SESSION {limit}"))
        connection.execute(text("SET SESSION TRANSACTION READ ONLY"))
        # What is set so holds from the next transaction on.
        connection.commit()
    elif kind == "sqlite":
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA query_only = ON")
        raw.set_progress_handler(lambda: time.monotonic() > deadline, _CLOCK_STEPS)


def _until(deadline: float, header: list[list[str]], rows: Iterator[Any]) -> Iterator[Sequence[Any]]:
    yield from header
    for number, row in enumerate(rows):
        if number % 1000 == 0 and time.monotonic() > deadline:
            raise TookTooLong
        yield row


def attribute_keys(session: Session) -> list[str]:
    """The attributes that any contact has, by name."""
    session.execute(text("SET LOCAL statement_timeout = '5min'"))
    return list(session.scalars(text("SELECT DISTINCT jsonb_object_keys(attributes) FROM contact ORDER BY 1")))


def contacts(
    session: Session, attributes: Sequence[str], conditions: Sequence[tuple[str, bool, Sequence[str]]]
) -> Iterator[Sequence[Any]]:
    """A header and our contacts that meet every condition, in the order in which they came.

    conditions  key, whether it must be one of the values (or none of them), the values
    """
    columns = ["phone_e164 AS phone", "name", "region", "time_zone"]
    columns += [f"attributes ->> :key_{n} AS attribute_{n}" for n in range(len(attributes))]
    values: dict[str, Any] = {f"key_{n}": key for n, key in enumerate(attributes)}
    tests = ["true"]
    for number, (key, wanted, allowed) in enumerate(conditions):
        column = f"attributes ->> :of_{number}" if key.startswith("attribute.") else key
        # What a person does not have is the empty text, so that `plan=` finds who has none.
        tests.append(f"(COALESCE({column}, '') = ANY(:allowed_{number})) = :wanted_{number}")
        values |= {f"allowed_{number}": list(allowed), f"wanted_{number}": wanted}
        if key.startswith("attribute."):
            values[f"of_{number}"] = key.removeprefix("attribute.")
    statement = text(f"SELECT {', '.join(columns)} FROM contact WHERE {' AND '.join(tests)} ORDER BY id")
    yield ["phone", "name", "region", "time_zone", *attributes]
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    options = {"stream_results": True, "yield_per": FETCHED_AT_ONCE}
    yield from session.execute(statement, values, execution_options=options)

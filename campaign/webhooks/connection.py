"""One connection to the database that heals itself and is never waited for longer than a bound."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import psycopg

T = TypeVar("T")
Connection = psycopg.AsyncConnection[tuple[Any, ...]]

RETRY_S = 0.5
"""Least time between two tries to connect; in between the answer is no, at once."""

BURIAL_S = 30.0


class DatabaseAway(Exception):
    """The database did not do it in time: out of reach, or too slow. Whether it will do it late is not known."""


class HealingConnection:
    """Runs work on an autocommit connection; opens a new one after a fault.

    A commit means durable here whatever the server's default is: `synchronous_commit` is on.
    """

    def __init__(self, database_url: str, *, timeout_s: float, name: str) -> None:
        self._url = database_url
        self._timeout_s = timeout_s
        self._name = name
        self._connection: Connection | None = None
        self._try_from = -float("inf")
        self._burials: set[asyncio.Task[None]] = set()

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """The result of `work`. One caller at a time.

        raises  DatabaseAway
        """
        connection = self._connection or await self._connect()
        task = asyncio.ensure_future(work(connection))
        try:
            finished, _ = await asyncio.wait({task}, timeout=self._timeout_s)
        except asyncio.CancelledError:
            self._bury(connection, task)
            raise
        if not finished:
            self._bury(connection, task)
            raise DatabaseAway(f"no answer within {self._timeout_s:g} s")
        try:
            return task.result()
        except psycopg.Error as error:
            if connection.closed:
                self._connection = None
            raise DatabaseAway(_first_line(error)) from error

    async def aclose(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
        for burial in self._burials:
            burial.cancel()

    async def _connect(self) -> Connection:
        if time.monotonic() < self._try_from:
            raise DatabaseAway("out of reach a moment ago")
        self._try_from = time.monotonic() + RETRY_S
        options = f"-c synchronous_commit=on -c timezone=UTC -c statement_timeout={int(self._timeout_s * 1000)}"
        try:
            async with asyncio.timeout(self._timeout_s):
                self._connection = await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True, options=options, application_name=self._name
                )
        except (psycopg.Error, TimeoutError) as error:
            raise DatabaseAway(_first_line(error) or "no connection in time") from error
        return self._connection

    def _bury(self, connection: Connection, task: "asyncio.Future[Any]") -> None:
        """Let go of a connection that does not answer. Its end may take long, so nobody waits for it."""
        self._connection = None
        burial = asyncio.ensure_future(_end(connection, task))
        self._burials.add(burial)
        burial.add_done_callback(self._burials.discard)


async def _end(connection: Connection, task: "asyncio.Future[Any]") -> None:
    task.cancel()
    try:
        await asyncio.wait({task}, timeout=BURIAL_S)
    finally:
        await connection.close()


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]

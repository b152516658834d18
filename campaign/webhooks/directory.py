"""Senders by name, as the receiver knows them: remembered for some seconds, so that a flood asks little."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from campaign.webhooks.authenticity import Door, SenderSecrets, door_of
from campaign.webhooks.connection import DatabaseAway

log = structlog.get_logger(__name__)

ASK_AGAIN_S = 1.0
"""Least time between two questions to the database, whatever names are asked for."""

Load = Callable[[], Awaitable[Sequence[SenderSecrets]]]


class DirectoryUnavailable(Exception):
    """The senders could not be read, so it is unknown whether the name exists."""


class Directory:
    """All senders, read again when older than `remember_s`. An unknown name is asked for at most once a second.

    A list that cannot be renewed stays in use: a known sender's secrets do not change because the database is away.
    """

    def __init__(self, load: Load, environment: Mapping[str, str], *, remember_s: float) -> None:
        self._load = load
        self._environment = environment
        self._remember_s = remember_s
        self._doors: Mapping[str, Door] = {}
        self._asked_at = -float("inf")
        self._answered = False
        self._lock = asyncio.Lock()

    async def find(self, name: str) -> Door | None:
        """The door of a sender, or None where there is no such sender.

        raises  DirectoryUnavailable
        """
        if not self._fresh(self._remember_s):
            await self._renew(self._remember_s)
        door = self._doors.get(name)
        if door is None:
            await self._renew(ASK_AGAIN_S)
            door = self._doors.get(name)
            if door is None and not self._answered:
                raise DirectoryUnavailable
        return door

    async def in_reach(self) -> bool:
        """Whether the database answered within the last second."""
        await self._renew(ASK_AGAIN_S)
        return self._answered

    async def _renew(self, older_than_s: float) -> None:
        async with self._lock:
            # Whoever waited for the lock finds it done.
            if not self._fresh(older_than_s):
                await self._read()

    def _fresh(self, older_than_s: float) -> bool:
        return time.monotonic() - self._asked_at < (older_than_s if self._answered else ASK_AGAIN_S)

    async def _read(self) -> None:
        try:
            senders = await self._load()
        except DatabaseAway as error:
            self._answered = False
            log.warning("senders could not be read", error=str(error))
        else:
            self._answered = True
            self._doors = {sender.name: door_of(sender, self._environment) for sender in senders}
        self._asked_at = time.monotonic()

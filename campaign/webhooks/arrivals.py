"""Webhooks that arrive together are stored in one commit; each caller learns when its own is safe."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from campaign.webhooks.connection import DatabaseAway

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One verified body that waits for its commit."""

    sender_id: int
    body: bytes
    stored: "asyncio.Future[bool]"


Store = Callable[[Sequence[Arrival]], Awaitable[None]]
"""Stores webhooks durably in one commit, or raises DatabaseAway."""


class Arrivals:
    """A bounded queue, and committers that empty it into the database in turns.

    One gathers while another commits, so each has a connection of its own.
    """

    def __init__(self, *, most: int, gather_s: float) -> None:
        self._most = most
        self._gather_s = gather_s
        self._waiting: list[Arrival] = []
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether as many wait as may wait."""
        return len(self._waiting) >= self._most

    async def keep(self, sender_id: int, body: bytes) -> bool:
        """Store a body. True once it is committed, False when it could not be or nobody knows."""
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(Arrival(sender_id, body, stored))
        self._arrived.set()
        return await stored

    async def run(self, store: Store) -> None:
        """Commit what waits, until cancelled; then whoever still waits is told no."""
        try:
            while True:
                await self._arrived.wait()
                # A moment's patience makes one commit of many.
                await asyncio.sleep(self._gather_s)
                if taken := self._taken():
                    await self._commit(taken, store)
        finally:
            _tell(self._taken(), stored=False)

    def _taken(self) -> list[Arrival]:
        taken, self._waiting = self._waiting, []
        self._arrived.clear()
        return taken

    async def _commit(self, arrivals: list[Arrival], store: Store) -> None:
        try:
            await store(arrivals)
        except DatabaseAway as error:
            # Those who came meanwhile would only wait as long again for the same answer.
            refused = arrivals + self._taken()
            log.warning("webhooks not stored", webhooks=len(refused), error=str(error))
            _tell(refused, stored=False)
        except BaseException:
            _tell(arrivals, stored=False)
            raise
        else:
            _tell(arrivals, stored=True)


def _tell(arrivals: Sequence[Arrival], *, stored: bool) -> None:
    for arrival in arrivals:
        if not arrival.stored.done():
            arrival.stored.set_result(stored)

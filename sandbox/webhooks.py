"""Webhooks on their way out: gathered into batches, sealed, posted, tried again while the receiver does not answer 200.

Nothing here is waited for by a send. What waits is bounded and counted. Rules: platform.md D.1.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass

import aiohttp

from sandbox.account import Number, Target
from sandbox.clock import Clock
from sandbox.dialects import Dialect
from sandbox.ledger import Entry
from sandbox.scenario import Webhooks
from sandbox.timetable import Timetable

Mark = tuple[Entry, int]
# Beyond this every gap is at its longest, and the power would grow without bound over a day of tries.
_MOST_DOUBLINGS = 16


@dataclass(slots=True)
class Counters:
    """What became of the webhooks. Items are single statuses, messages or events; a post carries many."""

    posts: int = 0
    posts_refused: int = 0
    items_received: int = 0
    items_without_address: int = 0
    items_given_up: int = 0
    items_lost_on_purpose: int = 0


class Parcel:
    """One POST, with the entries whose statuses it carries."""

    __slots__ = ("body", "headers", "items", "made_at", "marks", "tries", "url")

    def __init__(self, target: Target, seal: dict[str, str], body: bytes, marks: list[Mark], items: int) -> None:
        self.url, self.body, self.marks, self.items = target.url, body, marks, items
        self.headers = {**target.headers, **seal, "Content-Type": "application/json"}
        self.tries = 0
        self.made_at = 0.0


class Outbox:
    """Gathers items until `flush`, then posts them.

    settings  asked anew each time, so that a scenario can change under way
    """

    def __init__(self, clock: Clock, timetable: Timetable, settings: Callable[[], Webhooks]) -> None:
        self._clock, self._timetable, self._settings = clock, timetable, settings
        self.app_target: Target | None = None
        self.counters = Counters()
        self._gathered: dict[tuple[Dialect, str, str], tuple[Number, list[str], list[Mark], list[str]]] = {}
        self._waiting: deque[Parcel] = deque()
        self._queued_items = 0
        self._bell = asyncio.Event()
        self._workers: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None

    def __len__(self) -> int:
        """Items gathered, waiting, under way or to be tried again."""
        return self._queued_items + sum(len(gathered[1]) for gathered in self._gathered.values())

    def add(self, dialect: Dialect, number: Number, key: str, item: str, beside: Mark | str) -> None:
        """Put one item into the next batch.

        key     statuses, messages or user_preferences
        beside  of a status: what to mark once it was received; of the others: their item of `contacts[]`
        """
        channel = (dialect, number.number_id, key)
        found = self._gathered.get(channel)
        if found is None:
            found = self._gathered[channel] = (number, [], [], [])
        found[1].append(item)
        if isinstance(beside, str):
            found[3].append(beside)
        else:
            found[2].append(beside)

    def post_event(self, dialect: Dialect, number: Number, body: bytes) -> None:
        """Post one account or template event to the app's own address; overrides do not count, platform.md A.1."""
        # At 360dialog an address is the number's only one.
        own = number.override if dialect.name != "cloud" else None
        self._dispatch(dialect, own or self.app_target, body, [], 1)

    def flush(self) -> None:
        """Turn what was gathered into posts."""
        if not self._gathered:
            return
        gathered, self._gathered = self._gathered, {}
        most = self._settings().batch
        for (dialect, _, key), (number, items, marks, contacts) in gathered.items():
            target = number.override or self.app_target
            for start in range(0, len(items), most):
                part = slice(start, start + most)
                body = dialect.frame(number, key, items[part], contacts[part])
                self._dispatch(dialect, target, body, marks[part], len(items[part]))

    def _dispatch(self, dialect: Dialect, target: Target | None, body: bytes, marks: list[Mark], items: int) -> None:
        if target is None:
            self.counters.items_without_address += items
            return
        parcel = Parcel(target, dialect.seal(body, target.headers), body, marks, items)
        parcel.made_at = self._clock.now()
        self._queued_items += items
        self._enqueue(parcel)
        # The oldest first: they are the nearest to being given up anyway.
        while self._queued_items > self._settings().queue and self._waiting:
            self._give_up(self._waiting.popleft())

    def _enqueue(self, parcel: Parcel) -> None:
        self._waiting.append(parcel)
        self._bell.set()

    async def start(self) -> None:
        """Begin to post."""
        connections = self._settings().connections
        self._session = aiohttp.ClientSession(
            # The workers are the limit.
            connector=aiohttp.TCPConnector(limit=0),
            headers={"User-Agent": "facebookexternalua"},
        )
        self._workers = [asyncio.create_task(self._work(self._session)) for _ in range(connections)]

    async def stop(self) -> None:
        """Stop posting; what still waits is not posted."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def clear(self) -> None:
        """Forget what waits and what was counted."""
        self._gathered = {}
        self._waiting.clear()
        self._queued_items = 0
        self.counters = Counters()

    def as_dict(self) -> dict[str, int]:
        """Counters and the present length of the queue."""
        return asdict(self.counters) | {"queue": len(self)}

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while True:
            while not self._waiting:
                self._bell.clear()
                await self._bell.wait()
            await self._deliver(session, self._waiting.popleft())

    async def _deliver(self, session: aiohttp.ClientSession, parcel: Parcel) -> None:
        self.counters.posts += 1
        timeout = aiohttp.ClientTimeout(total=self._settings().timeout_s)
        try:
            async with session.post(parcel.url, data=parcel.body, headers=parcel.headers, timeout=timeout) as answer:
                # Only a connection that was read to its end is used again.
                await answer.read()
                # Nothing else is a receipt, platform.md D.1.
                received = answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            received = False
        if received:
            self._received(parcel)
        else:
            self._retry(parcel)

    def _received(self, parcel: Parcel) -> None:
        for entry, bit in parcel.marks:
            entry.posted |= bit
        self.counters.items_received += parcel.items
        self._queued_items = max(0, self._queued_items - parcel.items)

    def _retry(self, parcel: Parcel) -> None:
        self.counters.posts_refused += 1
        settings = self._settings()
        if self._clock.now() - parcel.made_at > settings.give_up_after_s:
            self._give_up(parcel)
            return
        # The schedule of the platform is not published; it is said to be exponential.
        wait = min(settings.retry_at_most_s, settings.retry_after_s * 2 ** min(parcel.tries, _MOST_DOUBLINGS))
        parcel.tries += 1
        self._timetable.at(self._clock.now() + wait, self._enqueue, parcel)

    def _give_up(self, parcel: Parcel) -> None:
        self.counters.items_given_up += parcel.items
        self._queued_items = max(0, self._queued_items - parcel.items)

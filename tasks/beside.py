"""Work beside the tasks of a process: questions to the platform, which may be slow and must keep no webhook waiting.

One thread, made on first use, does one thing after another. What it does is a wake-up like any task: lost with the
process, it is asked for again at the next ring.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from functools import cache
from queue import Full, Queue
from threading import Lock, Thread
from typing import Any

import structlog

from tasks.wiring import stores_may_be_away

log = structlog.get_logger(__name__)

Work = Callable[[], Coroutine[Any, Any, object]]

MOST_WAITING = 100


class Beside:
    """A thread with its own event loop. The same thing asked for twice while it waits is done once."""

    def __init__(self) -> None:
        self._waiting: Queue[tuple[Hashable, Work]] = Queue(MOST_WAITING)
        self._keys: set[Hashable] = set()
        self._lock = Lock()
        Thread(target=self._work, name="beside", daemon=True).start()

    def do(self, key: Hashable, work: Work) -> bool:
        """Have something done soon; False when it waits already, or too much does."""
        with self._lock:
            if key in self._keys:
                return False
            try:
                self._waiting.put_nowait((key, work))
            except Full:
                log.warning("too much waits beside", key=str(key))
                return False
            self._keys.add(key)
            return True

    def _work(self) -> None:
        while True:
            key, work = self._waiting.get()
            with self._lock:
                self._keys.discard(key)
            try:
                with stores_may_be_away(str(key)):
                    asyncio.run(_run(work))
            except Exception:  # a worker's edge: the thread lives as long as its process
                log.exception("work beside failed", key=str(key))


async def _run(work: Work) -> None:
    await work()


@cache
def beside() -> Beside:
    """The thread of this process."""
    return Beside()

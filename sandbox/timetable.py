"""What is to happen later, in ticks: what is due in one tick happens together, so that webhooks come in batches."""

from collections.abc import Callable
from typing import Any

Deed = tuple[Callable[..., None], tuple[Any, ...]]


class Timetable:
    """Deeds by due time. Cheap to fill a million times: one list per tick and no heap.

    tick_s  width of a tick, seconds; a deed happens at the end of its tick, never early
    """

    def __init__(self, tick_s: float, now: float) -> None:
        self._tick_s = tick_s
        self._ticks: dict[int, list[Deed]] = {}
        self._next = int(now / tick_s)

    def __len__(self) -> int:
        return sum(map(len, self._ticks.values()))

    def at(self, due: float, deed: Callable[..., None], *arguments: object) -> None:
        """Let `deed(*arguments)` happen at `due`, epoch seconds; in the next tick when that has passed."""
        # Never into a tick that has been done.
        tick = max(int(due / self._tick_s), self._next)
        bucket = self._ticks.get(tick)
        if bucket is None:
            bucket = self._ticks[tick] = []
        bucket.append((deed, arguments))

    def run_due(self, now: float) -> int:
        """Do everything whose tick has ended, in order of time; how many deeds that were."""
        done = 0
        last = int(now / self._tick_s)
        while self._next < last:
            # Moved on first, so that a deed can plan for the next tick and not for this one.
            tick, self._next = self._next, self._next + 1
            for deed, arguments in self._ticks.pop(tick, ()):
                deed(*arguments)
                done += 1
        return done

    def clear(self) -> None:
        """Forget everything."""
        self._ticks.clear()

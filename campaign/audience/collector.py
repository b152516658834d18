"""What an import borrows from the interpreter: a collector that looks seldom, threads that take turns soon.

A chunk is a hundred thousand small objects without a circle among them. Looking through them for circles again and
again took a quarter of the time of an import; they go by themselves when the chunk is done.

The thread that hands rows to the database needs the interpreter for an instant each time the database has taken some.
With the usual turns it waited longer for the thread that reads than the database took for the rows.
"""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Generic, TypeVar

_SELDOM = (200_000, 20, 100)
_SOON_S = 0.0005

_Value = TypeVar("_Value")


class _Borrowed(Generic[_Value]):
    """A setting of the whole interpreter for as long as some block wants it otherwise."""

    def __init__(self, get: Callable[[], _Value], put: Callable[[_Value], object]) -> None:
        self._get, self._put = get, put
        self._lock = Lock()
        self._before: list[_Value] = []

    @contextmanager
    def as_(self, value: _Value) -> Iterator[None]:
        with self._lock:
            # What to go back to: one entry for each block that is under way, the oldest counts.
            self._before.append(self._before[0] if self._before else self._get())
            self._put(value)
        try:
            yield
        finally:
            with self._lock:
                before = self._before.pop()
                if not self._before:
                    self._put(before)


_threshold = _Borrowed(gc.get_threshold, lambda counts: gc.set_threshold(*counts))
_interval = _Borrowed(sys.getswitchinterval, sys.setswitchinterval)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for circles only after many new objects, until the last of such blocks ends."""
    with _threshold.as_(_SELDOM):
        yield


@contextmanager
def soon_switched() -> Iterator[None]:
    """Let threads take turns ten times as often, until the last of such blocks ends."""
    with _interval.as_(_SOON_S):
        yield

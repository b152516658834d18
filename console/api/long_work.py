"""Work that takes as long as a list is long: done while the request waits, and by few at once.

Who sends an Idempotency-Key may hang up and ask again: 409 while the first is under way, then its answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from campaign.errors import Throttled

AT_ONCE = 3
"""Lists read at once in one process; each takes a thread and a connection of the database for its time."""

_places = BoundedSemaphore(AT_ONCE)


@contextmanager
def long_work() -> Iterator[None]:
    """A place among those who read lists.

    raises  Throttled when all are taken
    """
    if not _places.acquire(blocking=False):
        raise Throttled(f"{AT_ONCE} lists are being read just now; try again in a minute")
    try:
        yield
    finally:
        _places.release()

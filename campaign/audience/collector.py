"""Python's garbage collector made to look seldom while a list is read.

A chunk is a hundred thousand small objects without a circle among them. Looking through them for circles again and
again took a quarter of the time of an import; they go by themselves when the chunk is done.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_SELDOM = (200_000, 20, 100)
_lock = Lock()
_before: list[tuple[int, int, int]] = []
"""What to go back to: one entry for each block that is under way, the oldest counts."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for circles only after many new objects, until the last of such blocks ends."""
    with _lock:
        _before.append(_before[0] if _before else gc.get_threshold())
        gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        with _lock:
            before = _before.pop()
            if not _before:
                gc.set_threshold(*before)

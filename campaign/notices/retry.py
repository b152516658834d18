"""When a notice that was not taken is tried again, and when it is given up. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

WAITS: Sequence[timedelta] = tuple(
    timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)
)
"""After the first try, the second, and so on; some three days in all."""


def next_try(tries: int, now: datetime) -> datetime | None:
    """When to try again after so many tries; None: give it up."""
    return now + WAITS[tries - 1] if tries <= len(WAITS) else None

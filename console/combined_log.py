"""The lines of several processes as one log: `12:00:01 worker-1  text`, names aligned, coloured on a terminal."""

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
NAME_WIDTH = 11

# What children put before their text: a time (ours stands there already) and Celery's process name.
STAMP = re.compile(r"^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*(Z|[+-]\d\d:?\d\d)?(: (?P<level>\w+)/[\w-]+\])? *")


def local_time() -> datetime:
    """Now, in the time zone of the machine."""
    return datetime.now(UTC).astimezone()


class CombinedLog:
    """Writes whole lines to one stream, from any thread."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], datetime] = local_time) -> None:
        self._stream, self._clock, self._turn = stream, clock, threading.Lock()
        self._colours: dict[str, int] | None = {} if stream.isatty() else None

    def write(self, name: str, text: str) -> None:
        """One line of a process."""
        stamp = STAMP.match(text)
        if stamp:
            level = stamp["level"]
            text = f"{f'[{level.lower()}] ' if level else ''}{text[stamp.end() :]}"
        with self._turn:
            self._stream.write(f"{self._clock():%H:%M:%S} {self._shown(name)}  {text}\n")
            self._stream.flush()

    def _shown(self, name: str) -> str:
        padded = name.ljust(NAME_WIDTH)
        if self._colours is None:
            return padded
        colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
        return f"\x1b[{colour}m{padded}\x1b[0m"

"""One child process: its command, its group, its output line by line."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from console.guard import signal_group

LINE_LIMIT_BYTES = 64 * 1024


@dataclass(frozen=True)
class Child:
    """A process to keep running.

    environment  variables added to our own
    ready_line   text in its output that says that it does its work; None: it is ready once it runs
    keep_open    descriptors that it inherits, such as a listening socket
    """

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_line: str | None = None
    keep_open: tuple[int, ...] = ()


class ChildProcess:
    """The process of a child, if it runs just now (`pid` is not None). It leads a session and a group of its own.

    So a Ctrl-C in our terminal reaches us alone, and what it started can be ended with it.
    """

    def __init__(self, child: Child) -> None:
        self.child = child
        self.ready = threading.Event()
        self.ready_text, self.last_line = "", ""
        self.ran_s = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._started, self._rest = 0.0, b""
        self.has_more = False

    def start(self) -> None:
        """Start it. Raises OSError where that is not possible."""
        self.ran_s, self._rest = 0.0, b""
        self._process = subprocess.Popen(
            self.child.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.child.environment},
            pass_fds=self.child.keep_open,
            start_new_session=True,
        )
        self._started = time.monotonic()
        os.set_blocking(self.output.fileno(), False)
        if self.child.ready_line is None:
            self.ready.set()

    @property
    def pid(self) -> int | None:
        """The process number, None when it does not run; kept after its end until `close`."""
        return self._process.pid if self._process else None

    @property
    def group(self) -> int:
        """The process group, which has the number of its leader."""
        assert self._process is not None
        return self._process.pid

    @property
    def output(self) -> IO[bytes]:
        """What it says, on standard output and standard error alike."""
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def ended(self) -> bool:
        """Whether the leader has ended; others of its group may live."""
        return self._process is not None and self._process.poll() is not None

    @property
    def how_it_ended(self) -> str:
        """In words, such as `was killed by SIGKILL`."""
        code = self._process.returncode if self._process else None
        return f"was killed by {signal.Signals(-code).name}" if code is not None and code < 0 else f"ended ({code})"

    def read(self) -> tuple[list[str], bool]:
        """The lines that it has said since, and whether more may come."""
        try:
            chunk = os.read(self.output.fileno(), LINE_LIMIT_BYTES)
        except BlockingIOError:
            self.has_more = False
            return [], True
        self.has_more = bool(chunk)
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if self._rest and (not chunk or len(self._rest) > LINE_LIMIT_BYTES):
            whole, self._rest = [*whole, self._rest], b""
        lines = [line.decode(errors="replace").rstrip() for line in whole]
        self._look_for_readiness(lines)
        return [line for line in lines if line], bool(chunk)

    def terminate(self) -> None:
        """Ask the leader, and it alone, to end: it knows how to end its own children."""
        if self._process is not None and not self.ended:
            self._process.terminate()

    def signal(self, sign: signal.Signals) -> None:
        """Send a signal to the whole group."""
        if self._process is not None:
            signal_group(self.group, sign)

    def close(self) -> None:
        """Forget a process that has ended."""
        assert self._process is not None
        self._process.wait()
        self.output.close()
        self.ran_s = time.monotonic() - self._started
        self._process = None

    def _look_for_readiness(self, lines: list[str]) -> None:
        self.last_line = next((line for line in reversed(lines) if line), self.last_line)
        wanted = self.child.ready_line
        said = [line for line in lines if wanted is not None and wanted in line]
        if said:
            self.ready_text = said[0]
            self.ready.set()

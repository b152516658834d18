"""Child processes kept running: started, restarted when they die, stopped together, their output in one place.

Each child leads a process group of its own, so that nothing it started outlives it, and a guard (guard.py) ends all
groups when the supervisor itself is killed.
"""

import selectors
import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from campaign.errors import ConfigurationError
from console.child import Child, ChildProcess
from console.guard import Guard

FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 0.5, 10.0
SETTLED_S = 30.0
"""A child that has run for so long starts its next backoff from the beginning."""

STOP_PATIENCE_S = 7.0
"""How long children may take for a warm stop; the rest of the 10 s is for the stores."""

FAILURES_BEFORE_READY = 3
"""So often a child may fail to start before the whole start counts as failed."""

POLL_S = 0.1
OURSELVES = "campaign"
"""The name under which the supervisor itself speaks."""

Sink = Callable[[str, str], None]
"""Takes a line of output: the child's name, and the text without its line end."""


class Supervisor:
    """Keeps children running from `start` to `stop`; a context manager that does both.

    One thread of its own starts, reads and restarts them; every method may be called from any other.

    sink       gets every line, in that thread; when it raises OSError, all children are ended and `failure` is set
    held_lock  a descriptor whose lock the guard shares, so that it is free only once no child is left
    """

    def __init__(self, children: Sequence[Child], sink: Sink, *, held_lock: int | None = None) -> None:
        self.failure: OSError | None = None
        self._sink = sink
        self._kept = [_Kept(ChildProcess(child)) for child in children]
        self._selector = selectors.DefaultSelector()
        self._guard = Guard(held_lock)
        self._stopping = threading.Event()
        self._patience_s = STOP_PATIENCE_S
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start every child; returns at once."""
        self._guard.start()
        self._thread.start()

    def wait_ready(self, timeout_s: float = 30.0, *, check: Callable[[], None] = lambda: None) -> dict[str, str]:
        """Wait until every child is ready; returns the line with which each said so, by name.

        check    called again and again; what it raises ends the wait
        raises   ConfigurationError naming the child that is not, with the last thing it said
        """
        ends = time.monotonic() + timeout_s
        for kept in self._kept:
            while not kept.process.ready.wait(POLL_S):
                check()
                if time.monotonic() > ends or not self.alive or kept.failures >= FAILURES_BEFORE_READY:
                    said = kept.process.last_line or "nothing"
                    raise ConfigurationError(f"{kept.process.child.name} did not become ready; it said: {said}")
        return {kept.process.child.name: kept.process.ready_text for kept in self._kept}

    @property
    def alive(self) -> bool:
        """Whether children are being kept running."""
        return self._thread.is_alive() and not self._stopping.is_set()

    def pids(self) -> dict[str, int]:
        """The process numbers of the children that run, by name."""
        return {kept.process.child.name: pid for kept in self._kept if (pid := kept.process.pid) is not None}

    def stop(self, patience_s: float = STOP_PATIENCE_S) -> None:
        """Ask every child to end, kill those that take longer than `patience_s`, and return when all are gone."""
        self._patience_s = patience_s
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._guard.stop()

    def hurry(self) -> None:
        """Cut a stop short: kill at once what still lives."""
        self._patience_s = 0.0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._start_due()
                self._read(POLL_S)
                self._bury_dead()
            self._end_all()
        except OSError as error:  # such as a closed pipe behind our log
            self.failure, self._sink = error, _nowhere
        finally:
            for kept in self._kept:
                kept.process.signal(signal.SIGKILL)
            for kept in self._kept:
                self._bury(kept)
            self._selector.close()

    def _start_due(self) -> None:
        for kept in self._kept:
            if kept.process.pid is None and time.monotonic() >= kept.start_at:
                try:
                    kept.process.start()
                except OSError as error:
                    self._sink(OURSELVES, f"{kept.process.child.name} cannot be started: {error}")
                    kept.fail()
                    continue
                self._guard.add(kept.process.group)
                self._selector.register(kept.process.output, selectors.EVENT_READ, kept.process)

    def _read(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            process: ChildProcess = key.data
            if not self._hear(process):
                self._selector.unregister(key.fileobj)

    def _hear(self, process: ChildProcess) -> bool:
        lines, more = process.read()
        for line in lines:
            self._sink(process.child.name, line)
        return more

    def _bury_dead(self) -> None:
        for kept in self._kept:
            if kept.process.pid is None or not kept.process.ended:
                continue
            how = kept.process.how_it_ended
            self._bury(kept)
            kept.fail()
            self._sink(OURSELVES, f"{kept.process.child.name} {how}; starting it again in {kept.backoff_s:g} s")

    def _bury(self, kept: "_Kept") -> None:
        """End what the child left behind, hear its last words, and take it off the lists."""
        process = kept.process
        if process.pid is None:
            return
        process.signal(signal.SIGKILL)
        while self._hear(process) and process.has_more:
            pass
        if process.output.fileno() in self._selector.get_map():
            self._selector.unregister(process.output)
        self._guard.remove(process.group)
        process.close()

    def _end_all(self) -> None:
        began = time.monotonic()
        for kept in self._kept:
            kept.process.terminate()
        while living := [kept for kept in self._kept if kept.process.pid is not None and not kept.process.ended]:
            if time.monotonic() - began >= self._patience_s:
                names = ", ".join(kept.process.child.name for kept in living)
                self._sink(OURSELVES, f"{names} took too long to stop and was killed")
                return
            self._read(POLL_S)


def _nowhere(_name: str, _line: str) -> None:
    return


class _Kept:
    """A child's process with the memory of its failures."""

    def __init__(self, process: ChildProcess) -> None:
        self.process = process
        self.start_at = 0.0
        self.backoff_s = 0.0
        self.failures = 0

    def fail(self) -> None:
        """Note that it died or did not start, and when to try again."""
        settled = self.process.ran_s >= SETTLED_S
        self.backoff_s = (
            FIRST_BACKOFF_S if settled or not self.backoff_s else min(2 * self.backoff_s, LONGEST_BACKOFF_S)
        )
        self.start_at = time.monotonic() + self.backoff_s
        self.failures += 1

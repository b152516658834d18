"""Ending processes that may not be our children."""

import contextlib
import signal
import time

import psutil
import structlog

STOP_TIMEOUT_S = 5.0
POLL_S = 0.02

log = structlog.get_logger(__name__)


def end(process: psutil.Process, sign: signal.Signals, *, patience_s: float = STOP_TIMEOUT_S) -> None:
    """Ask a process to end; after `patience_s` kill it."""
    for attempt in (sign, signal.SIGKILL):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(attempt)
        ends = time.monotonic() + patience_s
        while time.monotonic() < ends:
            if is_dead(process):
                return
            time.sleep(POLL_S)
        log.warning("store does not end", pid=process.pid, signal=attempt.name)


def is_dead(process: psutil.Process) -> bool:
    """Whether a process has ended, be it that nobody has asked how: some containers have no one who does."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True

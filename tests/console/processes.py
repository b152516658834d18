"""Seeing the processes of a home, and waiting for what they do."""

import time
from collections.abc import Callable
from pathlib import Path

import psutil


def processes_of(home: Path) -> list[psutil.Process]:
    """Every living process that works in the home or bears it in its command line or environment."""
    return [process for process in psutil.process_iter() if _belongs(process, str(home))]


def _belongs(process: psutil.Process, home: str) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE or process.pid == psutil.Process().pid:
            return False
        return process.cwd().startswith(home) or any(
            home in text for text in [*process.cmdline(), *process.environ().values()]
        )
    except psutil.Error:
        return False


def wait_until(condition: Callable[[], object], *, within_s: float = 10.0) -> None:
    """Wait for something that another process is about to do."""
    ends = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)

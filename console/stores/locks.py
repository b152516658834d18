"""Locks on files, which the kernel lets go of when their holder dies, however it dies."""

import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from campaign.errors import ConfigurationError

try:
    import fcntl
except ImportError:  # Windows has no flock, and no embedded stores either
    fcntl = None  # type: ignore[assignment]

POLL_S = 0.02


class FileLock:
    """One holder's view of a lock file. Closing the object lets go; the file itself stays.

    A lock belongs to the open file, so it outlives a fork that keeps the file open, and no `exec`.
    """

    def __init__(self, path: Path) -> None:
        """Open the lock file, made when missing. Raises ConfigurationError when that is not possible."""
        self.path = path
        if fcntl is None:
            raise ConfigurationError(
                "embedded stores do not run on this platform; set CAMPAIGN_DATABASE_URL and CAMPAIGN_REDIS_URL"
            )
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigurationError(f"cannot open {path}: {error.strerror}; {_remedy()}") from None

    def try_exclusive(self) -> bool:
        """Take the lock alone, if nobody has it."""
        return self._try(fcntl.LOCK_EX)

    def exclusive(self, timeout_s: float) -> bool:
        """Take the lock alone, waiting up to `timeout_s`; False when the time ran out."""
        return self._wait(fcntl.LOCK_EX, timeout_s)

    def shared(self, timeout_s: float) -> bool:
        """Take the lock together with others, waiting up to `timeout_s`; False when the time ran out."""
        return self._wait(fcntl.LOCK_SH, timeout_s)

    def release(self) -> None:
        """Let go of the lock and keep the file open."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    @property
    def touched_ns(self) -> int:
        """When somebody last called `touch`, as a number to compare with another."""
        return os.fstat(self._file).st_mtime_ns

    def touch(self) -> None:
        """Leave a trace for one who only looks from time to time."""
        os.utime(self._file)

    def fileno(self) -> int:
        """The descriptor; a process that inherits it holds the lock with us."""
        return self._file

    def write(self, text: str) -> None:
        """Leave a note for whoever finds the lock taken."""
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text.encode(), 0)

    def read(self) -> str:
        """The holder's note, empty when there is none."""
        return os.pread(self._file, 200, 0).decode(errors="replace").strip()

    def close(self) -> None:
        """Let go and close the file; harmless when repeated."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _wait(self, mode: int, timeout_s: float) -> bool:
        # Polling instead of a blocking flock: it has a timeout, and Ctrl-C works meanwhile.
        ends = time.monotonic() + timeout_s
        while not self._try(mode):
            if time.monotonic() > ends:
                return False
            time.sleep(POLL_S)
        return True

    def _try(self, mode: int) -> bool:
        try:
            fcntl.flock(self._file, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise ConfigurationError(f"cannot lock {self.path}: {error.strerror}; {_remedy()}") from None
        return True


def _remedy() -> str:
    return "set CAMPAIGN_HOME to a folder on a local disk that you may write to"

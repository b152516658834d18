"""Ends process groups when their supervisor has died, even by kill -9: it holds a pipe and the guard the other end.

The guard is this file, run as a process of its own: `python guard.py`. Lines on its standard input are `+GROUP` and
`-GROUP`. The end of the pipe means that the supervisor is gone: whatever is still on the list is asked to end, and a
moment later made to. It needs the standard library alone and is started without site-packages, so that it is small
and cannot fail for reasons of ours.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time

GRACE_S = 2.0
POLL_S = 0.05


class Guard:
    """The supervisor's end: tells the guard which groups to end.

    held_lock  a descriptor that the guard keeps open, so that a lock on it lasts until the last group is gone
    """

    def __init__(self, held_lock: int | None = None) -> None:
        self._keep = () if held_lock is None else (held_lock,)
        self._groups: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the guard."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__], stdin=subprocess.PIPE, pass_fds=self._keep, start_new_session=True
        )

    @property
    def pid(self) -> int:
        """The guard's process number, while it is started."""
        assert self._process is not None
        return self._process.pid

    def add(self, group: int) -> None:
        """Have a process group ended after us."""
        self._groups.add(group)
        self._tell(f"+{group}\n")

    def remove(self, group: int) -> None:
        """Take a group off the list that has ended: its number may become another's."""
        self._groups.discard(group)
        self._tell(f"-{group}\n")

    def stop(self) -> None:
        """Let the guard end, and with it whatever is still on its list."""
        if self._process is not None:
            assert self._process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.wait()
            self._process = None

    def _tell(self, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except BrokenPipeError:  # the guard itself was killed
            self.stop()
            self.start()
            for group in self._groups:
                self._tell(f"+{group}\n")


def main() -> None:
    """Keep the list until the pipe ends, then end what is on it."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line.startswith("+") else groups.discard)(group)
    end_groups(groups)


def end_groups(groups: set[int]) -> None:
    """Ask every process of the groups to end, and after a moment kill those that still live."""
    ends = time.monotonic() + GRACE_S
    groups = {group for group in groups if signal_group(group, signal.SIGTERM)}
    while groups and time.monotonic() < ends:
        time.sleep(POLL_S)
        groups = {group for group in groups if signal_group(group, 0)}
    for group in groups:
        signal_group(group, signal.SIGKILL)


def signal_group(group: int, sign: int) -> bool:
    """Send a signal to a process group; False when it has no member any more."""
    try:
        os.killpg(group, sign)
    except (ProcessLookupError, PermissionError):  # macOS refuses it for a group of dead
        return False
    return True


if __name__ == "__main__":
    main()

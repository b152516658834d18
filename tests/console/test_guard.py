"""The guard ends what its supervisor leaves, and nothing else."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from console.guard import Guard, end_groups, signal_group

SLEEP = (sys.executable, "-c", "import time; print(flush=True); time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)",
)


@pytest.fixture
def groups() -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Two that lead groups of their own: one that obeys, one that does not."""
    processes = [subprocess.Popen(code, stdout=subprocess.PIPE, start_new_session=True) for code in (SLEEP, STUBBORN)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    yield processes
    for process in processes:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_what_is_on_the_list_when_the_pipe_ends_is_ended(groups: list["subprocess.Popen[bytes]"]) -> None:
    guard = Guard()
    guard.start()
    for process in groups:
        guard.add(process.pid)
    guard.stop()  # to the guard, the same as our death
    assert [process.wait(1) for process in groups] == [-signal.SIGTERM, -signal.SIGKILL]


def test_what_was_taken_off_the_list_lives(groups: list["subprocess.Popen[bytes]"]) -> None:
    guard = Guard()
    guard.start()
    for process in groups:
        guard.add(process.pid)
    guard.remove(groups[0].pid)
    guard.stop()
    assert groups[1].wait(1) == -signal.SIGKILL
    assert groups[0].poll() is None


def test_no_signal_of_a_terminal_ends_the_guard(groups: list["subprocess.Popen[bytes]"]) -> None:
    guard = Guard()
    guard.start()
    guard.add(groups[0].pid)
    time.sleep(0.2)  # for its handlers to be there
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(guard.pid, sign)
    guard.stop()
    assert groups[0].wait(1) == -signal.SIGTERM


def test_a_guard_that_was_killed_hands_its_list_to_the_next(groups: list["subprocess.Popen[bytes]"]) -> None:
    guard = Guard()
    guard.start()
    guard.add(groups[0].pid)
    first = guard.pid
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    guard.add(groups[1].pid)
    assert guard.pid != first
    guard.stop()
    assert [process.wait(1) for process in groups] == [-signal.SIGTERM, -signal.SIGKILL]


def test_a_group_that_is_gone_is_no_trouble() -> None:
    with subprocess.Popen(SLEEP, stdout=subprocess.PIPE, start_new_session=True) as process:
        process.kill()
        process.wait()
        assert not signal_group(process.pid, signal.SIGTERM)
        end_groups({process.pid})

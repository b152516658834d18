"""Children come back when they die, stop together, and never outlive their supervisor."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from campaign.errors import ConfigurationError
from console import children
from console.child import Child
from console.children import OURSELVES, Supervisor
from console.stores.locks import FileLock
from tests.console.processes import processes_of, wait_until

TALKER = """
import os, sys, time
print("pid", os.getpid(), "says", sys.argv[1], flush=True)
print("ready.", flush=True)
time.sleep(60)
"""

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready.", flush=True)
time.sleep(60)
"""

PARENT_OF_ONE = """
import os, signal, sys, time
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(60)
print("ready.", flush=True)
time.sleep(60)
"""

SUPERVISOR = """
import sys, time
from pathlib import Path
from console.child import Child
from console.children import Supervisor
from console.stores.locks import FileLock
home = Path(sys.argv[1])
lock = FileLock(home / "lock")
assert lock.try_exclusive()
commands = [(sys.executable, "-c", code, str(home)) for code in sys.argv[2:]]
children = [Child(f"child-{n}", command, ready_line="ready.") for n, command in enumerate(commands)]
with Supervisor(children, lambda name, line: None, held_lock=lock.fileno()) as supervisor:
    supervisor.wait_ready(10)
    print("ready", flush=True)
    time.sleep(60)
"""


class Heard(list[tuple[str, str]]):
    """What a sink was given."""

    def take(self, name: str, line: str) -> None:
        self.append((name, line))

    def by(self, name: str) -> list[str]:
        return [line for speaker, line in self if speaker == name]


@pytest.fixture
def heard() -> Heard:
    return Heard()


def python(code: str, *arguments: object) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *map(str, arguments))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that every child bears in its command line; none may outlive the test."""
    yield tmp_path
    wait_until(lambda: not processes_of(tmp_path), within_s=5)


def test_output_arrives_line_by_line_under_the_childs_name(heard: Heard, folder: Path) -> None:
    several = "import sys; print('one'); print('two', file=sys.stderr); sys.stdout.write('no end'); sys.stdout.flush()"
    tail = "; import time; time.sleep(60)"
    with Supervisor([Child("talker", python(several + tail, folder))], heard.take):
        wait_until(lambda: len(heard.by("talker")) == 2)
    assert heard.by("talker") == ["one", "two", "no end"]


def test_ready_is_when_each_has_said_so(heard: Heard, folder: Path) -> None:
    row = Child("talker", python(TALKER, folder), ready_line="says")
    with Supervisor([row, Child("silent", python("import time; time.sleep(60)", folder))], heard.take) as supervisor:
        said = supervisor.wait_ready(10)
        assert said["talker"] == f"pid {supervisor.pids()['talker']} says {folder}"
        assert said["silent"] == ""


def test_one_that_does_not_become_ready_is_named_with_its_last_words(heard: Heard, folder: Path) -> None:
    broken = python("raise SystemExit('the token is missing')", folder)
    with Supervisor([Child("receiver", broken, ready_line="ready.")], heard.take) as supervisor:
        with pytest.raises(ConfigurationError, match=r"receiver did not become ready.*the token is missing"):
            supervisor.wait_ready(60)  # given up after some deaths, not after a minute


def test_a_killed_child_comes_back_and_that_is_said(heard: Heard, folder: Path) -> None:
    with Supervisor([Child("worker-1", python(TALKER, folder), ready_line="ready.")], heard.take) as supervisor:
        supervisor.wait_ready(10)
        first = supervisor.pids()["worker-1"]
        psutil.Process(first).kill()
        wait_until(lambda: supervisor.pids().get("worker-1") not in {None, first})
        assert heard.by(OURSELVES) == ["worker-1 was killed by SIGKILL; starting it again in 0.5 s"]


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(heard: Heard, folder: Path) -> None:
    with Supervisor([Child("worker-1", python("raise SystemExit(3)", folder))], heard.take):
        wait_until(lambda: len(heard.by(OURSELVES)) == 3)
    assert heard.by(OURSELVES) == [f"worker-1 ended (3); starting it again in {s} s" for s in ("0.5", "1", "2")]


def test_a_command_that_cannot_be_run_is_said_and_tried_again(heard: Heard) -> None:
    with Supervisor([Child("worker-1", ("/no/such/program",))], heard.take):
        wait_until(lambda: len(heard.by(OURSELVES)) == 2)
    assert "worker-1 cannot be started" in heard.by(OURSELVES)[0]


def test_what_a_dead_child_had_started_ends_before_it_comes_back(heard: Heard, folder: Path) -> None:
    row = Child("worker-1", python(PARENT_OF_ONE, folder), ready_line="ready.")
    with Supervisor([row], heard.take) as supervisor:
        supervisor.wait_ready(10)
        leader = psutil.Process(supervisor.pids()["worker-1"])
        (orphan,) = leader.children()
        leader.kill()
        wait_until(lambda: supervisor.pids().get("worker-1") not in {None, leader.pid})
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_stopping_lets_children_finish_and_hears_their_last_words(heard: Heard, folder: Path) -> None:
    warm = """
import signal, sys, time
def stop(*_):
    time.sleep(0.3); print("finished my work", flush=True); sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("ready.", flush=True)
time.sleep(60)
"""
    with Supervisor([Child("worker-1", python(warm, folder), ready_line="ready.")], heard.take) as supervisor:
        supervisor.wait_ready(10)
    assert heard.by("worker-1")[-1] == "finished my work"
    assert not heard.by(OURSELVES)


def test_a_child_that_will_not_stop_is_killed_after_the_patience(heard: Heard, folder: Path) -> None:
    rows = [Child("stubborn", python(STUBBORN, folder), ready_line="ready."), Child("other", python(TALKER, folder))]
    supervisor = Supervisor(rows, heard.take)
    supervisor.start()
    supervisor.wait_ready(10)
    began = time.monotonic()
    supervisor.stop(patience_s=0.5)
    assert 0.5 <= time.monotonic() - began < 3
    assert heard.by(OURSELVES) == ["stubborn took too long to stop and was killed"]
    assert not supervisor.pids()


def test_a_sink_that_fails_ends_the_children(folder: Path) -> None:
    """As when the pipe that our log goes into is closed."""
    failures = []

    def fail(_name: str, line: str) -> None:
        failures.append(line)
        raise BrokenPipeError

    supervisor = Supervisor([Child("talker", python(TALKER, folder))], fail)
    supervisor.start()
    wait_until(lambda: not supervisor.alive)
    assert len(failures) == 1
    assert isinstance(supervisor.failure, BrokenPipeError)
    wait_until(lambda: not processes_of(folder))
    supervisor.stop()


@pytest.mark.parametrize("codes", [(TALKER, PARENT_OF_ONE, STUBBORN)])
def test_no_child_outlives_a_supervisor_that_is_killed(folder: Path, codes: tuple[str, ...]) -> None:
    with subprocess.Popen(python(SUPERVISOR, folder, *codes), stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == b"ready\n"
        children_then = [process.pid for process in processes_of(folder)]
        assert len(children_then) >= 1 + 4  # the supervisor, three children and a grandchild
        supervisor.send_signal(signal.SIGKILL)
    with FileLock(folder / "lock") as lock:
        assert lock.exclusive(timeout_s=8)  # free only now that the guard has ended them
    assert not processes_of(folder)


def test_a_guard_that_is_killed_is_replaced(heard: Heard, folder: Path) -> None:
    row = Child("worker-1", python(TALKER, folder), ready_line="ready.")
    others = set(guards())
    with Supervisor([row], heard.take) as supervisor:
        supervisor.wait_ready(10)
        (guard,) = set(guards()) - others
        guard.kill()
        guard.wait(5)
        psutil.Process(supervisor.pids()["worker-1"]).kill()  # the next message to the guard finds its pipe broken
        wait_until(lambda: len(heard.by("worker-1")) == 4)
        (second,) = set(guards()) - others
        assert second.pid != guard.pid


def guards() -> list[psutil.Process]:
    """The guards of this process; an engine that other tests share has one, too."""
    return [p for p in psutil.Process().children() if any(part.endswith("guard.py") for part in p.cmdline())]


def test_the_patience_leaves_time_for_the_stores_within_ten_seconds() -> None:
    assert children.STOP_PATIENCE_S <= 7.0

"""`campaign up` as a person runs it: real processes, started, killed and stopped."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from campaign.settings import Settings
from console import supervisor
from console.stores.processes import is_dead
from tests.console.processes import processes_of, wait_until

UP = (sys.executable, "-c", "from console.cli.main import run; run()", "up", "--workers", "1")
START_S = 40.0


class Up:
    """One `campaign up` on a home, its log in a file."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.home = home
        self.log_path = home.parent / "up.log"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CAMPAIGN_")}
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [*UP, "--port", "0", *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=home.parent,
                env=environment | {"CAMPAIGN_HOME": str(home)},
            )

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    def wait_for(self, text: str, *, times: int = 1, within_s: float = START_S) -> None:
        wait_until(lambda: self.log.count(text) >= times or self.process.poll() is not None, within_s=within_s)
        assert self.log.count(text) >= times, self.log

    @property
    def url(self) -> str:
        found = re.search(r"received at (http://\S+)/webhooks/NAME", self.log)
        assert found
        return found[1]

    def is_healthy(self) -> bool:
        with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)

    def child(self, mark: str) -> psutil.Process:
        """The child that leads its group and bears the mark in its command line."""
        (found,) = [
            process
            for process in psutil.Process(self.process.pid).children()
            if any(mark in part for part in process.cmdline())
        ]
        return found


@contextmanager
def up(home: Path, *arguments: str) -> Iterator[Up]:
    running = Up(home, *arguments)
    try:
        running.wait_for("everything runs")
        yield running
    finally:
        if running.process.poll() is None:
            running.process.terminate()
        running.process.wait(15)


def test_it_starts_everything_and_a_ctrl_c_stops_all_of_it_within_ten_seconds(home: Path) -> None:
    with up(home, "--sandbox") as running:
        assert running.is_healthy()
        names = {line.split()[1] for line in running.log.splitlines()}
        assert names >= {"campaign", "sandbox", "worker-1", "housekeeper", "receiver"}
        began = time.monotonic()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(10) == 0
        assert time.monotonic() - began < 10
        assert not processes_of(home)
    assert running.log.splitlines()[-1].endswith("stopped")
    assert "Traceback" not in running.log


def test_parts_that_die_come_back(home: Path) -> None:
    with up(home) as running:
        worker, receiver = running.child("worker-1@"), running.child("console.receiver")
        prefork = worker.children()
        worker.kill()
        receiver.kill()
        running.wait_for("worker-1 was killed by SIGKILL; starting it again")
        running.wait_for("receiver was killed by SIGKILL; starting it again")
        assert all(is_dead(process) for process in prefork)
        assert running.is_healthy()  # asked at once: the port never closes
        running.wait_for("worker-1@", times=2)
        second = subprocess.run([*UP, "--port", "0"], env=os.environ | {"CAMPAIGN_HOME": str(home)}, **CAPTURED)
        assert second.returncode == 1
        assert f"campaign up already runs in {home} (process {running.process.pid})" in second.stderr
        assert len(second.stderr.splitlines()) <= 3


def test_stores_that_vanish_come_back_and_workers_find_them(home: Path) -> None:
    with up(home) as running:
        for process in processes_of(home):
            if "console.stores.keeper" in process.cmdline():
                process.kill()
        running.wait_for("postgres and its keeper were gone; both are back")
        running.wait_for("valkey and its keeper were gone; both are back")
        running.wait_for("Connected to", times=4)
        assert running.is_healthy()


def test_nothing_outlives_a_kill_9_and_the_next_start_works(home: Path) -> None:
    with up(home) as running:
        before = processes_of(home)
        assert len(before) >= 8
        running.process.kill()
        running.process.wait(5)
        with up(home) as again:  # at once, while the guard is still ending what was left
            assert again.is_healthy()
            keepers = [process for process in before if not is_dead(process)]
            assert not [process for process in keepers if "celery" in process.cmdline()]


def test_nothing_at_all_is_left_some_seconds_after_a_kill_9(home: Path) -> None:
    with up(home) as running:
        running.process.kill()
        running.process.wait(5)
    wait_until(lambda: not processes_of(home), within_s=10)


def test_a_port_that_is_taken_is_told_before_anything_is_started(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = subprocess.run([*UP, "--port", str(port)], env=os.environ | {"CAMPAIGN_HOME": str(home)}, **CAPTURED)
    assert done.returncode == 1
    assert f"port {port} of 127.0.0.1 cannot be listened on" in done.stderr
    assert "--port" in done.stderr
    assert len(done.stderr.splitlines()) <= 3
    assert not (home / "postgres").exists()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_the_start_ends_it_cleanly(home: Path, sign: signal.Signals) -> None:
    running = Up(home)
    running.wait_for("PostgreSQL and Redis are up")
    running.process.send_signal(sign)
    assert running.process.wait(10) == 0
    assert not processes_of(home)
    assert "Traceback" not in running.log


CAPTURED = {"capture_output": True, "text": True, "timeout": 30, "check": False}


def test_the_stand_in_sets_a_quicker_pace_but_for_what_was_chosen(tmp_path: Path) -> None:
    chosen = Settings(_env_file=None, home=tmp_path, lease_s=7.0)
    paced = supervisor._at_the_pace_of_the_sandbox(chosen)
    assert (paced.lease_s, paced.uncertain_grace_s) == (7.0, supervisor.SANDBOX_PACE["uncertain_grace_s"])

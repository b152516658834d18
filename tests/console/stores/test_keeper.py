"""A store lives as long as it has users, comes back when it dies, and dies with its keeper."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from console.stores.processes import is_dead
from console.stores.use import StoreUse
from tests.console.processes import processes_of, wait_until

USER = """
import sys
from pathlib import Path
from console.stores.processes import is_dead
from console.stores.use import StoreUse
with StoreUse(Path(sys.argv[1]), "valkey") as use:
    print(use.address, flush=True)
    sys.stdin.read()
"""


def note(home: Path, store: str) -> dict[str, Any]:
    """What the keeper says of its store; empty while it says nothing."""
    try:
        found: dict[str, Any] = json.loads((home / "run" / f"{store}.json").read_text())
    except FileNotFoundError:
        return {}
    return found


def is_ready_again(home: Path, store: str, *, after: int) -> bool:
    now = note(home, store)
    return bool(now.get("ready")) and now["server"] != after


def kill(pid: int) -> None:
    process = psutil.Process(pid)
    process.send_signal(signal.SIGKILL)
    wait_until(lambda: is_dead(process))


def test_a_killed_postgres_comes_back_with_every_commit(home: Path) -> None:
    with StoreUse(home, "postgres", linger=False) as use:
        with psycopg.connect(use.address) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        dead = note(home, "postgres")["server"]
        kill(dead)
        wait_until(lambda: is_ready_again(home, "postgres", after=dead))
        with psycopg.connect(use.address) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_a_killed_valkey_comes_back_with_what_it_had_written(home: Path) -> None:
    with StoreUse(home, "valkey", linger=False) as use, redis.Redis.from_url(use.address) as client:
        client.set("kept", 7)
        client.waitaof(1, 0, 5000)  # on disk now, not within a second
        dead = note(home, "valkey")["server"]
        kill(dead)
        wait_until(lambda: is_ready_again(home, "valkey", after=dead))
        assert client.get("kept") == b"7"


def test_a_postgres_killed_while_a_session_works_comes_back(home: Path) -> None:
    """The session's process outlives the server for a moment and keeps its memory."""
    with StoreUse(home, "postgres", linger=False) as use:
        busy = psycopg.connect(use.address, autocommit=True)
        pid = busy.info.backend_pid
        busy.execute("SET statement_timeout = 0")
        waiting = psutil.Process(pid)
        waiting.suspend()  # as a session deep in a computation: it does not see that the server has died
        dead = note(home, "postgres")["server"]
        kill(dead)
        wait_until(lambda: is_ready_again(home, "postgres", after=dead), within_s=20)
        assert is_dead(waiting)
        busy.close()


@pytest.mark.parametrize("store", ["postgres", "valkey"])
def test_a_store_dies_with_its_keeper_and_is_started_by_the_next_user(home: Path, store: str) -> None:
    with StoreUse(home, store, linger=False) as use:
        before = note(home, store)
        server = psutil.Process(before["server"])
        kill(before["keeper"])
        wait_until(lambda: is_dead(server))
        assert not use.keeper_lives()
        with StoreUse(home, store) as second:
            assert second.address == use.address
            assert note(home, store)["keeper"] != before["keeper"]


def test_a_store_outlives_its_first_user_while_a_second_uses_it(home: Path) -> None:
    with StoreUse(home, "valkey", linger=False) as second:
        with StoreUse(home, "valkey", linger=False):
            server = note(home, "valkey")["server"]
        time.sleep(0.5)
        with redis.Redis.from_url(second.address) as client:
            assert client.ping()
        assert note(home, "valkey")["server"] == server


@contextmanager
def keeper_that_lingers(home: Path, linger_s: float) -> Iterator[None]:
    """A keeper of our own; users find it, so it is the one that waits for them to leave."""
    command = [sys.executable, "-m", "console.stores.keeper", "valkey", home, "--linger-s", str(linger_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as keeper:
        assert keeper.stdout is not None
        assert json.loads(keeper.stdout.readline())["keeper"] == keeper.pid
        yield
        keeper.wait(10)


def test_a_store_lingers_for_the_next_command_and_then_stops(home: Path) -> None:
    with keeper_that_lingers(home, 1.0):
        server = note(home, "valkey")["server"]
        for _ in range(3):
            time.sleep(0.6)  # together longer than it lingers
            with StoreUse(home, "valkey"):  # too short for a keeper that only looks now and then to see
                assert note(home, "valkey")["server"] == server
        left = time.monotonic()
        wait_until(lambda: not note(home, "valkey"), within_s=5)
        assert time.monotonic() - left >= 0.9


def test_a_store_stops_after_its_only_user_was_killed(home: Path) -> None:
    with keeper_that_lingers(home, 0.5):
        user = subprocess.Popen([sys.executable, "-c", USER, home], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with user:
            assert user.stdout is not None
            assert user.stdout.readline().startswith(b"unix://")
            time.sleep(1)
            assert note(home, "valkey")["ready"]  # used, so it stays
            user.kill()
        wait_until(lambda: not note(home, "valkey"), within_s=5)


def test_a_keeper_that_is_asked_to_end_stops_its_store_cleanly(home: Path) -> None:
    with StoreUse(home, "postgres"):
        before = note(home, "postgres")
        psutil.Process(before["keeper"]).terminate()
        wait_until(lambda: not processes_of(home))
        assert "database system is shut down" in (home / "log" / "postgres.log").read_text()
        assert not note(home, "postgres")


def test_a_keeper_restarts_a_store_again_and_again(home: Path) -> None:
    with StoreUse(home, "valkey", linger=False):
        for _ in range(3):
            dead = note(home, "valkey")["server"]
            kill(dead)
            wait_until(lambda dead=dead: is_ready_again(home, "valkey", after=dead))
        assert (home / "log" / "valkey-keeper.log").read_text().count("starting it again") == 3

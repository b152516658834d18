"""Users of one home share one set of stores, whenever they come."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import redis

from campaign.errors import ConfigurationError
from console.stores.use import StoreUse
from tests.console.processes import processes_of

USER = """
import sys
from pathlib import Path
from console.stores.use import StoreUse
with StoreUse(Path(sys.argv[1]), "valkey", linger=False) as use:
    print((Path(sys.argv[1]) / "run" / "valkey.json").read_text(), flush=True)
    sys.stdin.read()
"""


def test_ten_processes_that_start_at_once_share_one_store(home: Path) -> None:
    home.mkdir()
    users = [
        subprocess.Popen([sys.executable, "-c", USER, home], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(10)
    ]
    notes = [json.loads(user.stdout.readline()) for user in users if user.stdout]
    servers = [p for p in processes_of(home) if "valkey-server" in p.name()]
    for user in users:
        user.communicate(timeout=10)
    assert len({note["server"] for note in notes}) == len(servers) == 1
    assert {note["ready"] for note in notes} == {True}


def test_who_comes_while_the_store_stops_gets_a_fresh_one(home: Path) -> None:
    """Leaving and coming in quick succession: the keeper may be about to stop the store."""
    for number in range(5):
        with StoreUse(home, "valkey", linger=False) as use, redis.Redis.from_url(use.address) as client:
            client.set(f"key-{number}", number)
            assert client.dbsize() == number + 1


def test_a_keeper_that_is_killed_while_it_starts_is_replaced(home: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-m", "console.stores.keeper", "postgres", home],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with starter:
        while not (home / "postgres.part").exists():
            assert starter.poll() is None
        starter.kill()
    with StoreUse(home, "postgres", linger=False) as use:
        assert use.address.startswith("postgresql://")
    assert not (home / "postgres.part").exists()


def test_a_stale_note_is_not_believed(home: Path) -> None:
    """The note of a keeper that was killed, whose number is now borne by another process: this one."""
    with StoreUse(home, "valkey", linger=False):
        note = json.loads((home / "run" / "valkey.json").read_text())
    stale = note | {"keeper": os.getpid(), "server": os.getpid(), "server_born": 1.0, "ready": True}
    (home / "run" / "valkey.json").write_text(json.dumps(stale))
    (home / "run" / "valkey.sock").touch()
    with StoreUse(home, "valkey", linger=False) as use, redis.Redis.from_url(use.address) as client:
        assert client.ping()
        assert json.loads((home / "run" / "valkey.json").read_text())["keeper"] != os.getpid()


def test_a_process_that_is_no_keeper_is_never_signalled(home: Path) -> None:
    """In two containers on one home, a number means two processes; here the note names this one."""
    with StoreUse(home, "valkey", linger=False):
        note = json.loads((home / "run" / "valkey.json").read_text())
        keeper = psutil.Process(note["keeper"])
        (home / "run" / "valkey.json").write_text(json.dumps(note | {"keeper": os.getpid()}))
        (home / "run" / "valkey.keeper.lock").write_text(str(os.getpid()))
    assert keeper.is_running()
    keeper.terminate()


def test_a_store_that_cannot_start_says_why_with_its_last_words(home: Path) -> None:
    (home / "valkey" / "appendonlydir").mkdir(parents=True)
    (home / "valkey" / "appendonlydir" / "appendonly.aof.manifest").write_text("this is no manifest\n")
    with pytest.raises(ConfigurationError, match=r"the embedded valkey does not start: .*valkey\.log") as error:
        StoreUse(home, "valkey").__enter__()
    assert "\n" not in str(error.value)


def test_the_store_is_out_of_reach_of_our_ctrl_c(home: Path) -> None:
    with StoreUse(home, "valkey", linger=False):
        note = json.loads((home / "run" / "valkey.json").read_text())
        ours = os.getpgid(0)
        assert ours not in {os.getpgid(note["keeper"]), os.getpgid(note["server"])}
        assert psutil.Process(note["server"]).ppid() == note["keeper"]

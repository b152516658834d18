"""The embedded Valkey: durable, never evicting, for our eyes only."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from campaign.errors import ConfigurationError
from console.stores import valkey
from console.stores.folders import store_folders
from console.stores.server import ServerProcess
from console.stores.valkey import ValkeyServer


@contextmanager
def client_of(home: Path) -> Iterator["redis.Redis"]:
    folders = store_folders(home)
    server = ValkeyServer(folders)
    process = ServerProcess(server, folders)
    process.start()
    try:
        with redis.Redis.from_url(server.address) as client:
            yield client
    finally:
        process.stop()


def test_it_keeps_what_it_answered_and_throws_nothing_away(home: Path) -> None:
    wanted = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction", "port": "0"}
    with client_of(home) as client:
        assert {name: client.config_get(name)[name] for name in wanted} == wanted


def test_nobody_else_can_enter_its_data_or_its_socket(home: Path) -> None:
    with client_of(home):
        assert (home / "valkey").stat().st_mode & 0o077 == 0
        assert (home / "run" / "valkey.sock").stat().st_mode & 0o077 == 0


def test_a_file_cut_off_in_the_middle_of_a_command_is_loaded_up_to_there(home: Path) -> None:
    """As a machine that lost its power leaves it."""
    with client_of(home) as client:
        client.set("whole", 1)
        client.set("cut", "x" * 1000)
    (newest,) = (home / "valkey" / "appendonlydir").glob("*.incr.aof")
    newest.write_bytes(newest.read_bytes()[:-500])
    with client_of(home) as client:
        assert client.get("whole") == b"1"
        assert client.get("cut") is None


def test_it_is_not_ready_before_it_listens(home: Path) -> None:
    folders = store_folders(home)
    server = ValkeyServer(folders)
    server.prepare()
    assert not server.is_ready()
    with server.spawn() as process:
        process.send_signal(signal.SIGKILL)


def test_an_install_without_a_server_names_the_variable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(valkey, "PACKAGE", "no_such_package")
    with pytest.raises(ConfigurationError, match=r"no Valkey comes with the package.*CAMPAIGN_REDIS_URL"):
        ValkeyServer(store_folders(home)).spawn()

"""The embedded PostgreSQL: durable, alone on its data, and not misled by what a dead server left."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from campaign.errors import ConfigurationError
from console.stores.folders import store_folders
from console.stores.postgres import PostgresServer
from console.stores.server import ServerProcess
from console.stores.use import StoreUse
from tests.console.processes import processes_of, wait_until


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder, made once."""
    home = tmp_path_factory.mktemp("made")
    PostgresServer(store_folders(home)).prepare()
    return home / "postgres"


@pytest.fixture
def home_with_data(home: Path, made: Path) -> Path:
    shutil.copytree(made, home / "postgres")
    return home


@contextmanager
def server_of(home: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(store_folders(home))
    process = ServerProcess(server, store_folders(home))
    process.start()
    try:
        yield server
    finally:
        process.stop()


def test_a_commit_that_was_answered_is_on_the_disk_and_times_are_utc(home_with_data: Path) -> None:
    with server_of(home_with_data) as server, psycopg.connect(server.address) as connection:
        wanted = {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "data_checksums": "on",
            "TimeZone": "UTC",
            "server_encoding": "UTF8",
            "max_connections": "200",
            "wal_level": "replica",
            "jit": "off",
            "listen_addresses": "",
        }
        names = list(wanted)
        rows = connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", (names,)).fetchall()
        assert {str(name): str(setting) for name, setting in rows} == wanted
        assert connection.execute("SELECT datlocale FROM pg_database WHERE datname = 'campaign'").fetchone() == (
            "C.UTF-8",
        )


def test_nobody_else_can_enter_the_data_or_the_socket_folder(home_with_data: Path) -> None:
    with server_of(home_with_data) as server:
        for folder in (server.residence.data, server.residence.sockets):
            assert folder.stat().st_mode & 0o077 == 0


def test_a_stranger_on_the_data_is_named_and_left_alone(home_with_data: Path) -> None:
    stranger = PostgresServer(store_folders(home_with_data))
    with stranger.spawn() as process:
        wait_until(stranger.is_ready)
        with pytest.raises(ConfigurationError, match=rf"another PostgreSQL \(process {process.pid}\).*CAMPAIGN_HOME"):
            StoreUse(home_with_data, "postgres").__enter__()
        assert stranger.is_ready()
        process.send_signal(signal.SIGINT)


def test_a_note_that_names_a_process_of_another_kind_is_no_server(home_with_data: Path) -> None:
    """After a reboot the number that the note names may be anybody's; PostgreSQL alone would refuse to start."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        data = home_with_data / "postgres"
        (data / "postmaster.pid").write_text(f"{other.pid}\n{data}\n1700000000\n5432\n/tmp\n\n  1234567 1\nready\n")
        with server_of(home_with_data) as server:
            assert server.is_ready()
        other.kill()


def test_a_half_made_data_folder_is_made_again(home: Path) -> None:
    (home / "postgres.part" / "base").mkdir(parents=True)
    with server_of(home) as server:
        assert server.is_ready()
    assert not (home / "postgres.part").exists()


def test_variables_and_locale_of_the_shell_do_not_steer_it(
    home_with_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGDATA": "/nowhere", "PGOPTIONS": "-c jit=on", "LC_ALL": "xx_XX.nowhere"}.items():
        monkeypatch.setenv(name, value)
    with server_of(home_with_data) as server:
        assert server.is_ready()


def test_data_of_another_version_is_refused_in_words(home_with_data: Path) -> None:
    (home_with_data / "postgres" / "PG_VERSION").write_text("11\n")
    with pytest.raises(ConfigurationError, match=r"does not start.*(version|incompatible)"):
        StoreUse(home_with_data, "postgres").__enter__()


def test_it_dies_with_the_process_that_started_it(home_with_data: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from console.stores.folders import store_folders
from console.stores.postgres import PostgresServer
server = PostgresServer(store_folders(Path(sys.argv[1])))
server.prepare()
print(server.spawn().pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code, home_with_data], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        os.kill(pid, 0)
        parent.kill()
    wait_until(lambda: not processes_of(home_with_data), within_s=5)

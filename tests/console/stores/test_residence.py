"""As whom PostgreSQL runs: root by either way round its refusal, an ordinary user directly."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from campaign.errors import ConfigurationError
from console.stores import residence
from console.stores.folders import store_folders
from console.stores.postgres import PostgresServer
from console.stores.residence import choose_residence
from console.stores.server import ServerProcess
from console.stores.unprivileged import can_reach, enter_namespace, is_root, namespace_available, unprivileged_account


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can reach, unlike pytest's."""
    with tempfile.TemporaryDirectory(prefix="campaign-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def outside(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In place of /var/lib."""
    monkeypatch.setattr(residence, "OUTSIDE", open_folder / "outside")
    return open_folder / "outside"


def count_start(home: Path, *, allow_namespace: bool) -> tuple[int, int]:
    """Start it, note the start in a table, stop it: how many starts the table tells, and who owns the data."""
    folders = store_folders(home)
    server = PostgresServer(folders, allow_namespace=allow_namespace)
    process = ServerProcess(server, folders)
    process.start()
    try:
        with psycopg.connect(server.address) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS start ()")
            connection.execute("INSERT INTO start DEFAULT VALUES")
            row = connection.execute("SELECT count(*) FROM start").fetchone()
        assert row is not None
        return int(row[0]), server.residence.data.stat().st_uid
    finally:
        process.stop()


def test_an_install_without_a_server_names_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(residence, "PACKAGE", "no_such_package")
    with pytest.raises(ConfigurationError, match=r"no PostgreSQL comes with the package.*CAMPAIGN_DATABASE_URL"):
        choose_residence(store_folders(tmp_path))


if is_root():

    def test_root_runs_it_in_a_namespace_and_owns_its_files(tmp_path: Path) -> None:
        account = unprivileged_account()
        assert account is not None
        if namespace_available(account):  # elsewhere, the next tests are the whole story
            assert count_start(tmp_path / "home", allow_namespace=True) == (1, 0)
            assert count_start(tmp_path / "home", allow_namespace=True) == (2, 0)

    def test_without_namespaces_it_runs_as_another_user_in_a_home_in_reach(open_folder: Path, outside: Path) -> None:
        account = unprivileged_account()
        assert account is not None
        assert count_start(open_folder / "home", allow_namespace=False) == (1, account.uid)
        assert count_start(open_folder / "home", allow_namespace=False) == (2, account.uid)
        assert (open_folder / "home" / "postgres" / "PG_VERSION").exists()
        assert not (open_folder / "home" / "postgres").is_symlink()

    def test_a_home_out_of_reach_keeps_its_data_outside_and_links_to_it(open_folder: Path, outside: Path) -> None:
        account = unprivileged_account()
        assert account is not None
        home = open_folder / "closed" / "home"
        home.mkdir(parents=True)
        home.parent.chmod(0o700)
        assert count_start(home, allow_namespace=False) == (1, account.uid)
        assert count_start(home, allow_namespace=False) == (2, account.uid)
        assert (home / "postgres").is_symlink()
        assert (home / "postgres").resolve().is_relative_to(outside)

    def test_data_follows_when_the_way_of_running_changes(open_folder: Path, outside: Path) -> None:
        account = unprivileged_account()
        assert account is not None
        home = open_folder / "closed" / "home"
        home.mkdir(parents=True)
        home.parent.chmod(0o700)
        ways = [True, False, True] if namespace_available(account) else [False, False, False]
        assert [count_start(home, allow_namespace=way)[0] for way in ways] == [1, 2, 3]

    def test_two_homes_out_of_reach_do_not_share_their_data(open_folder: Path, outside: Path) -> None:
        open_folder.joinpath("closed").mkdir(mode=0o700)
        chosen = [
            choose_residence(store_folders(open_folder / "closed" / name), allow_namespace=False)
            for name in ("one", "two")
        ]
        assert chosen[0].data != chosen[1].data
        assert chosen[0].sockets != chosen[1].sockets

    def test_programs_out_of_reach_are_copied_once(
        open_folder: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account = unprivileged_account()
        assert account is not None
        monkeypatch.setattr(
            residence, "can_reach", lambda who, path: "site-packages" not in str(path) and can_reach(who, path)
        )
        first = choose_residence(store_folders(open_folder / "home"), allow_namespace=False)
        second = choose_residence(store_folders(open_folder / "home"), allow_namespace=False)
        assert first.programs == second.programs
        assert first.programs.is_relative_to(outside)
        version = subprocess.run(
            [first.programs / "postgres", "--version"], capture_output=True, text=True, user=account.uid
        )
        assert version.stdout.startswith("postgres (PostgreSQL) 18")
        assert not list(outside.glob("*.part"))


ORDINARY = """
import os, sys
from pathlib import Path
import psycopg
from console.embedded import embedded_stores
assert os.geteuid() != 0
with embedded_stores(Path(sys.argv[1]), linger=False) as addresses:
    with psycopg.connect(addresses.database_url) as connection:
        print(connection.execute("SELECT count(*) FROM message").fetchone())
"""


def test_an_ordinary_user_runs_the_stores_as_they_are(open_folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    interpreter, identity = _ordinary_user(open_folder)
    command = [interpreter, "-c", ORDINARY, str(open_folder / "home")]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, cwd="/", timeout=60, check=False, **identity
    )
    assert done.stdout == "(0,)\n", done.stderr


def _ordinary_user(folder: Path) -> tuple[str, dict[str, Any]]:
    """How to be one: as we are; as root by becoming nobody, or where nobody cannot reach our interpreter, in a name."""
    if not is_root():
        return sys.executable, {}
    account = unprivileged_account()
    assert account is not None
    needed = [Path(sys.executable).resolve().parent, Path(psycopg.__path__[0]), Path(residence.__file__).parent]
    if all(can_reach(account, folder) for folder in needed):
        os.chown(folder, account.uid, account.gid)
        return sys.executable, {"user": account.uid, "group": account.gid, "extra_groups": []}
    return sys.executable, {"preexec_fn": lambda: enter_namespace(account)}

"""Configured servers are used as they are and never changed; the rest is embedded, and migrates by itself."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from campaign.errors import ConfigurationError
from campaign.settings import Settings
from console.embedded import embedded_stores, revive_stores, stores
from console.migrate import schema_is_current
from console.stores.use import StoreUse
from tests.console.processes import processes_of, wait_until


def settings(home: Path, **values: object) -> Settings:
    return Settings(_env_file=None, home=home, **values)


def server_names(home: Path) -> set[str]:
    """Which kinds of server run for a home."""
    return {process.name() for process in processes_of(home)} & {"postgres", "valkey-server"}


def test_without_addresses_both_stores_are_embedded_and_migrated(home: Path) -> None:
    with stores(settings(home), linger=False) as addresses:
        assert schema_is_current(addresses.database_url)
        with redis.Redis.from_url(addresses.redis_url) as client:
            assert client.ping()
    assert not processes_of(home)


def test_data_outlives_the_stores(home: Path) -> None:
    with embedded_stores(home, linger=False) as addresses, redis.Redis.from_url(addresses.redis_url) as client:
        client.set("kept", 7)
        with psycopg.connect(addresses.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    assert not processes_of(home)
    with embedded_stores(home, linger=False) as addresses, redis.Redis.from_url(addresses.redis_url) as client:
        assert client.get("kept") == b"7"
        with psycopg.connect(addresses.database_url) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_servers_that_are_named_are_used_as_they_are(home: Path, database_url: str, redis_url: str) -> None:
    with stores(settings(home, database_url=database_url, redis_url=redis_url)) as addresses:
        assert (addresses.database_url, addresses.redis_url) == (database_url, redis_url)
        assert not home.exists()  # nothing is started, nothing is made


def test_one_that_is_named_and_one_that_is_not(home: Path, database_url: str, redis_url: str) -> None:
    with stores(settings(home, database_url=database_url), linger=False) as addresses:
        assert addresses.database_url == database_url
        assert server_names(home) == {"valkey-server"}
    with stores(settings(home, redis_url=redis_url), linger=False) as addresses:
        assert addresses.redis_url == redis_url
        assert server_names(home) == {"postgres"}


def test_a_server_behind_the_code_is_not_migrated_but_told_of(home: Path, redis_url: str) -> None:
    with embedded_stores(home, migrate=False, linger=False) as addresses:
        named = settings(home, database_url=addresses.database_url, redis_url=redis_url)
        with pytest.raises(ConfigurationError, match="is behind this program; run `campaign migrate`"):
            stores(named).__enter__()
        with psycopg.connect(addresses.database_url) as connection:
            assert connection.execute("SELECT to_regclass('campaign')").fetchone() == (None,)


def test_a_wrong_address_is_told_before_anything_is_started(home: Path) -> None:
    wrong = settings(home, database_url="postgresql://me:hunter2@127.0.0.1:1/shop")
    with pytest.raises(
        ConfigurationError, match=r"no connection to the database postgresql://127.0.0.1:1/shop"
    ) as error:
        stores(wrong).__enter__()
    assert "hunter2" not in str(error.value)
    assert not home.exists()


def test_a_home_with_an_awkward_name_works(tmp_path: Path) -> None:
    home = tmp_path / ("a b, ü %d 'q' " + "x" * 80)
    with embedded_stores(home, linger=False) as addresses, redis.Redis.from_url(addresses.redis_url) as client:
        assert schema_is_current(addresses.database_url)
        assert client.ping()
    Path(addresses.redis_url.removeprefix("unix://")).parent.rmdir()


def test_stores_whose_keepers_were_killed_are_back_at_the_same_addresses(home: Path) -> None:
    with stores(settings(home), linger=False) as addresses:
        for process in processes_of(home):
            if "console.stores.keeper" in process.cmdline():
                process.kill()
        wait_until(
            lambda: not StoreUse(home, "postgres").keeper_lives() and not StoreUse(home, "valkey").keeper_lives()
        )
        assert sorted(revive_stores(settings(home))) == ["postgres", "valkey"]
        assert revive_stores(settings(home)) == []
        assert schema_is_current(addresses.database_url)


def test_stores_of_a_server_are_not_ours_to_revive(home: Path, database_url: str, redis_url: str) -> None:
    assert revive_stores(settings(home, database_url=database_url, redis_url=redis_url)) == []


def test_they_start_from_any_folder(home: Path, tmp_path: Path) -> None:
    (tmp_path / "console").mkdir()  # a folder of the user's that happens to have the name of one of ours
    (tmp_path / "console" / "__init__.py").write_text("raise SystemExit('the wrong console')")
    code = """
import sys; sys.path.remove("")
from pathlib import Path
from console.embedded import embedded_stores
with embedded_stores(Path("home"), linger=False) as addresses:
    print(addresses.redis_url)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == f"unix://{home}/run/valkey.sock\n", done.stderr

"""Servers out of reach, told in one line without a password."""

import socket
from collections.abc import Iterator

import pytest

from campaign.errors import ConfigurationError
from console.stores import reach
from console.stores.reach import check_redis, connect_database, masked

SECRET = "hunter2-is-secret"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of ours that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield silent.getsockname()[1]


def assert_one_clear_line(error: ConfigurationError, variable: str) -> None:
    assert SECRET not in str(error)
    assert "\n" not in str(error)
    assert variable in str(error)


def test_a_database_that_answers_is_connected(database_url: str) -> None:
    with connect_database(database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:{secret}@127.0.0.1:{port}/shop",
        "postgres://u:{secret}@127.0.0.1:{port}/shop?connect_timeout=1",
        "postgresql://127.0.0.1:{port}/shop?user=u&password={secret}",
        "postgresql://u:{secret}@/shop?host=/no/such/folder",
        "postgresql://u:{secret}@host.invalid/shop",
        "postgresql://u:{secret}@127.0.0.1:99999999/shop",
        "postgresql://u:{secret}@[::1/shop",
        "postgresql://u:{secret}@127.0.0.1:{port}/shop?no_such_option=1",
    ],
)
def test_a_database_out_of_reach_is_one_line(address: str, closed_port: int) -> None:
    with pytest.raises(ConfigurationError) as error:
        connect_database(address.format(secret=SECRET, port=closed_port))
    assert_one_clear_line(error.value, "CAMPAIGN_DATABASE_URL")


def test_a_database_that_does_not_exist_is_named(database_url: str) -> None:
    wrong = database_url.replace("/campaign?", "/no_such_database?")
    with pytest.raises(ConfigurationError, match=r'database "no_such_database" does not exist'):
        connect_database(wrong)


@pytest.mark.parametrize("address", ["mysql://u@h/d", "shop.db", f"host=localhost password={SECRET}", ""])
def test_an_address_of_another_kind_is_refused_with_the_form_it_should_have(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"postgresql://user:password@host:5432/name") as error:
        connect_database(address)
    assert SECRET not in str(error.value)


def test_a_redis_that_answers_passes(redis_url: str) -> None:
    check_redis(redis_url)


@pytest.mark.parametrize(
    "address",
    [
        "redis://:{secret}@127.0.0.1:{port}/0",
        "redis://u:{secret}@127.0.0.1:{port}",
        "redis://127.0.0.1:{port}/0?password={secret}",
        "unix:///no/such/socket",
        "redis://:{secret}@host.invalid",
        "redis://:{secret}@127.0.0.1:not-a-port",
        "redis://127.0.0.1:{port}/0?no_such_option=1",
        "http://127.0.0.1:{port}",
    ],
)
def test_a_redis_out_of_reach_is_one_line(address: str, closed_port: int) -> None:
    with pytest.raises(ConfigurationError) as error:
        check_redis(address.format(secret=SECRET, port=closed_port))
    assert_one_clear_line(error.value, "CAMPAIGN_REDIS_URL")


def test_servers_that_never_answer_are_given_up(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "CONNECT_TIMEOUT_S", 2)  # less is 2 for libpq, too
    for attempt in (
        lambda: check_redis(f"redis://127.0.0.1:{silent_port}"),
        lambda: connect_database(f"postgresql://u@127.0.0.1:{silent_port}/d"),
    ):
        with pytest.raises(ConfigurationError, match=str(silent_port)):
            attempt()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"postgresql://me:{SECRET}@db.example:5433/shop?sslpassword={SECRET}", "postgresql://db.example:5433/shop"),
        (f"redis://:{SECRET}@cache.example/0", "redis://cache.example/0"),
        ("unix:///run/valkey.sock", "unix:///run/valkey.sock"),
        (f"postgresql://me:{SECRET}@[broken/shop", "postgresql://…"),
    ],
)
def test_a_masked_address_has_the_place_and_no_secret(address: str, shown: str) -> None:
    assert masked(address) == shown

"""Real stores for every test: an embedded PostgreSQL and Valkey of this run alone, migrated once, emptied after use."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from sqlalchemy import text

from campaign.settings import PREFIX, Settings, current_settings
from console.embedded import StoreAddresses, embedded_stores
from models import Base
from models.session import Sessions, make_engine, make_sessions


@pytest.fixture(scope="session", autouse=True)
def _environment_without_settings() -> Iterator[None]:
    """No test sees the settings of the shell it was started from."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
            patch.delenv(name)
        # The phones of fiction are American, and marketing to them is off by default.
        patch.setenv(f"{PREFIX}US_MARKETING", "true")
        current_settings.cache_clear()
        yield


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreAddresses]:
    """Both stores of this run; gone at its end."""
    with embedded_stores(tmp_path_factory.mktemp("stores"), linger=False) as addresses:
        yield addresses


@pytest.fixture(scope="session")
def database_url(stores: StoreAddresses) -> str:
    return stores.database_url


@pytest.fixture(scope="session")
def redis_url(stores: StoreAddresses) -> str:
    return stores.redis_url


@pytest.fixture(scope="session")
def _all_sessions(database_url: str) -> Iterator[Sessions]:
    engine = make_engine(database_url)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture
def sessions(_all_sessions: Sessions) -> Iterator[Sessions]:
    """Sessions on the migrated database; every table is empty again after the test."""
    yield _all_sessions
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with _all_sessions() as session, session.begin():
        # A test that leaves a transaction open fails here, by name, instead of the next one.
        session.execute(text("SET LOCAL lock_timeout = '3s'"))
        # The ledger of consent refuses it otherwise.
        session.execute(text("SET LOCAL campaign.emptying = 'on'"))
        session.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))


@pytest.fixture
def redis_client(redis_url: str) -> Iterator["redis.Redis"]:
    """A client of the run's Valkey; its database is empty again after the test."""
    with redis.Redis.from_url(redis_url, socket_timeout=5) as client:
        yield client
        client.flushdb()


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """Settings on the run's stores, with waits short enough for a test."""
    return Settings(
        _env_file=None,
        database_url=database_url,
        redis_url=redis_url,
        home=tmp_path,
        receiver_port=0,
        lane_run_s=2.0,
        lane_ttl_s=1.0,
        lease_s=3.0,
        send_timeout_s=2.0,
        connect_timeout_s=1.0,
        pair_interval_s=0.0,
        brake_s=0.3,
        brake_recovery_s=2.0,
        retry_backoff_s=0.1,
        retry_backoff_max_s=1.0,
        beat_interval_s=0.2,
        sweep_interval_s=0.3,
        uncertain_grace_s=1.0,
        webhook_retry_s=2.0,
        template_refresh_s=2.0,
    )

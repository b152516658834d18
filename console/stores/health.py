"""Facts about the stores that decide whether the engine can rely on them: clocks, eviction, durability."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import redis

from campaign.errors import ConfigurationError
from console.stores.reach import CONNECT_TIMEOUT_S, check_redis, connect_database, masked


@dataclass(frozen=True)
class RedisHealth:
    """What a Redis says of itself. `evicts` names its policy when it may throw keys away."""

    version: str
    evicts: str | None
    durable: bool
    clock: datetime


def database_clock(database_url: str) -> datetime:
    """The database's clock, UTC.

    raises   ConfigurationError when it is out of reach
    """
    with connect_database(database_url) as connection:
        row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    return cast(datetime, row[0]).astimezone(UTC)


def redis_health(redis_url: str) -> RedisHealth:
    """What decides whether limiter and broker can rely on a Redis.

    raises   ConfigurationError when it is out of reach or does not tell
    """
    check_redis(redis_url)
    timeouts = {"socket_connect_timeout": CONNECT_TIMEOUT_S, "socket_timeout": CONNECT_TIMEOUT_S}
    try:
        with redis.Redis.from_url(redis_url, **timeouts) as client:
            facts = cast(dict[str, Any], client.info())
            seconds, microseconds = cast(tuple[int, int], client.time())
    except redis.RedisError as error:
        raise ConfigurationError(f"Redis at {masked(redis_url)} does not answer INFO: {error}") from None
    policy = str(facts.get("maxmemory_policy", "noeviction"))
    return RedisHealth(
        version=str(facts.get("valkey_version", facts.get("redis_version", "unknown"))),
        evicts=None if policy == "noeviction" or not facts.get("maxmemory") else policy,
        durable=bool(facts.get("aof_enabled")),
        clock=datetime.fromtimestamp(seconds + microseconds / 1e6, UTC),
    )

"""What the stores say of themselves."""

from datetime import UTC, datetime

import pytest

from campaign.errors import ConfigurationError
from console.stores.health import database_clock, redis_health


def test_clocks_are_told_in_utc(database_url, redis_url):
    for theirs in (database_clock(database_url), redis_health(redis_url).clock):
        assert theirs.tzinfo is UTC
        assert abs((datetime.now(UTC) - theirs).total_seconds()) < 5


def test_the_embedded_redis_is_durable_and_keeps_every_key(redis_url):
    health = redis_health(redis_url)
    assert (health.durable, health.evicts) == (True, None)


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_a_policy_that_throws_keys_away_is_named_when_memory_is_limited(redis_url, redis_client, policy):
    redis_client.config_set("maxmemory-policy", policy)
    try:
        assert redis_health(redis_url).evicts is None
        redis_client.config_set("maxmemory", "1gb")
        assert redis_health(redis_url).evicts == policy
    finally:
        redis_client.config_set("maxmemory", "0")
        redis_client.config_set("maxmemory-policy", "noeviction")


def test_stores_out_of_reach_are_errors_for_people():
    with pytest.raises(ConfigurationError, match="no connection to Redis"):
        redis_health("redis://127.0.0.1:9")
    with pytest.raises(ConfigurationError, match="no connection to the database"):
        database_clock("postgresql://127.0.0.1:9/x")

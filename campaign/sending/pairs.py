"""The pair limit: one message per sender and person in some seconds, across campaigns and workers.

Source: platform.md E, "pair rate". The platform would answer 131056.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from redis import Redis
from redis.exceptions import RedisError

from campaign.sending.limiter import LimiterUnavailable, load_script
from campaign.settings import Settings


class Pairs:
    """Who was written to just now, in Redis. An interval of 0 switches it off."""

    def __init__(self, redis: "Redis", settings: Settings) -> None:
        self._redis = redis
        self._interval_ms = int(settings.pair_interval_s * 1000)
        self._script = load_script(redis, "pairs.lua")

    def take(self, sender_id: int, identities: Sequence[str]) -> list[float]:
        """Take each pair that is free; 0 for those, else the seconds that it has to rest.

        raises  LimiterUnavailable when Redis does not answer
        """
        if not self._interval_ms or not identities:
            return [0.0] * len(identities)
        try:
            waits = cast("list[int]", self._script(keys=_keys(sender_id, identities), args=[self._interval_ms]))
        except RedisError as error:
            raise LimiterUnavailable(f"Redis does not answer: {type(error).__name__}") from error
        return [wait_ms / 1000 for wait_ms in waits]

    def release(self, sender_id: int, identity: str) -> None:
        """Free a pair whose message was not taken by the platform, so that its next try need not rest.

        Without Redis it rests: the key runs out by itself.
        """
        if self._interval_ms:
            with suppress(RedisError):
                self._redis.delete(*_keys(sender_id, [identity]))


def _keys(sender_id: int, identities: Sequence[str]) -> list[str]:
    return [f"campaign:pair:{sender_id}:{identity}" for identity in identities]

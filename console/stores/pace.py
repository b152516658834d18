"""What the limiters grant, for whoever only looks on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis

from campaign.sending.limiter import Limiter, LimiterUnavailable
from campaign.settings import Settings

TIMEOUT_S = 1.0

Share = Callable[[int], float]
"""The share of a sender's rate that is in force, by its id, 0..1."""


@contextmanager
def shares(redis_url: str, settings: Settings) -> Iterator[Share]:
    """The shares in force, as often as one asks; 0 while Redis does not answer, since nobody may send then."""
    with redis.Redis.from_url(redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S) as client:

        def share(sender_id: int) -> float:
            try:
                return Limiter(client, f"sender:{sender_id}", settings).share()
            except LimiterUnavailable:
                return 0.0

        yield share

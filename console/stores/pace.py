"""What the limiters grant, for whoever only looks on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis

from campaign.sending.endpoints import messages_endpoint, number_rate
from campaign.sending.limiter import Limiter, LimiterUnavailable
from campaign.settings import Settings, current_settings
from models.sender import Sender

TIMEOUT_S = 1.0

Share = Callable[[int], float]
"""The share of a sender's rate that is in force, by its id, 0..1."""


def effective_rate(sender: Sender, share: Share) -> float:
    """Messages per second that a sender may send now: with brakes on, flagged, and as its endpoint takes them."""
    endpoint, flagged_share = messages_endpoint(sender), current_settings().flagged_share
    rate = number_rate(sender, flagged_share) * share(sender.id)
    return round(min(rate, endpoint.per_s) if endpoint else rate, 1)


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

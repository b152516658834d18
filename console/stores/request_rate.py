"""How fast one API key may ask: so many requests at once, then so many per second; the same for every process.

A GCRA with a burst, in Redis on its clock. It protects the console from a script that has gone wild and is no permit to
send: while Redis does not answer, every request is let through, so that a campaign can still be paused.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources

import redis
import structlog
from redis.exceptions import RedisError

from campaign.settings import Settings

log = structlog.get_logger(__name__)

US = 1_000_000
TIMEOUT_S = 0.5
KEY = "campaign:api-rate:"


@contextmanager
def request_rate(redis_url: str, settings: Settings) -> Iterator[Callable[[str], float]]:
    """Counts a request of a key and says how long it has to wait; 0 when it may go on."""
    script = resources.files("console.stores").joinpath("request_rate.lua").read_text()
    pace_us = US / settings.api_rate
    with redis.Redis.from_url(redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S) as client:
        ask = client.register_script(script)

        def wait(name: str) -> float:
            try:
                return float(ask(keys=[KEY + name], args=[pace_us, settings.api_burst])) / US
            except RedisError as error:
                log.warning("requests are not counted", error=type(error).__name__)
                return 0.0

        yield wait

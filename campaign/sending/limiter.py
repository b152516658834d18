"""Permits to send, handed out by Redis: one limiter per sender, shared by every worker on every machine.

A permit is an instant. The script hands out the next free instants, one interval apart, and whoever holds one sends at
that instant or not at all; so the rate is reached and no sliding second holds more than the rate. Redis gone, or
emptied: no permits, no sending. The idea is the generic cell rate algorithm (ITU-T I.371) without a burst.

Where the provider limits requests to an endpoint, the same call asks a second bucket, that one with its burst. A server
that does not know the script was started, or took over, since: it may remember less than was handed out, so nothing is
handed out until every permit from before is void.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from importlib import resources
from typing import Any, cast

from redis import Redis
from redis.commands.core import Script
from redis.exceptions import NoScriptError, RedisError

from campaign.sending.endpoints import EndpointLimit
from campaign.settings import Settings

US = 1_000_000
FIRST_MET = "campaign:limiter:first-met"
LEAST_FACTOR = 1 / 16
# How long complaints that belong to requests already under way may trickle in after a brake.
SETTLE_S = 2.0


class LimiterUnavailable(Exception):
    """Redis did not answer: nobody may send."""


@dataclass(frozen=True, slots=True)
class Permits:
    """Instants at which to send, `interval_s` apart, in the local `clock`'s seconds; or none, and how long to wait.

    factor         share of the rate in force, 0..1
    braked_for_s   the platform throttled: no permits for that long
    pace_us        what one permit takes of the endpoint's bucket, microseconds; 0 where it has no limit
    """

    first_at: float
    interval_s: float
    count: int
    wait_s: float
    factor: float
    braked_for_s: float
    server_first_us: float
    pace_us: float = 0.0

    def at(self, index: int) -> float:
        """The instant of one permit."""
        return self.first_at + index * self.interval_s

    def first_usable(self, index: int, not_before: float) -> int:
        """The first permit from `index` on that is not older than `not_before`; `count` when there is none."""
        missed = math.ceil((not_before - self.first_at) / self.interval_s)
        return min(self.count, max(index, missed))


NO_PERMITS = Permits(
    first_at=0.0, interval_s=1.0, count=0, wait_s=0.0, factor=1.0, braked_for_s=0.0, server_first_us=0.0
)


class Limiter:
    """The rate of one sender or the cap of one campaign. `clock` is monotonic, in seconds."""

    def __init__(
        self, redis: "Redis", key: str, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._redis = redis
        self._script = read_script("limiter.lua")
        self._sha = sha1(self._script.encode()).hexdigest()
        self._keys = (f"campaign:limiter:{key}", FIRST_MET, f"campaign:endpoint:{key}")
        self._clock = clock
        self._horizon_us = settings.permit_horizon_s * US
        # Long enough that no permit handed out before Redis was emptied can still be used.
        self._cold_us = self._horizon_us + settings.permit_late_s * US
        self._recovery_us = settings.brake_recovery_s * US
        self._keep = 1 - settings.rate_margin
        self._server_clock = ServerClock()

    def reserve(self, rate_per_s: float, want: int, endpoint: EndpointLimit | None = None) -> Permits:
        """Up to `want` instants within the horizon, at `rate_per_s` less the margin, and within the endpoint's limit.

        raises  LimiterUnavailable when Redis does not answer
        """
        rate = rate_per_s * self._keep
        pace_us = US / (endpoint.per_s * self._keep) if endpoint else 0.0
        burst = max(1, int(endpoint.burst * self._keep)) if endpoint else 0
        arguments = ("reserve", rate, want, self._horizon_us, self._cold_us, self._recovery_us, pace_us, burst)
        asked_at = self._clock()
        count, *texts = cast("list[str]", self._call(*arguments))
        start_us, interval_us, now_us, factor, until_us = map(float, texts)
        offset_s = self._server_clock.offset_s(asked_at, self._clock(), now_us)
        return Permits(
            first_at=start_us / US - offset_s,
            interval_s=interval_us / US,
            count=int(count),
            wait_s=max(0.0, (start_us - now_us) / US),
            factor=factor,
            braked_for_s=max(0.0, (until_us - now_us) / US),
            server_first_us=start_us,
            pace_us=pace_us,
        )

    def give_back(self, permits: Permits, used: int) -> None:
        """Return the permits that found no message, unless somebody already reserved behind them."""
        interval_us = permits.interval_s * US
        end_us = permits.server_first_us + permits.count * interval_us
        level_us = (permits.count - used) * permits.pace_us
        self._call("give_back", end_us, permits.server_first_us + used * interval_us, level_us)

    def brake(self, stop_s: float) -> float:
        """Stop everybody for `stop_s`, then go on at half the rate and climb back.

        returns the end of the stop by the server's clock: permits that begin earlier are void
        raises  LimiterUnavailable when Redis does not answer; then nobody gets permits anyway
        """
        _, until_us = cast("list[str]", self._call("brake", stop_s * US, LEAST_FACTOR, SETTLE_S * US))
        return float(until_us)

    def share(self) -> float:
        """The share of the rate in force, 0..1; 0 while everybody is stopped. Changes nothing.

        raises  LimiterUnavailable when Redis does not answer
        """
        return float(cast("str | bytes", self._call("look", self._recovery_us)))

    def _call(self, *arguments: object) -> Any:
        try:
            try:
                return self._evaluate(*arguments)
            except NoScriptError:
                self._meet()
                return self._evaluate(*arguments)
        except RedisError as error:
            raise LimiterUnavailable(f"Redis does not answer: {type(error).__name__}") from error

    def _evaluate(self, *arguments: object) -> Any:
        return self._redis.evalsha(self._sha, len(self._keys), *self._keys, *arguments)  # type: ignore[arg-type]

    def _meet(self) -> None:
        """Teach a server the script. That they met is noted first, so that nobody finds one without the other."""
        seconds, microseconds = self._redis.time()
        self._redis.set(FIRST_MET, seconds * US + microseconds)
        self._redis.script_load(self._script)


class ServerClock:
    """What to subtract from the server's clock to get the local one, from the fastest exchange of late."""

    REMEMBER_S = 30.0

    def __init__(self) -> None:
        self._best_trip_s = float("inf")
        self._offset_s = 0.0
        self._measured_at = 0.0

    def offset_s(self, asked_at: float, answered_at: float, server_us: float) -> float:
        """Offset after one more exchange; a slow one tells nothing new, so the best of the last 30 s stands."""
        trip_s = answered_at - asked_at
        if trip_s <= self._best_trip_s or answered_at - self._measured_at > self.REMEMBER_S:
            self._best_trip_s = trip_s
            self._offset_s = server_us / US - (asked_at + answered_at) / 2
            self._measured_at = answered_at
        return self._offset_s


def load_script(redis: "Redis", name: str) -> Script:
    """A Lua script that stands beside this module."""
    return redis.register_script(read_script(name))


@cache
def read_script(name: str) -> str:
    """The text of a Lua script that stands beside this module."""
    return resources.files("campaign.sending").joinpath(name).read_text()

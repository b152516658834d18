"""Turns at a gateway's endpoints beside messages: templates, media, settings and contacts share one request limit.

Every process asks the same bucket in Redis. A command that was told of no Redis keeps the pace by itself, without the
burst, which leaves the others theirs.
"""

import asyncio
import time

import structlog

from campaign.errors import PlatformError
from campaign.sending.endpoints import EndpointLimit
from campaign.sending.limiter import Limiter, LimiterUnavailable

log = structlog.get_logger(__name__)

LONGEST_WAIT_S = 10.0
"""Longest wait for a turn, seconds; a message may hang on it, whose lease must not run out meanwhile."""

TOLD_S = 1.0
"""A wait of which the log tells, seconds."""

AT_ONCE_PER_S = 1000.0
"""How fast a burst may leave."""


class Turns:
    """The turns of one sender at one provider. `limiter` None: by the pace of this process alone."""

    def __init__(self, limiter: Limiter | None, limit: EndpointLimit, sender: str) -> None:
        self._limiter = limiter
        self._limit = limit
        self._sender = sender
        self._next_at = 0.0

    async def __call__(self) -> None:
        """Wait until one more request may leave.

        raises  PlatformError when that is not within `LONGEST_WAIT_S`, or Redis does not answer
        """
        began = time.monotonic()
        while (wait_s := await self._wait_s()) is not None:
            if time.monotonic() + wait_s - began > LONGEST_WAIT_S:
                raise PlatformError(
                    f"the provider of sender {self._sender} takes {self._limit.per_s:g} requests a second, and more "
                    "are waiting already; try again in a minute"
                )
            await asyncio.sleep(wait_s)
        if (waited_s := time.monotonic() - began) > TOLD_S:
            log.info("waited for the provider's request limit", sender=self._sender, waited_s=round(waited_s, 1))

    async def _wait_s(self) -> float | None:
        """How long to wait before asking again; None: the turn has come."""
        if self._limiter is None:
            return self._own_wait_s()
        try:
            permits = await asyncio.to_thread(self._limiter.reserve, AT_ONCE_PER_S, 1, self._limit)
        except LimiterUnavailable as error:
            raise PlatformError(
                f"{error}, and so the request limit of sender {self._sender}'s provider cannot be kept; start Redis"
            ) from None
        if not permits.count:
            return permits.wait_s
        await asyncio.sleep(max(0.0, permits.at(0) - time.monotonic()))
        return None

    def _own_wait_s(self) -> float | None:
        now = time.monotonic()
        if now < self._next_at:
            return self._next_at - now
        self._next_at = now + 1 / self._limit.per_s
        return None

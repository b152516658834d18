"""How much the platform takes: per second, per pair, per day and account, per hour of management calls.

Values: platform.md E. Throughput is real time; pair, tier and management windows are platform time.
"""

from collections import deque

from sandbox.refusals import Refusal
from sandbox.scenario import Limits

_DAY_S, _HOUR_S = 86_400.0, 3_600.0
# Pairs kept before the idle ones are let go; some 5 MB.
_PRUNE_FROM = 50_000


class Throughput:
    """Requests admitted in the last second, per number: at most so many in any window of 1.000 s."""

    def __init__(self) -> None:
        self._admitted: dict[str, deque[float]] = {}

    def admit(self, number_id: str, now: float, per_s: int) -> bool:
        """Count a message of a number, in or out, unless the window is full."""
        window = self._admitted.get(number_id)
        if window is None:
            window = self._admitted[number_id] = deque()
        while window and now - window[0] >= 1.0:
            window.popleft()
        # A refused request does not count, or a client that knocks too fast would never get in again.
        if len(window) >= per_s:
            return False
        window.append(now)
        return True


class PairLimit:
    """One message per interval to one person, with a burst borrowed from later allowance (a leaky bucket per pair)."""

    def __init__(self) -> None:
        self._full_until: dict[tuple[str, str], float] = {}
        self._prune_at = _PRUNE_FROM

    def take(self, pair: tuple[str, str], now: float, limits: Limits) -> None:
        """Count a message to a person.

        raises  Refusal 131056 when the burst is used up
        """
        if limits.pair_interval_s <= 0:
            return
        # The bucket empties by one message per interval; its level is kept as the time when it is empty.
        arrival = max(self._full_until.get(pair, 0.0), now)
        if arrival - now > limits.pair_interval_s * (limits.pair_burst - 1):
            raise Refusal(131056)
        self._full_until[pair] = arrival + limits.pair_interval_s
        # Rarely, and over all pairs at once: dearer each time, but constant per message.
        if len(self._full_until) > self._prune_at:
            self._full_until = {key: until for key, until in self._full_until.items() if until > now}
            self._prune_at = max(_PRUNE_FROM, 2 * len(self._full_until))


class Tier:
    """Different people written to in the last 24 h, over all numbers of the account."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def take(self, person: str, now: float, limits: Limits) -> None:
        """Count a person outside an open window.

        raises  Refusal with `limits.tier_code`; no code of its own is documented, platform.md E
        """
        if limits.tier <= 0:
            return
        # Whoever counts already may be written to again.
        last = self._last.pop(person, None)
        if last is None or now - last >= _DAY_S:
            self._forget(now)
            if len(self._last) >= limits.tier:
                raise Refusal(limits.tier_code, "The messaging limit of the business is reached.")
        self._last[person] = now

    def used(self, now: float) -> int:
        """How many different people count at present."""
        self._forget(now)
        return len(self._last)

    def _forget(self, now: float) -> None:
        # Re-inserted at each message, people stand in order of time: the oldest are in front.
        while self._last:
            oldest = next(iter(self._last))
            if now - self._last[oldest] < _DAY_S:
                return
            del self._last[oldest]


class ManagementCalls:
    """Calls other than messages, per hour."""

    def __init__(self) -> None:
        self._calls: deque[float] = deque()

    def take(self, now: float, per_h: int) -> None:
        """Count a call.

        raises  Refusal 80007 when the hour's budget is used up
        """
        if per_h <= 0:
            return
        while self._calls and now - self._calls[0] >= _HOUR_S:
            self._calls.popleft()
        if len(self._calls) >= per_h:
            raise Refusal(80007)
        self._calls.append(now)

"""Two clocks: real time, and the platform's own time, which a scenario may let run faster (a day in a second).

Real time rules what a client measures: latency, throughput, delays of webhooks. Platform time rules what would take
hours: caps, TTLs, tiers, pauses, verdicts.
"""

import time


class Clock:
    """Epoch seconds that never step back.

    factor  platform seconds that pass in one real second
    """

    def __init__(self, factor: float = 1.0) -> None:
        # Monotonic underneath: a clock that steps back would turn arrivals around.
        self._offset = time.time() - time.monotonic()
        self._factor = factor
        self._real_mark = self._platform_mark = self.now()

    def now(self) -> float:
        """Real time, epoch seconds."""
        return time.monotonic() + self._offset

    def platform_now(self) -> float:
        """The platform's time, epoch seconds; equal to real time while the factor is 1."""
        return self._platform_mark + (self.now() - self._real_mark) * self._factor

    def real_s(self, platform_s: float) -> float:
        """How many real seconds a duration of the platform takes."""
        return platform_s / self._factor

    def run_at(self, factor: float) -> None:
        """Change the pace from now on; what has passed stays passed."""
        self._platform_mark, self._real_mark = self.platform_now(), self.now()
        self._factor = factor

"""A warm-up: a daily cap of a number that begins low and rises, so that its quality can keep up. Pure.

The day counts from the first message, not from when the plan was made. Source: platform.md G.5.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from campaign.errors import UsageError

MOST_PEOPLE = 1_000_000_000
"""No cap rises above this; there are not as many people to write to."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """`start` people in 24 hours, times `grow` after every `every`.

    until  the plan is over when the cap has come so far; None: it rises until nothing is left of it
    began  the first message; None before it
    """

    start: int
    grow: float
    every: timedelta
    until: int | None = None
    began: datetime | None = None

    @classmethod
    def kept(cls, plan: Mapping[str, Any] | None, began: datetime | None) -> Self | None:
        """The plan as a sender keeps it, or None."""
        if plan is None:
            return None
        return cls(plan["start"], plan["grow"], timedelta(seconds=plan["every_s"]), plan["until"], began)

    def to_keep(self) -> dict[str, Any]:
        """The plan as a sender keeps it."""
        return {"start": self.start, "grow": self.grow, "every_s": self.every.total_seconds(), "until": self.until}

    def cap_at(self, now: datetime) -> int | None:
        """People in 24 hours at `now`; None when the plan is over."""
        return self._cap(max(0, (now - self.began) // self.every) if self.began else 0)

    def rises_at(self, now: datetime) -> datetime | None:
        """When the cap rises next; None when it is over or has not begun."""
        if self.began is None or self.cap_at(now) is None:
            return None
        return self.began + ((now - self.began) // self.every + 1) * self.every

    def steps(self, now: datetime, most: int) -> list[tuple[timedelta, datetime | None, int]]:
        """The cap at `now` and at its next rises: time since the first message, the instant once known, the cap."""
        first = max(0, (now - self.began) // self.every) if self.began else 0
        found = []
        for number in range(first, first + most):
            if (cap := self._cap(number)) is None:
                break
            after = number * self.every
            found.append((after, self.began + after if self.began else None, cap))
        return found

    def _cap(self, steps: int) -> int | None:
        # By logarithms, since the power itself may be greater than any float.
        if math.log(self.start) + steps * math.log(self.grow) >= math.log(self.until or MOST_PEOPLE):
            return None
        return math.floor(self.start * self.grow**steps + 1e-9)


def checked(plan: WarmUp) -> WarmUp:
    """A plan that makes sense.

    raises  UsageError naming the option that does not
    """
    if plan.start < 1:
        raise UsageError(f"--start {plan.start} is not a cap; give at least 1 person in 24 h")
    if not (1 < plan.grow <= 100):
        raise UsageError(f"--grow {plan.grow:g} does not raise the cap; give a factor above 1, such as 1.5")
    if plan.every < timedelta(minutes=1):
        raise UsageError(f"--every {plan.every.total_seconds():g}s is too short; give at least 1min, such as 1d")
    if plan.until is not None and plan.until <= plan.start:
        raise UsageError(f"--until {plan.until} is not above --start {plan.start}; leave it out or raise it")
    return plan

"""Slower than the rate, on purpose: evenly over some hours, or at most so many per hour or day. Pure."""

import re
from dataclasses import dataclass

from campaign.errors import UsageError

HOUR_S, DAY_S = 3600, 86_400
LONGEST_S = 60 * DAY_S
"""Longest that a campaign can be spread over; a template may have changed long before."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([mhd])")
_UNITS = {"m": 60, "h": HOUR_S, "d": DAY_S}


@dataclass(frozen=True, slots=True)
class Spread:
    """How messages are spread. All None: as fast as the rate allows.

    seconds   evenly over this much time in which the window is open
    per_hour  most in any 60 minutes
    per_day   most in any 24 hours
    """

    seconds: int | None = None
    per_hour: int | None = None
    per_day: int | None = None

    @property
    def capped(self) -> bool:
        """Whether claims have to be counted."""
        return self.per_hour is not None or self.per_day is not None

    def __bool__(self) -> bool:
        return self.seconds is not None or self.capped


def read_spread(text: str | None, per_hour: int | None, per_day: int | None) -> Spread:
    """A spread as a person writes it.

    raises  UsageError
    """
    for flag, most in (("--per-hour", per_hour), ("--per-day", per_day)):
        if most is not None and most < 1:
            raise UsageError(f"{flag} {most} would never send; give at least 1")
    if text is not None and (per_hour or per_day):
        raise UsageError("--spread and --per-hour or --per-day say the same thing twice; choose one of them")
    return Spread(_seconds(text) if text is not None else None, per_hour, per_day)


def _seconds(text: str) -> int:
    match = _DURATION.fullmatch(text.strip().lower())
    seconds = round(float(match[1]) * _UNITS[match[2]]) if match else 0
    if not 60 <= seconds <= LONGEST_S:
        raise UsageError(f"--spread {text!r} is no time to spread over; write it like 90m, 6h or 2d, at most 60d")
    return seconds

"""When people may be written to: hours per weekday by their own clock, without quiet days. Pure.

An hour belongs to the day by the person's clock; a window past midnight is two pieces, each of its own day, so that a
quiet day is quiet from midnight to midnight. Where several zones are possible, a stretch is open when it is open in
every one of them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, Self

from campaign.errors import UsageError
from campaign.scheduling.holidays import is_holiday
from campaign.scheduling.zones import closing_of, local_time, opening_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60
"""Minutes of a day."""

HORIZON = timedelta(days=400)
"""How far ahead an opening is looked for; a window without one in so long never opens."""
_BLOCK = timedelta(days=14)

_ITEM = re.compile(r"(?:(?P<days>[a-z]{3}(?:-[a-z]{3})?)\b)?\s*(?P<hours>\d\d?:\d\d\s*-\s*\d\d?:\d\d)?")
_HELP = "write it like 09:00-20:00 or 'mon-fri 09:00-20:00, sat 10:00-14:00'"


class Stretch(NamedTuple):
    """A stretch of time that is open: from `opens` on, before `closes`; UTC."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes of the day that are open, by weekday from Monday; a piece may not pass midnight."""

    hours: tuple[tuple[tuple[int, int], ...], ...]
    quiet_days: frozenset[date] = frozenset()
    holidays: str | None = None
    text: str = ""

    def quiet(self, day: date) -> bool:
        """Whether nobody is written to on a day."""
        return day in self.quiet_days or (self.holidays is not None and is_holiday(self.holidays, day))

    def as_json(self) -> dict[str, Any]:
        """For the campaign's row."""
        quiet = sorted(day.isoformat() for day in self.quiet_days)
        return {"hours": self.text, "quiet_days": quiet, "holidays": self.holidays}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """From the campaign's row."""
        quiet = frozenset(map(date.fromisoformat, value["quiet_days"]))
        return cls(_hours(value["hours"]), quiet, value["holidays"], value["hours"])


def read_window(text: str, *, quiet_days: Sequence[str] = (), holidays: str | None = None) -> Window:
    """A window as a person writes it.

    quiet_days  ISO dates
    holidays    as `checked_holidays` gave it
    raises      UsageError
    """
    return Window(_hours(text), frozenset(map(_day, quiet_days)), holidays, text)


def openings(window: Window, zones: Sequence[str], first: datetime, until: datetime) -> list[Stretch]:
    """The stretches between two instants that are open in every one of the zones, in order."""
    common = [Stretch(first, until)]
    for zone in zones:
        common = _both(common, _in_zone(window, zone, first, until))
    return common


@lru_cache(maxsize=4096)
def first_opening(window: Window, zones: tuple[str, ...], after: datetime) -> Stretch | None:
    """The first stretch open after an instant, or None when there is none within `HORIZON`."""
    first = after
    while first < after + HORIZON:
        if found := openings(window, zones, first, first + _BLOCK):
            return found[0]
        first += _BLOCK
    return None


def _in_zone(window: Window, zone: str, first: datetime, until: datetime) -> list[Stretch]:
    found: list[Stretch] = []
    day, last = local_time(first, zone).date(), local_time(until, zone).date()
    while day <= last:
        for piece in _of_day(window, zone, day):
            if found and piece.opens <= found[-1].closes:
                found[-1] = Stretch(found[-1].opens, max(piece.closes, found[-1].closes))
            else:
                found.append(piece)
        day += timedelta(days=1)
    return found


def _of_day(window: Window, zone: str, day: date) -> Iterator[Stretch]:
    if window.quiet(day):
        return
    start = datetime.combine(day, time())
    for opens, closes in window.hours[day.weekday()]:
        opening = opening_of(start + timedelta(minutes=opens), zone)
        closing = closing_of(start + timedelta(minutes=closes), zone)
        # Shorter than nothing where the clock skips all of it.
        if opening < closing:
            yield Stretch(opening, closing)


def _both(some: Sequence[Stretch], others: Sequence[Stretch]) -> list[Stretch]:
    common, i, j = [], 0, 0
    while i < len(some) and j < len(others):
        opens, closes = max(some[i].opens, others[j].opens), min(some[i].closes, others[j].closes)
        if opens < closes:
            common.append(Stretch(opens, closes))
        if some[i].closes <= others[j].closes:
            i += 1
        else:
            j += 1
    return common


def _hours(text: str) -> tuple[tuple[tuple[int, int], ...], ...]:
    week: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    days: list[int] = []
    named = False
    for item in text.lower().split(","):
        match = _ITEM.fullmatch(item.strip())
        if match is None or not item.strip():
            raise UsageError(f"--window {text!r} is no window; {_HELP}")
        if match["days"]:
            days = (days if named else []) + _weekdays(match["days"], text)
            named = True
        if match["hours"]:
            named = False
            _open(week, days or list(range(7)), match["hours"], text)
    if named or not any(week):
        raise UsageError(f"--window {text!r} names days without hours; {_HELP}")
    return tuple(_merged(pieces) for pieces in week)


def _weekdays(text: str, whole: str) -> list[int]:
    first, _, last = text.partition("-")
    for name in (first, last or first):
        if name not in DAYS:
            raise UsageError(f"--window {whole!r}: {name} is no day; use {', '.join(DAYS)}")
    start, end = DAYS.index(first), DAYS.index(last or first)
    return [(start + step) % 7 for step in range((end - start) % 7 + 1)]


def _open(week: list[list[tuple[int, int]]], days: Sequence[int], hours: str, whole: str) -> None:
    start, end = (_minutes(part, whole) for part in hours.split("-"))
    if start in (end, MIDNIGHT):
        raise UsageError(f"--window {whole!r}: {hours} never opens; {_HELP}")
    for day in days:
        if start < end:
            week[day].append((start, end))
        else:
            week[day].append((start, MIDNIGHT))
            if end:
                week[(day + 1) % 7].append((0, end))


def _minutes(text: str, whole: str) -> int:
    hour, minute = map(int, text.strip().split(":"))
    if minute > 59 or hour * 60 + minute > MIDNIGHT:
        raise UsageError(f"--window {whole!r}: {text.strip()} is no time of day; {_HELP}")
    return hour * 60 + minute


def _merged(pieces: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    edges = sorted(pieces)
    for (_, closes), (opens, _) in pairwise(edges):
        if opens < closes:
            raise UsageError(f"--window opens at {_clock(opens)} where it is open already; correct the hours")
    return tuple(edges)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"--quiet-days {text.strip()!r} is no date; write it like 2026-12-25") from None

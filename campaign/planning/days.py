"""The plan of a campaign over days: how many messages leave on which day, and what keeps it from being more. Pure.

It goes from event to event: a stretch of sending at the rate, then a wait until people who were written to 24 hours ago
no longer count, until a warm-up's cap rises, or until the next opening.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from campaign.planning.ceiling import DAY, Ceiling, tightest
from campaign.planning.warm_up import WarmUp

RATE, WINDOW, SPREAD = "rate", "sending window", "spread"

MOST_DAYS = 400
"""Days after which a plan gives up: nobody waits for its end."""

STRETCH = timedelta(hours=1)
"""Longest piece of sending that counts as one: its people stop counting together, 24 hours after its end."""


@dataclass(frozen=True, slots=True)
class Opening:
    """An interval in which messages may leave, and how many of them at most, and what bounds them. None: no end."""

    start: datetime
    end: datetime | None = None
    capacity: int | None = None
    bound_by: str = SPREAD


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a sender.

    used_by_hour  people who count for the messaging limit already: until when each count stands, less 24 hours
    """

    rate_mps: float
    tier: int | None = None
    reserve: float = 0.0
    warm_up: WarmUp | None = None
    used_by_hour: Sequence[tuple[datetime, int]] = ()


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """Messages of one day, and what kept them from being more; empty on the day on which the list ends."""

    day: date
    messages: int
    limited_by: Sequence[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """When the first and the last message leave. No end: it is not to be seen, and `left` messages stay."""

    days: Sequence[PlannedDay]
    start: datetime | None
    end: datetime | None
    left: int = 0


def plan(
    to_message: int,
    limits: Limits,
    *,
    start: datetime,
    openings: Iterable[Opening] | None = None,
    zone: tzinfo = UTC,
) -> Plan:
    """What becomes of so many messages when nothing else comes between.

    openings  in order, may be endless; None: any time
    zone      in which a day begins
    """
    course = _Course(limits, to_message, zone)
    for opening in openings if openings is not None else [Opening(start)]:
        if course.run(opening, max(opening.start, start), start + timedelta(days=MOST_DAYS)):
            break
    return course.plan()


@dataclass
class _Course:
    """The plan as it grows."""

    limits: Limits
    left: int
    zone: tzinfo
    began: datetime | None = None
    ended: datetime | None = None
    sent: dict[date, int] = field(default_factory=dict)
    causes: dict[date, dict[str, None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._counting = deque((at + DAY, people) for at, people in sorted(self.limits.used_by_hour))
        self._used = sum(people for _, people in self._counting)
        self._warm_up = self.limits.warm_up

    def run(self, opening: Opening, now: datetime, give_up_at: datetime) -> bool:
        """Go through one opening. True: everything is sent, or no end is to be seen."""
        capacity = self.left if opening.capacity is None else opening.capacity
        while self.left and now < give_up_at:
            if opening.end is not None and now >= opening.end:
                self._note(now - timedelta(microseconds=1), WINDOW)
                return False
            if not capacity:
                self._note(now, opening.bound_by)
                return False
            ceiling = self._ceiling(now)
            room = self.left if ceiling is None else ceiling.people - self._used
            if ceiling is not None and room <= 0:
                again_at = self._again_at(now)
                closed = opening.end is not None and (again_at is None or again_at >= opening.end)
                # A wait within the day keeps nothing from being sent on it.
                if closed or again_at is None or self._day(again_at) > self._day(now):
                    self._note(now, ceiling.limited_by)
                if closed or again_at is None:
                    return not closed
                now = again_at
                continue
            sent, now = self._send(min(self.left, room, capacity), now, opening.end)
            capacity -= sent
        return True

    def plan(self) -> Plan:
        """What came of it."""
        known = sorted({*self.sent, *self.causes}) if self.sent else []
        days = [PlannedDay(day, self.sent.get(day, 0), tuple(self.causes.get(day, ()))) for day in known]
        return Plan(days, self.began, None if self.left else self.ended, self.left)

    def _ceiling(self, now: datetime) -> Ceiling | None:
        while self._counting and self._counting[0][0] <= now:
            self._used -= self._counting.popleft()[1]
        return tightest(self.limits.tier, self.limits.reserve, self._warm_up, now)

    def _again_at(self, now: datetime) -> datetime | None:
        rises_at = self._warm_up.rises_at(now) if self._warm_up else None
        frees_at = self._counting[0][0] if self._counting else None
        return min((at for at in (rises_at, frees_at) if at is not None), default=None)

    def _send(self, most: int, now: datetime, closes_at: datetime | None) -> tuple[int, datetime]:
        """One stretch: no longer than an hour, not over midnight, a rise of the cap or the end of the opening."""
        if self._warm_up and self._warm_up.began is None:
            self._warm_up = replace(self._warm_up, began=now)
        rises_at = self._warm_up.rises_at(now) if self._warm_up else None
        midnight = datetime.combine(self._day(now) + timedelta(days=1), time(), self.zone)
        end = min(at for at in (now + STRETCH, closes_at, rises_at, midnight) if at is not None)
        sent = min(most, math.ceil(self.limits.rate_mps * (end - now).total_seconds()))
        at = min(end, now + timedelta(seconds=sent / self.limits.rate_mps))
        self._count(sent, now, at)
        if sent < most and at == midnight:
            self._note(now, RATE)
        return sent, at

    def _count(self, sent: int, now: datetime, at: datetime) -> None:
        day = self._day(now)
        self.sent[day] = self.sent.get(day, 0) + sent
        self.left -= sent
        self.began, self.ended = self.began or now, at
        if self.limits.tier is not None or self._warm_up:
            self._counting.append((at + DAY, sent))
            self._used += sent

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _note(self, moment: datetime, cause: str) -> None:
        self.causes.setdefault(self._day(moment), {})[cause] = None

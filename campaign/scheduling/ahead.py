"""When a campaign may send from now on, and how much: windows and spreads as the openings of a plan.

The plan takes the openings in order and does not say what became of each. So people are counted off here at the rate,
oldest opening first; where a messaging limit is tighter than the list, nobody is counted off, since the limit decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy.orm import Session

from campaign.planning.days import SPREAD, WINDOW, Limits, Opening, plan
from campaign.scheduling import store
from campaign.scheduling.pace import spread_of
from campaign.scheduling.spread import HOUR_S, Spread
from campaign.scheduling.windows import HORIZON, Stretch, Window, openings
from models.campaign import Campaign

BLOCK = timedelta(days=7)
PIECES = 100
"""Into how many pieces a spread is cut, so that a plan shows it as even."""
DAY = timedelta(hours=24)


@dataclass
class Crowd:
    """People who may be written to at the same hours. `zones` None: at any."""

    people: float
    zones: Sequence[str] | None = None
    open_s: float = 0.0
    open_since: datetime | None = None


def openings_ahead(
    session: Session, campaign: Campaign, to_message: int, *, rate_mps: float, limited: bool, now: datetime
) -> Iterator[Opening] | None:
    """The openings of a campaign that is launched at `now` or at its own start; None where any time will do.

    to_message  people who would get a message
    limited     a messaging limit is tighter than the list
    """
    spread = spread_of(campaign)
    if campaign.sending_window is None and not spread:
        return None
    window = Window.from_json(campaign.sending_window) if campaign.sending_window else None
    waiting = store.waiting_by_group(session, campaign.id)
    zones = {group.number: group.zones for group in store.groups_of(session, campaign.id)}
    start = max(now, campaign.start_at) if campaign.start_at else now
    crowds = _crowds(waiting, zones, to_message)
    return Ahead(window, spread, crowds, rate_mps, limited, start).openings()


def end_ahead(session: Session, campaign: Campaign, queued: int, *, rate_mps: float, now: datetime) -> datetime | None:
    """When the last queued message of a campaign that was begun leaves, as windows and caps let it.

    returns  None where neither says when, or no end is to be seen; an even spread has said so with each due time
    """
    caps = replace(spread_of(campaign), seconds=None)
    if campaign.sending_window is None and not caps:
        return None
    window = Window.from_json(campaign.sending_window) if campaign.sending_window else None
    zones = {group.number: group.zones for group in store.groups_of(session, campaign.id)}
    crowds = _crowds(store.waiting_by_group(session, campaign.id), zones, queued)
    sent = store.claims_by_hour(session, campaign.id, now - DAY) if caps.per_day is not None else []
    ahead = Ahead(window, caps, crowds, rate_mps, limited=False, start=now, sent=sent)
    return plan(queued, Limits(rate_mps), start=now, openings=ahead.openings()).end


def _crowds(waiting: Mapping[int | None, int], zones: Mapping[int, Sequence[str]], to_message: int) -> list[Crowd]:
    # Those whom the gate would withhold are taken off everywhere alike.
    share = to_message / max(1, sum(waiting.values()))
    return [
        Crowd(people * share, None if group is None else zones.get(group))
        for group, people in sorted(waiting.items(), key=lambda item: item[0] or 0)
    ]


@dataclass
class Ahead:
    """Walks through time and counts off."""

    window: Window | None
    spread: Spread
    crowds: Sequence[Crowd]
    rate_mps: float
    limited: bool
    start: datetime
    released: float = 0.0
    given: int = 0
    sent: list[tuple[datetime, int]] = field(default_factory=list)

    def openings(self) -> Iterator[Opening]:
        """Every opening until everybody was written to, or none is found within the horizon."""
        first, total = self.start, sum(crowd.people for crowd in self.crowds)
        while first < self.start + HORIZON and self.given < total:
            yield from self._block(first, first + BLOCK)
            first += BLOCK

    def _block(self, first: datetime, until: datetime) -> Iterator[Opening]:
        stretches = [self._stretches(crowd, first, until) for crowd in self.crowds]
        edges = {first, until} | {edge for each in stretches for stretch in each for edge in stretch}
        for begin, end in pairwise(sorted(edges | self._cuts(first, until))):
            here = [
                crowd
                for crowd, each in zip(self.crowds, stretches, strict=True)
                if any(stretch.opens <= begin < stretch.closes for stretch in each)
            ]
            for crowd in self.crowds:
                crowd.open_since = (crowd.open_since or begin) if crowd in here else None
            capacity = self._capacity(here, begin, (end - begin).total_seconds())
            if capacity > 0:
                yield Opening(begin, end, capacity, SPREAD if self.spread else WINDOW)

    def _stretches(self, crowd: Crowd, first: datetime, until: datetime) -> list[Stretch]:
        if self.window is None or crowd.zones is None:
            return [Stretch(first, until)]
        return openings(self.window, crowd.zones, first, until)

    def _cuts(self, first: datetime, until: datetime) -> set[datetime]:
        """Where an even spread is cut, and where a cap is looked at again."""
        if self.spread.seconds is not None:
            step = timedelta(seconds=max(60.0, self.spread.seconds / PIECES))
        elif self.spread.per_hour is not None:
            step = timedelta(seconds=HOUR_S / 4)
        elif self.spread.per_day is not None:
            step = timedelta(seconds=HOUR_S)
        else:
            return set()
        return {first + step * number for number in range(int((until - first) / step) + 1)}

    def _capacity(self, here: Sequence[Crowd], begin: datetime, length_s: float) -> int:
        if not here:
            return 0
        if self.spread.seconds is not None:
            return self._even(here, length_s, self.spread.seconds)
        room = sum(crowd.people for crowd in here)
        if self.spread.per_hour is not None:
            # Minutes are counted as wholes, so an hour's share comes back after 61 of them.
            self.released += self.spread.per_hour * length_s / (HOUR_S + 60)
            # What nobody was there for is lost, as it is for the cap.
            self.released = min(self.released, self.given + room)
            room = self.released - self.given
        if self.spread.per_day is not None:
            of_late = sum(count for at, count in self.sent if at > begin - DAY)
            room = min(room, self.spread.per_day - of_late)
        # Whoever is left over from rounding goes with the last.
        capacity = max(0, round(room))
        if not self.limited:
            self._count_off(here, begin, min(capacity, round(self.rate_mps * length_s)))
        return capacity

    def _even(self, here: Sequence[Crowd], length_s: float, spread_s: float) -> int:
        for crowd in here:
            part = min(crowd.open_s + length_s, spread_s) - min(crowd.open_s, spread_s)
            crowd.open_s += length_s
            self.released += crowd.people * part / spread_s
        capacity = round(self.released) - self.given
        if not self.limited:
            self.given += capacity
        return capacity

    def _count_off(self, here: Sequence[Crowd], begin: datetime, sent: int) -> None:
        self.given += sent
        self.sent = [(at, count) for at, count in self.sent if at > begin - DAY] + [(begin, sent)]
        # Whose opening came first is due first; those of one opening stand mixed in the list.
        for since in sorted({crowd.open_since or self.start for crowd in here}):
            together = [crowd for crowd in here if (crowd.open_since or self.start) == since]
            people = sum(crowd.people for crowd in together)
            taken = min(people, sent)
            for crowd in together:
                crowd.people -= taken * crowd.people / people if people else 0
            sent -= round(taken)

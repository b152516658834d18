"""The people of one list by the time zones they may be in.

Where a person is: the zone kept with the contact, else the list's column, else the zones of the phone's number, else
the campaign's own zone. A number may belong to several zones: then all of them have to be open at once.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from campaign.scheduling.timing import CheckedTiming, check_deadline
from campaign.scheduling.windows import Window, first_opening
from campaign.scheduling.zones import known_zone

Zones = tuple[str, ...]

NOTE_UNKNOWN_ZONE = "unknown_zone"


@dataclass
class ZoneBook:
    """Gives each set of zones a number while a list is read.

    start     from when people are written to
    of_phone  the zones that a phone in E.164 may be in
    notes     cells of the zone column that name no zone
    """

    window: Window
    own_zone: str
    zone_column: str | None
    start: datetime
    of_phone: Callable[[str], Zones]
    notes: Counter[str] = field(default_factory=Counter)
    _numbers: dict[Zones, int | None] = field(default_factory=dict)
    _people: Counter[int] = field(default_factory=Counter)

    @classmethod
    def of(cls, timing: CheckedTiming, start: datetime, of_phone: Callable[[str], Zones]) -> "ZoneBook | None":
        """A book for a campaign with a window; None where any hour will do."""
        if timing.window is None:
            return None
        return cls(timing.window, timing.own_zone, timing.zone_column, start, of_phone)

    def zones(self, e164: str, values: Mapping[str, str]) -> Zones:
        """Where a person of the list may be, as far as the list and the phone tell."""
        cell = values.get(self.zone_column, "").strip() if self.zone_column else ""
        if cell and known_zone(cell):
            return (cell,)
        if cell:
            self.notes[NOTE_UNKNOWN_ZONE] += 1
        return self.of_phone(e164) or (self.own_zone,)

    def number(self, zones: Zones) -> int | None:
        """The number of a set of zones; None when the window is never open in all of them."""
        if zones not in self._numbers:
            opens = first_opening(self.window, zones, self.start)
            taken = sum(number is not None for number in self._numbers.values())
            self._numbers[zones] = taken + 1 if opens is not None else None
        return self._numbers[zones]

    def count(self, numbers: Sequence[int]) -> None:
        """Note people who became messages, by the number of their group."""
        self._people.update(numbers)

    def groups(self, deadline_at: datetime | None) -> list[tuple[int, Zones, int]]:
        """Number, zones and people of every group that has any.

        raises  UsageError when the deadline comes before anybody may be written to
        """
        found = [(n, zones, self._people[n]) for zones, n in self._numbers.items() if n is not None and self._people[n]]
        firsts = [first_opening(self.window, zones, self.start) for _, zones, _ in found]
        check_deadline(min((first.opens for first in firsts if first), default=None), deadline_at)
        return found

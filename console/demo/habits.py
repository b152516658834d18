"""What `campaign demo --days N` runs: a list of people in four time zones, and schedules that write to them."""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from campaign.consent.ledger import import_consent
from campaign.creation import NewCampaign
from campaign.schedules.making import NewSchedule, create_schedule
from campaign.scheduling.timing import Timing
from campaign.scheduling.windows import DAYS
from campaign.senders import add_sender
from campaign.templates.sync import sync_templates
from console.demo.people import invented_phones
from console.demo.platform import Platform
from console.demo.run import LANGUAGE, NAME, REGION, TEMPLATE, DemoOptions
from console.demo.stepped import SteppedEngine
from models import Sender
from models.session import session_scope
from tasks import wiring

FIRST_DAY = datetime(2027, 3, 8, tzinfo=UTC)
"""A Monday; on the Sunday after it New York puts its clocks ahead."""
ZONES = ("Asia/Tokyo", "Europe/Berlin", "America/New_York", "America/Mexico_City")
PEOPLE = 40
RATE_MPS = 500


@dataclass(frozen=True)
class Habit:
    """A schedule: on which weekdays it starts, and when people may be written to by their own clocks.

    at        the first start by the clock of `zone`
    open      first and last weekday with an open hour, 0 is Monday
    hours     from the first full hour on, before the second
    """

    name: str
    days: Sequence[int]
    at: str
    zone: str
    open: tuple[int, int]
    hours: tuple[int, int]
    spread: str | None = None

    @property
    def rule(self) -> str:
        """The schedule's rule."""
        return "FREQ=WEEKLY;BYDAY=" + ",".join(DAYS[day][:2].upper() for day in self.days)

    @property
    def window(self) -> str:
        """The window as a person writes it."""
        first, last = self.open
        return f"{DAYS[first]}-{DAYS[last]} {self.hours[0]:02d}:00-{self.hours[1]:02d}:00"

    def allows(self, local: datetime) -> bool:
        """Whether a message may leave at this moment of a person's clock; told without the engine's own arithmetic."""
        return self.open[0] <= local.weekday() <= self.open[1] and self.hours[0] <= local.hour < self.hours[1]

    def due(self, days: int) -> int:
        """How many runs so many days have."""
        return sum((FIRST_DAY + timedelta(day)).weekday() in self.days for day in range(days))


HABITS = (
    Habit("daily", (0, 1, 2, 3, 4, 5), "2027-03-08T00:00", "UTC", (0, 5), (9, 12)),
    Habit("weekly", (1,), "2027-03-09T10:00", "America/Mexico_City", (0, 6), (16, 20), spread="2h"),
)


def set_up(engine: SteppedEngine, platform: Platform, folder: Path, days: int) -> Mapping[str, str]:
    """What an operator does once: sender, templates, consent, schedules for so many days. The zone of each phone."""
    now, sessions = engine.clock.now, engine.sessions
    zones = {phone: ZONES[place % len(ZONES)] for place, phone in enumerate(invented_phones(PEOPLE))}
    contacts, consent = folder / "people.csv", folder / "consent.csv"
    _write(contacts, ("phone", "name", "zone"), ((phone, "Ana", zone) for phone, zone in zones.items()))
    _write(consent, ("phone", "occurred_at"), ((phone, "2027-01-15T10:00:00Z") for phone in zones))
    with session_scope(sessions) as session:
        sender = add_sender(session, DemoOptions(rate=RATE_MPS).sender(platform), environment=os.environ)
        import_consent(session, consent, category="marketing", source_text="demo", region=REGION, now=now)
    wiring.run(_sync(engine, sender))
    until = (FIRST_DAY + timedelta(days - 1)).date()
    for habit in HABITS:
        if habit.due(days):
            new = _schedule(habit, contacts, until)
            create_schedule(sessions, new, now=now - timedelta(hours=1), settings=engine.settings)
    return zones


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


async def _sync(engine: SteppedEngine, sender: Sender) -> None:
    await sync_templates(engine.sessions, sender, engine.provider(sender), now=engine.clock.now)


def _schedule(habit: Habit, contacts: Path, until: date) -> NewSchedule:
    request = NewCampaign(
        name=habit.name,
        sender=NAME,
        template=TEMPLATE,
        language=LANGUAGE,
        audience=contacts,
        mapping=("body.1=name", "body.2==15%"),
        region=REGION,
        timing=Timing(window=habit.window, zone_column="zone", spread=habit.spread),
    )
    return NewSchedule(request, habit.zone, datetime.fromisoformat(habit.at), habit.rule, until=until)

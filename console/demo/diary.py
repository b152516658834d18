"""The days of `campaign demo --days N`, from inside the engine: what was due, and what the ledger says of each run.

A process of its own (`python -m console.demo.diary`), whose settings name the stores of the demo.
"""

import argparse
import csv
import logging
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from campaign.callback import read_callback
from campaign.reports.recipients import write_recipients
from console.demo.compare import MOST_SHOWN, compare
from console.demo.habits import FIRST_DAY, HABITS, PEOPLE, Habit, set_up
from console.demo.platform import Platform
from console.demo.stepped import SteppedClock, SteppedEngine
from console.demo.telling import Telling
from models import Campaign, Schedule, ScheduleRun
from models.states import CampaignState
from tasks.log import set_up_log

STEP = timedelta(hours=1)
LONGEST = timedelta(days=3)
"""Until the last run is over."""
REACHED = ("delivered", "read")


@dataclass
class Diary:
    """What came of the days."""

    due: int
    runs: int = 0
    sent: int = 0
    outside: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether all that was due was sent, once and within its hours, and every report adds up."""
        return self.runs == self.due > 0 and not self.outside and not self.wrong

    def words(self, days: int, took_s: float) -> Iterator[str]:
        """The figures, after the first of what is wrong."""
        yield from (f"  {words}" for words in (*self.wrong[:MOST_SHOWN], *self.outside[:MOST_SHOWN]))
        yield f"{days} days in {took_s:.0f} s: {self.runs} runs of {self.due} due, {self.sent} messages sent."
        differ = f"{len(self.wrong)} places where reports differ from it"
        yield f"{len(self.outside)} outside a window by the ledger; {differ}."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the days and say what came of them; 0 when all went well."""
    given = _parser().parse_args(arguments)
    began, tell = time.monotonic(), Telling()
    # Only what goes wrong: the weeks tell of themselves.
    set_up_log(logging.WARNING)
    platform, engine = Platform(given.sandbox), SteppedEngine(SteppedClock(FIRST_DAY))
    zones = set_up(engine, platform, given.folder, given.days)
    _live(engine, FIRST_DAY + timedelta(given.days), tell)
    platform.wait_until_quiet()
    engine.hear()
    engine.close()
    diary = _written(engine, platform, zones, given)
    for words in diary.words(given.days, time.monotonic() - began):
        tell.say(words)
    return 0 if diary.well else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m console.demo.diary")
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--sandbox", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    return parser


def _live(engine: SteppedEngine, end: datetime, tell: Telling) -> None:
    """Hour by hour; after the last day until nothing is under way."""
    for now in engine.clock.until(end + LONGEST, STEP):
        engine.tick()
        if now.hour == 23:
            _tell_day(engine, now, tell)
        if now >= end and not _under_way(engine):
            return


def _under_way(engine: SteppedEngine) -> bool:
    with engine.sessions() as session:
        ended = (CampaignState.COMPLETED, CampaignState.CANCELLED)
        return session.scalar(select(Campaign.id).where(Campaign.state.not_in(ended)).limit(1)) is not None


def _tell_day(engine: SteppedEngine, now: datetime, tell: Telling) -> None:
    with engine.sessions() as session:
        begun = select(Campaign).where(Campaign.launched_at > now - timedelta(days=1)).order_by(Campaign.id)
        told = ", ".join(f"{each.name} is {each.state}" for each in session.scalars(begun))
    tell.say(f"{now:%a %Y-%m-%d}  {told or 'nothing was due'}")


def _written(engine: SteppedEngine, platform: Platform, zones: Mapping[str, str], given: argparse.Namespace) -> Diary:
    """Every run held against the ledger."""
    ledger = [entry for entry in platform.ledger() if entry["wamid"]]
    diary = Diary(sum(habit.due(given.days) for habit in HABITS), sent=len(ledger))
    habits = {habit.name: habit for habit in HABITS}
    found = (
        select(Campaign, Schedule.name)
        .join(ScheduleRun, Campaign.schedule_run_id == ScheduleRun.id)
        .join(Schedule, Schedule.id == ScheduleRun.schedule_id)
        .order_by(Campaign.id)
    )
    with engine.sessions() as session:
        for campaign, schedule in session.execute(found).all():
            out = given.folder / f"report-{campaign.id}.csv"
            write_recipients(session, campaign, out)
            own = [entry for entry in ledger if _campaign_of(entry) == campaign.id]
            _check_run(campaign, out, own, diary)
            diary.outside += _outside(own, habits[schedule], zones, engine.clock)
    if diary.sent != diary.runs * PEOPLE:
        diary.wrong.append(f"the platform took {diary.sent} messages, {diary.runs * PEOPLE} were due")
    return diary


def _campaign_of(entry: Mapping[str, Any]) -> int | None:
    mark = read_callback(entry["callback_data"])
    return mark.campaign_id if mark else None


def _check_run(campaign: Campaign, report: Path, entries: Sequence[Mapping[str, Any]], diary: Diary) -> None:
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    diary.runs += 1
    diary.wrong += [f"{campaign.name}: {words}" for words in compare(rows, entries).differences]
    reached = sum(row["status"] in REACHED for row in rows)
    if (campaign.state, len(rows), reached) != (CampaignState.COMPLETED, PEOPLE, PEOPLE):
        diary.wrong.append(f"{campaign.name} is {campaign.state}: {len(rows)} rows, {reached} of them delivered")


def _outside(
    entries: Sequence[Mapping[str, Any]], habit: Habit, zones: Mapping[str, str], clock: SteppedClock
) -> list[str]:
    """Messages that the platform took while the window was closed where the person is."""
    found = []
    for entry in entries:
        local = clock.at(entry["at"]).astimezone(ZoneInfo(zones["+" + str(entry["to"]).lstrip("+")]))
        if not habit.allows(local):
            found.append(f"{habit.name}: {entry['to']} at {local:%a %Y-%m-%d %H:%M}")
    return found


if __name__ == "__main__":
    sys.exit(main())

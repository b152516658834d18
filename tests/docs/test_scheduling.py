"""Each row of the tables on the page about time is a case."""

import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from campaign.lifecycle import start_due
from campaign.schedules import running
from campaign.scheduling.recurrence import read_recurrence
from campaign.scheduling.windows import openings, read_window
from campaign.scheduling.zones import local_time, start_of
from models import Campaign, Schedule, ScheduleRun
from models.session import session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

PAGE = (Path(__file__).parents[2] / "docs" / "scheduling.md").read_text("utf-8")


def rows(first_heading):
    """The rows of the table whose first column is headed so."""
    table = re.search(rf"^\| {re.escape(first_heading)} \|.*\n\|[ -|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in table[1].splitlines()]


def clock(text):
    day, time = text.split()
    hour, minute = map(int, time.split(":"))
    return datetime.fromisoformat(day) + timedelta(hours=hour, minutes=minute)


@pytest.mark.parametrize(("local", "zone", "instant"), rows("start by the clock"))
def test_starts(local, zone, instant):
    assert f"{start_of(clock(local), zone.strip()):%Y-%m-%d %H:%M} UTC" == instant.strip(" |")


@pytest.mark.parametrize(("rule", "first", "zone", "starts"), rows("rule"))
def test_rules(rule, first, zone, starts):
    recurrence = read_recurrence(rule, zone=zone, first_at=clock(first), until=None)
    found = islice(recurrence.after(datetime(2020, 1, 1, tzinfo=UTC)), 3)
    assert ", ".join(f"{local_time(at, zone):%Y-%m-%d %H:%M}" for at in found) == starts.strip(" |")


@pytest.mark.parametrize(("window", "zones", "day", "open_"), rows("window"))
def test_windows(window, zones, day, open_):
    hours, _, quiet = window.replace("`", "").partition(" without ")
    country = quiet.removeprefix("holidays of ") if "holidays" in quiet else None
    days = [quiet] if quiet and not country else []
    found = openings(
        read_window(hours, quiet_days=days, holidays=country),
        zones.split(", "),
        *around(day, zones.split(", ")[0], whole="20:00-02:00" in window),
    )
    words = ", ".join(f"{each.opens:%H:%M}-{each.closes:%H:%M}" for each in found) or "closed"
    assert words == open_.strip(" |")


def around(day, zone, *, whole):
    """A day by the clock of its first zone; with the night after it where a window passes midnight."""
    start = start_of(datetime.fromisoformat(day), zone)
    if whole and day.endswith("24"):
        return start + timedelta(hours=3), start + timedelta(hours=30)
    # Longer than the day where another zone ends it later, shorter than the next opening.
    return start, start_of(datetime.fromisoformat(day) + timedelta(days=1), zone)


def late(text):
    number, unit = text.split()
    return timedelta(minutes=int(number)) if unit == "min" else timedelta(days=int(number))


@pytest.mark.parametrize(("by", "single", "run"), rows("found late by"))
def test_lateness(sessions, by, single, run):
    now, hour = NOON + late(by), timedelta(hours=1)
    with session_scope(sessions) as session:
        sender = make_sender(session)
        made = make_campaign(
            session, sender, make_template(session, sender), state="scheduled", launched_at=None, start_at=NOON
        )
        make_messages(session, made, 1)
        session.add(
            Schedule(
                name="daily",
                request={},
                zone="UTC",
                first_at=NOON.replace(tzinfo=None),
                rule="FREQ=YEARLY",
                overlap="skip",
                next_run_at=NOON,
            )
        )
    start_due(sessions, now=now, late_start=hour)
    due = running.tick(sessions, now=now, late_start=hour)
    with sessions() as session:
        state = session.query(Campaign).one()
        outcome = "starts" if state.state == "running" else "waits for a person"
        assert (outcome, state.state_reason) == (single, None if single == "starts" else "late_start")
        assert session.query(ScheduleRun).one().state == ("due" if run.strip(" |") == "starts" else "missed")
    assert bool(due) == (run.strip(" |") == "starts")

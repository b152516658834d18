"""What the ledger says against a demo of weeks is told, not hidden."""

import time
from datetime import timedelta
from typing import Any

from console.demo.diary import Diary, _outside
from console.demo.habits import FIRST_DAY, HABITS
from console.demo.stepped import SteppedClock

DAILY = HABITS[0]
ZONES = {"+525555550101": "Asia/Tokyo", "+525555550102": "America/Mexico_City"}


def taken(to: str, at: float) -> dict[str, Any]:
    return {"to": to, "at": at}


def test_who_was_written_to_in_the_night_is_named() -> None:
    clock = SteppedClock(FIRST_DAY)  # nine in the morning in Tokyo, the evening before in Mexico
    for _ in clock.until(FIRST_DAY + timedelta(hours=1), timedelta(hours=1)):
        at = time.time() + 0.001
    entries = [taken("+525555550101", at), taken("525555550102", at)]
    assert _outside(entries, DAILY, ZONES, clock) == ["daily: 525555550102 at Sun 2027-03-07 18:00"]


def test_it_went_well_only_when_every_run_was_sent_and_nothing_is_wrong() -> None:
    assert Diary(due=2, runs=2, sent=80).well
    assert not Diary(due=2, runs=1, sent=40).well
    assert not Diary(due=2, runs=2, outside=["somebody"]).well
    assert not Diary(due=2, runs=2, wrong=["a run"]).well
    assert not Diary(due=0).well

"""Two beats that are killed across every start, and a machine whose clock is set: each run starts exactly once."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from campaign.callback import read_callback
from campaign.creation import NewCampaign, create_campaign
from campaign.lifecycle import launch
from campaign.schedules.making import NewSchedule, create_schedule
from campaign.settings import Settings
from console.child import Child
from console.children import Supervisor
from console.parts import CELERY, environment_of
from models import Campaign, ScheduleRun
from models.schedule import Overlap
from models.session import session_scope
from models.states import CampaignState, MessageState
from tests.chaos.engine_room import QUICK, SENDER, EngineRoom, engine_room
from tests.factories import fiction_phone, grant

HOUR_S = 3600
PEOPLE = 3
RATE = 50
STARTS_S = 60.0
EARLY_S, STRIKES, EVERY_S = 0.6, 4, 0.5
"""From so long before a start on, a beat is killed so often, one after the other, so long apart."""


@dataclass
class MachineClock:
    """What the processes of the engine take for the time of day: by how many seconds it is wrong."""

    file: Path

    def set_ahead(self, seconds: float) -> None:
        """Put the clock to so many seconds ahead of the right time."""
        changed = self.file.with_suffix(".new")
        changed.write_text(str(seconds))
        changed.replace(self.file)


@dataclass
class TwoBeats:
    """Both beats of an engine."""

    room: EngineRoom
    second: Supervisor
    kills: int = 0

    def kill(self) -> None:
        """Kill each in turn; whoever is just being started again is spared."""
        self.kills += 1
        supervisor, name = ((self.room.engine.supervisor, "beat"), (self.second, "beat-2"))[self.kills % 2]
        with suppress(ProcessLookupError, KeyError):
            os.kill(supervisor.pids()[name], signal.SIGKILL)

    def kill_across(self, start: datetime) -> None:
        """Kill one or the other from shortly before a start until well after it."""
        time.sleep(max(0.0, start.timestamp() - EARLY_S - time.time()))
        for _ in range(STRIKES):
            self.kill()
            time.sleep(EVERY_S)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MachineClock:
    """The clock of every process that the test starts; the test's own is right."""
    clock = MachineClock(tmp_path / "clock")
    clock.set_ahead(0)
    monkeypatch.setenv("TEST_MACHINE_CLOCK", str(clock.file))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "machine_clock"))
    return clock


@pytest.mark.parametrize("steps", [1, pytest.param(10, marks=pytest.mark.chaos)], ids=["short", "long"])
def test_each_run_starts_exactly_once(tmp_path: Path, clock: MachineClock, steps: int) -> None:
    with engine_room(tmp_path / "home", workers=1) as room, _second_beat(room) as second:
        room.launch(1, RATE)
        beats = TwoBeats(room, second)
        first = _hourly(room, tmp_path)
        beats.kill_across(first)
        _wait_for_runs(room, 1)
        for step in range(1, steps + 1):
            clock.set_ahead(step * HOUR_S)
            beats.kill()
            beats.kill()
            _wait_for_runs(room, step + 1)
            # Back where it belongs: what has been noted stays noted, and the beats ring on.
            clock.set_ahead(0)
            _starts_by_itself(room, f"single-{step}", tmp_path / "list.csv")
        runs, written_to = _runs(room), _written_to(room)
    print(f"\n{len(runs)} runs, beats killed {beats.kills} times, clock set {2 * steps} times")
    due = [first + timedelta(hours=hours) for hours in range(steps + 1)]
    assert runs == [(at, "started", f"hourly {at:%Y-%m-%d} {at:%H:%M}") for at in due]
    # A message each to the people of every run and of every campaign that started by itself.
    assert Counter(written_to.values()) == {1: 1 + PEOPLE * (2 * steps + 1)}


@contextmanager
def _second_beat(room: EngineRoom) -> Iterator[Supervisor]:
    found = {"database_url": room.engine.addresses.database_url, "redis_url": room.engine.addresses.redis_url}
    environment = environment_of(Settings(_env_file=None, home=room.home, **QUICK), **found)
    beat = Child("beat-2", (*CELERY, "beat", "--pidfile", ""), environment)
    with Supervisor([beat], lambda name, line: room.log.append(f"{name} {line}")) as supervisor:
        yield supervisor


def _hourly(room: EngineRoom, folder: Path) -> datetime:
    """A schedule that starts in a moment, and then each hour; when."""
    people = [fiction_phone(place) for place in range(PEOPLE)]
    path = folder / "list.csv"
    path.write_text("phone,name\n" + "".join(f"{phone},Ann\n" for phone in people))
    with session_scope(room.sessions) as session:
        grant(session, people, occurred_at=datetime.now(UTC) - timedelta(days=1))
    first = (datetime.now(UTC) + timedelta(seconds=3)).replace(microsecond=0)
    until = date(first.year + 1, 1, 1)
    new = NewSchedule(_request("hourly", path), "UTC", first.replace(tzinfo=None), "FREQ=HOURLY", until, Overlap.ALLOW)
    create_schedule(room.sessions, new, now=datetime.now(UTC), settings=Settings(_env_file=None, home=room.home))
    return first


def _request(name: str, path: Path) -> NewCampaign:
    return NewCampaign(
        name=name, sender=SENDER, template="spring_sale", language="en_US", audience=path,
        mapping=("body.1=name", "body.2==15%"),
    )  # fmt: skip


def _starts_by_itself(room: EngineRoom, name: str, path: Path) -> None:
    """A campaign with a start of its own, a moment from now: only a beat that rings can start it."""
    now = datetime.now(UTC)
    request = replace(_request(name, path), start_at=now + timedelta(seconds=1))
    create_campaign(room.sessions, request, now=now, settings=Settings(_env_file=None, home=room.home))
    launch(room.sessions, name, now=now)
    room.wait_for(f"{name} started", lambda: _begun(room, name) and _sent(room), STARTS_S)


def _wait_for_runs(room: EngineRoom, count: int) -> None:
    room.wait_for(f"run {count}", lambda: len(_runs(room)) >= count and _all_started(room) and _sent(room), STARTS_S)


def _runs(room: EngineRoom) -> list[tuple[datetime, str, str]]:
    """Every run that was noted, and the campaign that it has become."""
    made = select(ScheduleRun.run_at, ScheduleRun.state, Campaign.name).outerjoin(
        Campaign, Campaign.schedule_run_id == ScheduleRun.id
    )
    with room.sessions() as session:
        return [(row[0], row[1], row[2]) for row in session.execute(made.order_by(ScheduleRun.run_at))]


def _all_started(room: EngineRoom) -> bool:
    return all(state == "started" for _, state, _ in _runs(room))


def _begun(room: EngineRoom, name: str) -> bool:
    with room.sessions() as session:
        state = session.scalars(select(Campaign.state).where(Campaign.name == name)).one()
    return state in (CampaignState.RUNNING, CampaignState.SETTLING, CampaignState.COMPLETED)


def _sent(room: EngineRoom) -> bool:
    counts = room.counts()
    return not counts[MessageState.QUEUED] and not counts[MessageState.SENDING]


def _written_to(room: EngineRoom) -> Counter[tuple[int, str]]:
    """How often the platform took a message of a campaign for a person."""
    marks = [(read_callback(entry["callback_data"]), entry["to"]) for entry in room.taken()]
    return Counter((mark.campaign_id, to) for mark, to in marks if mark is not None)

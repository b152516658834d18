"""Pause, resume, cancel and an account error act within a second at full rate: a whole engine, and the ledger."""

import json
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from campaign.lifecycle import cancel, pause, resume
from campaign.settings import Settings
from models import Campaign
from tests.chaos.engine_room import QUICK, EngineRoom, engine_room

RATE = 200
PEOPLE = 4000


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with engine_room(tmp_path / "home", workers=2) as room:
        yield room


def at_full_rate(room: EngineRoom) -> str:
    """The name of a campaign that is well under way."""
    id_ = room.launch(PEOPLE, RATE)
    room.wait_for("a second's worth taken", lambda: len(room.taken()) > RATE, 30)
    with room.sessions() as session:
        return session.get_one(Campaign, id_).name


def arm(room: EngineRoom, **fault: Any) -> None:
    """Let the stand-in answer so from now on."""
    request = urllib.request.Request(
        f"{room.engine.sandbox_url}/_sandbox/faults", json.dumps(fault).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10):
        pass


def quiet_since(room: EngineRoom, moment: float) -> list[dict[str, Any]]:
    """The ledger some seconds later: nothing in it arrived a second after the moment."""
    time.sleep(2.5)
    taken = room.taken()
    assert max(entry["at"] for entry in taken) < moment + 1.0
    assert room.counts()["sending"] == 0
    return taken


def test_pause_resume_and_cancel_act_within_a_second(room: EngineRoom) -> None:
    name = at_full_rate(room)
    pause(room.sessions, name)
    before = quiet_since(room, time.time())
    resume(room.sessions, name, now=datetime.now(UTC))
    resumed_at = time.time()
    room.wait_for("the rate again", lambda: len(room.taken()) > len(before) + RATE, 15)
    first = min(entry["at"] for entry in room.taken()[len(before) :])
    # The lanes had ended: the next tick of the dispatcher rings them again.
    assert first < resumed_at + QUICK["beat_interval_s"] + 1.0
    cancel(room.sessions, name, now=datetime.now(UTC))
    taken = quiet_since(room, time.time())
    assert len({entry["to"] for entry in taken}) == len(taken)
    assert room.counts()["queued"] == 0


def test_an_error_of_the_account_stops_every_campaign_within_a_second(room: EngineRoom) -> None:
    at_full_rate(room)
    room.launch(PEOPLE, RATE)
    arm(room, kind="refuse", code=131031, count=100_000)
    room.wait_for("both paused", lambda: set(room.campaigns().values()) == {"paused"}, 1.0)
    quiet_since(room, time.time())
    with room.sessions() as session:
        told = session.query(Campaign).all()
    assert {campaign.state_reason for campaign in told} == {"sender_restricted"}
    assert all("Goes on by itself when the platform" in (campaign.state_text or "") for campaign in told)


def test_the_dispatcher_notices_a_dead_lane_within_five_seconds() -> None:
    """The lane's key runs out, and the next tick finds its place free."""
    settings = Settings(_env_file=None)
    assert settings.lane_ttl_s + settings.beat_interval_s <= 5.0

"""A lane dies with its worker: the dispatcher takes note by the lane's silence and rings whoever is there.

What is measured: from the SIGKILL to the lane having a new holder, named by a token that only the dispatcher gives; and
to the first message that is claimed again.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import redis
from sqlalchemy import func, select

from campaign.settings import Settings
from models import Message, Sender
from tests.chaos.engine_room import EngineRoom, engine_room
from tests.chaos.killer import strike
from tests.chaos.ledger_judge import judge

PROMISED_S = 5.0
"""The dispatcher notices a dead lane within this time."""

SLACK_S = 25.0
"""What a machine that is busy with other things may add."""

RATE = 50
PEOPLE_PER_KILL = RATE * 20


class Noticed(NamedTuple):
    """Seconds from a kill to the lane's new holder, and to the next claim."""

    rung_s: float
    claimed_s: float


def test_the_settings_as_they_are_keep_the_promise() -> None:
    defaults = Settings.model_fields
    silence_s, beat_s = defaults["lane_ttl_s"].default, defaults["beat_interval_s"].default
    assert silence_s + beat_s <= PROMISED_S


@pytest.mark.parametrize("kills", [pytest.param(1, id="short"), pytest.param(12, id="long", marks=pytest.mark.chaos)])
def test_the_dispatcher_notices_a_dead_lane(tmp_path: Path, kills: int) -> None:
    """One lane, held for the whole test by one child of one worker, with the silence and the beat as they are set."""
    own = Settings(_env_file=None)
    as_set = {"lane_ttl_s": own.lane_ttl_s, "beat_interval_s": own.beat_interval_s}
    with (
        engine_room(tmp_path / "home", workers=1, lanes_per_sender=1, lane_run_s=600.0, **as_set) as room,
        redis.Redis.from_url(room.engine.addresses.redis_url) as lanes,
    ):
        people = PEOPLE_PER_KILL * kills
        campaign_id = room.launch(people, RATE)
        noticed = [_kill(room, lanes) for _ in range(kills)]
        room.come_to_rest(120 + people / RATE, RATE)
        verdict = judge(room, {campaign_id: people})[campaign_id]
    print(_table(noticed, own))
    assert (verdict.duplicates, verdict.lost, verdict.in_doubt) == (0, 0, 0), f"{verdict}"
    assert max(each.rung_s for each in noticed) <= own.lane_ttl_s + own.beat_interval_s + SLACK_S


def _kill(room: EngineRoom, lanes: redis.Redis) -> Noticed:
    """Kill whoever works the lane, and see when somebody else does."""
    with room.sessions() as session:
        name = f"campaign:lane:{session.scalars(select(Sender.id)).one()}:0"
    room.wait_for("the lane is worked", room.under_way, 60)
    before = lanes.get(name)
    assert before is not None
    assert strike(room, "worker, prefork child")
    killed_at = time.time()
    rung_s = _seconds(lambda: lanes.get(name) not in (None, before))
    room.wait_for("claims go on", lambda: _claimed_after(room, killed_at) is not None, 60)
    claimed_at = _claimed_after(room, killed_at)
    assert claimed_at is not None
    return Noticed(rung_s, claimed_at - killed_at)


def _seconds(holds: Callable[[], bool]) -> float:
    """How long it takes until something holds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() < began + 60
        time.sleep(0.02)
    return time.monotonic() - began


def _claimed_after(room: EngineRoom, moment: float) -> float | None:
    """When the first message was claimed after an instant, as the database has it."""
    first = select(func.min(func.extract("epoch", Message.claimed_at))).where(
        func.extract("epoch", Message.claimed_at) > moment
    )
    with room.sessions() as session:
        found = session.execute(first).scalar_one()
    return float(found) if found is not None else None


def _table(noticed: list[Noticed], own: Settings) -> str:
    head = f"\nsilence {own.lane_ttl_s:g} s, beat {own.beat_interval_s:g} s{'rung after':>16}{'claimed after':>16}"
    rows = [f"kill {number:<19}{each.rung_s:>13.2f} s{each.claimed_s:>14.2f} s" for number, each in enumerate(noticed)]
    return "\n".join([head, *rows])

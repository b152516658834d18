"""Parts of the engine killed in mid-campaign: nobody is messaged twice, and every row comes to its end."""

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from models.states import OPEN_STATES
from tests.chaos.engine_room import EngineRoom, Killer, engine_room, parts_of, stores_of

SEED = int(os.environ.get("CHAOS_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)


def judge(room: EngineRoom, campaign_id: int, people: int) -> None:
    """The two zeros, by the platform's own ledger: no duplicate, no lost row."""
    taken = room.taken()
    repeats = {to: count for to, count in Counter(entry["to"] for entry in taken).items() if count > 1}
    counts = room.counts(campaign_id)
    assert not repeats, f"{len(repeats)} people got it twice, seed {SEED}: {list(repeats)[:3]}"
    assert counts.total() == people
    reached = sum(counts[state] for state in ("accepted", "sent", "delivered", "read"))
    assert reached == len(taken), f"{reached} handed over by our count, {len(taken)} by the ledger, seed {SEED}"


def come_to_rest(room: EngineRoom, campaign_id: int, killer: Killer, timeout_s: float) -> None:
    """Wait while things die; then everything but what only later traffic could prove is at its end."""
    state = room.wait_until_settled(campaign_id, timeout_s, killer)
    counts = room.counts(campaign_id)
    stuck = {state: count for state, count in counts.items() if state in OPEN_STATES}
    assert state == "completed" or set(stuck) == {"uncertain"}, f"{state} with {stuck}, seed {SEED}"


def test_a_few_kills_duplicate_and_lose_nothing(tmp_path: Path) -> None:
    """The short one, part of every run of the tests."""
    with engine_room(tmp_path) as room:
        campaign_id = room.launch(people=1500, rate=100)
        killer = Killer(parts_of(room, "worker-1", "worker-2"), random.Random(SEED), every_s=3.0, most=4)
        come_to_rest(room, campaign_id, killer, 120)
        judge(room, campaign_id, 1500)
        assert killer.kills == 4


@pytest.mark.parametrize(
    ("people", "kills"), [(1500, 3), pytest.param(6000, 8, marks=pytest.mark.chaos)], ids=["few", "many"]
)
def test_stores_killed_in_the_middle(tmp_path: Path, people: int, kills: int) -> None:
    """Postgres and Redis die again and again; each comes back, and the workers find them."""
    with engine_room(tmp_path) as room:
        campaign_id = room.launch(people=people, rate=100)
        killer = Killer(stores_of(tmp_path), random.Random(SEED), every_s=3.0, most=kills)
        come_to_rest(room, campaign_id, killer, 60 + people / 15)
        judge(room, campaign_id, people)
        assert killer.kills == kills


@pytest.mark.chaos
@pytest.mark.parametrize("scenario", ["calm", "flaky-network"])
def test_every_part_killed_again_and_again(tmp_path: Path, scenario: str) -> None:
    """Workers, their children, beat, the housekeeper and the receiver, at random, for some minutes."""
    parts = ("worker-1", "worker-2", "housekeeper", "beat", "receiver")
    with engine_room(tmp_path, scenario) as room:
        campaign_id = room.launch(people=12_000, rate=200)
        killer = Killer(parts_of(room, *parts), random.Random(SEED), every_s=1.5, most=100)
        come_to_rest(room, campaign_id, killer, 420)
        judge(room, campaign_id, 12_000)
        print(f"\n{scenario}: {killer.kills} kills, {dict(room.counts(campaign_id))}, seed {SEED}")

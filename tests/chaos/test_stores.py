"""Redis emptied, Postgres restarted, and both, in mid-campaign: the same two zeros, and the campaign completes."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from redis import Redis

from tests.chaos.engine_room import EngineRoom, engine_room
from tests.chaos.killer import strike
from tests.chaos.ledger_judge import judge, table

PEOPLE = 600


def empty_redis(room: EngineRoom) -> None:
    """Limiter, lanes, pairs and every task that waits: gone."""
    with Redis.from_url(room.engine.addresses.redis_url, socket_timeout=5) as client:
        client.flushall()


def restart_postgres(room: EngineRoom) -> None:
    """In immediate mode: no checkpoint, every session cut."""
    assert strike(room, "Postgres, immediate")


def both(room: EngineRoom) -> None:
    restart_postgres(room)
    empty_redis(room)


HARMS: Mapping[str, Callable[[EngineRoom], None]] = {
    "Redis emptied": empty_redis,
    "Postgres restarted": restart_postgres,
    "both at once": both,
}


@pytest.mark.parametrize(
    ("rounds", "rate"), [(1, 150), pytest.param(3, 150, marks=pytest.mark.chaos)], ids=["once", "again"]
)
def test_stores_that_forget_or_restart_in_mid_campaign(tmp_path: Path, rounds: int, rate: int) -> None:
    with engine_room(tmp_path) as room:
        harmed: dict[int, str] = {}
        for number in range(rounds):
            for name, harm in HARMS.items():
                campaign_id = room.launch(PEOPLE, rate)
                room.wait_for("half of it", lambda id_=campaign_id: room.counts(id_)["queued"] < PEOPLE / 2, 30)
                harm(room)
                harmed[campaign_id] = f"{name}, {number + 1}"
                room.wait_for("handed over", room.nothing_to_send, 60)
        room.come_to_rest(120, rate)
        verdicts = judge(room, dict.fromkeys(harmed, PEOPLE))
    print(table("harm", {name: verdicts[id_] for id_, name in harmed.items()}))
    for id_, name in harmed.items():
        verdict = verdicts[id_]
        assert (verdict.duplicates, verdict.lost, verdict.in_doubt) == (0, 0, 0), f"{name}: {verdict}"
        assert verdict.sends == PEOPLE, f"{name}: {verdict}"

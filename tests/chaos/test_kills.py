"""Every part of the engine killed at random, in mid-campaign: nobody is messaged twice, every row comes to its end."""

import os
import time
from pathlib import Path

import pytest

from console import children
from tests.chaos.engine_room import EngineRoom, engine_room
from tests.chaos.killer import AGAIN, SEED, Killer, kinds
from tests.chaos.ledger_judge import Verdict, judge, table, total

KILLS = int(os.environ.get("CHAOS_KILLS", "204"))
SENDS = int(os.environ.get("CHAOS_SENDS", "102000"))
EVERY_S = 1.2


@pytest.fixture(autouse=True)
def _started_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is killed every few seconds would soon be waited for most of the time."""
    monkeypatch.setattr(children, "LONGEST_BACKOFF_S", 0.5)


@pytest.mark.parametrize(
    ("scenario", "kills", "sends", "people", "rate"),
    [
        pytest.param("calm", 12, 1800, 600, 100, id="short"),
        pytest.param("calm", KILLS, SENDS, 17_000, 800, id="long", marks=pytest.mark.chaos),
        pytest.param("flaky-network", KILLS // 5, SENDS // 20, 1700, 150, id="flaky", marks=pytest.mark.chaos),
    ],
)
def test_killed_at_random_nothing_is_sent_twice_and_nothing_lost(
    tmp_path: Path, scenario: str, kills: int, sends: int, people: int, rate: int
) -> None:
    """Campaign after campaign until both the kills and the sends are reached."""
    began = time.monotonic()
    with engine_room(tmp_path, scenario) as room:
        killer = Killer(kinds(room), kills, EVERY_S, room.under_way)
        expected: dict[int, int] = {}
        while sum(expected.values()) < sends or not killer.done:
            expected[_launch(room, people, rate)] = people
            room.wait_for("campaign handed over", room.nothing_to_send, 600, killer)
        room.come_to_rest(180, rate)
        verdict = total(judge(room, expected))
    _show(killer, verdict, time.monotonic() - began)
    assert killer.done, f"{killer.kills.total()} kills only{AGAIN}"
    assert (verdict.duplicates, verdict.lost, verdict.in_doubt) == (0, 0, 0), f"{verdict}{AGAIN}"
    assert verdict.sends == sum(expected.values()), f"{verdict}{AGAIN}"


def _launch(room: EngineRoom, people: int, rate: int) -> int:
    """Another campaign, as soon as the database is there."""
    launched: list[int] = []
    room.wait_for("campaign launched", lambda: bool(launched.append(room.launch(people, rate)) or launched), 60)
    return launched[0]


def _show(killer: Killer, verdict: Verdict, took_s: float) -> None:
    lines = [f"{kind:<24}{count:>6}" for kind, count in sorted(killer.kills.items())]
    print("\n".join(["", "killed", *lines, f"{'kills in all':<24}{killer.kills.total():>6}"]), end="")
    print(table("", {f"seed {SEED}": verdict}), f"\nin {took_s:.0f} s")

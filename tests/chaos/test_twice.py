"""Everything there twice: two beats, two housekeepers that dispatch and sweep, and each task delivered two times."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from console import parts, supervisor
from console.child import Child
from console.parts import Plan
from tests.chaos.doubling import SAID
from tests.chaos.engine_room import engine_room
from tests.chaos.killer import AGAIN, Killer, kinds
from tests.chaos.ledger_judge import judge, table

ROOT = Path(__file__).parents[2]


@pytest.fixture
def _everything_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    parts_of = supervisor.children_of
    monkeypatch.setattr(parts, "CELERY", (*parts.CELERY[:-1], "tests.chaos.doubling"))
    monkeypatch.setattr(supervisor, "children_of", lambda plan: _with_seconds(parts_of, plan))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def _with_seconds(parts_of: Callable[[Plan], list[Child]], plan: Plan) -> list[Child]:
    children = parts_of(plan)
    return [*children, *(_second(child) for child in children if child.name in ("beat", "housekeeper"))]


def _second(child: Child) -> Child:
    """The same again, with a schedule or a node name of its own."""
    words: Sequence[str] = [str(word) for word in child.command]
    changed = {"beat-schedule": "beat-schedule-2", "housekeeper@": "housekeeper-2@"}
    for word, other in changed.items():
        words = [each.replace(word, other) for each in words]
    return replace(child, name=f"{child.name}-2", command=words)


@pytest.mark.usefixtures("_everything_twice")
@pytest.mark.parametrize(
    ("people", "kills"), [(1500, 0), pytest.param(15_000, 20, marks=pytest.mark.chaos)], ids=["short", "long"]
)
def test_two_of_everything_and_every_task_twice(tmp_path: Path, people: int, kills: int) -> None:
    with engine_room(tmp_path) as room:
        assert {"beat-2", "housekeeper-2"} <= room.engine.supervisor.pids().keys()
        workers = {name: kind for name, kind in kinds(room).items() if name.startswith("worker")}
        killer = Killer(workers, kills, every_s=1.0) if kills else None
        campaign_id = room.launch(people, rate=300)
        room.wait_for("handed over", room.nothing_to_send, people / 50, killer or (lambda: None))
        room.come_to_rest(120)
        verdict = judge(room, {campaign_id: people})[campaign_id]
        doubled = {line.partition(SAID)[2].strip() for line in room.log if SAID in line}
    print(table("twice", {"everything": verdict}))
    assert {"sending.dispatch", "sending.send_chunk", "webhooks.apply", "sweeps.sweep"} <= doubled
    assert (verdict.sends, verdict.duplicates, verdict.lost) == (people, 0, 0), f"{verdict}{AGAIN}"

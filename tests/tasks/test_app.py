"""The Celery app: every task has a queue that somebody works, and nothing runs twice by design."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from celery.beat import Scheduler, Service

from campaign.settings import Settings
from console.parts import Plan, UpOptions, children_of
from tasks.app import MODULES, QueueNames, app, broker_url
from tasks.schedule import beat_schedule


@pytest.fixture(scope="module", autouse=True)
def _all_tasks() -> None:
    app.loader.import_default_modules()


def our_tasks() -> list[str]:
    return [name for name in app.tasks if not name.startswith("celery.")]


def queue_of(task: str) -> str:
    return str(app.amqp.router.route({}, task)["queue"].name)


def test_each_task_goes_to_a_queue_of_ours() -> None:
    assert {queue_of(task) for task in our_tasks()} == set(QueueNames.ALL)


def test_each_queue_is_worked_by_a_part_of_the_engine(tmp_path: object) -> None:
    plan = Plan(UpOptions(workers=2), {}, tmp_path, 0, "http://127.0.0.1:1", None)  # type: ignore[arg-type]
    commands = [list(map(str, child.command)) for child in children_of(plan)]
    worked = {queue for words in commands if "-Q" in words for queue in words[words.index("-Q") + 1].split(",")}
    assert worked == set(QueueNames.ALL)


def test_sending_workers_do_nothing_else(tmp_path: object) -> None:
    plan = Plan(UpOptions(workers=3), {}, tmp_path, 0, "http://127.0.0.1:1", None)  # type: ignore[arg-type]
    commands = {child.name: list(map(str, child.command)) for child in children_of(plan)}
    senders = [words for name, words in commands.items() if name.startswith("worker-")]
    assert [words[words.index("-Q") + 1] for words in senders] == [QueueNames.SENDING] * 3


def test_beat_rings_only_tasks_that_exist_and_its_rings_expire() -> None:
    schedule = beat_schedule(Settings(_env_file=None))
    # Two are rung by others: a lane by the dispatcher, the import of a run by the tick that found the run.
    assert {entry["task"] for entry in schedule.values()} == set(our_tasks()) - {"sending.send_chunk", "imports.run"}
    for entry in schedule.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] > entry["schedule"].seconds  # type: ignore[index, attr-defined]


def test_no_worker_carries_what_only_lists_and_reports_need() -> None:
    check = f"import sys, {', '.join(MODULES)}; print({{'pandas', 'pyarrow'}} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "set()"


def test_a_lost_worker_costs_a_ring_and_no_more() -> None:
    assert app.conf.task_acks_late is True
    # A bound on what is received can strand a worker whose acknowledgement failed; see tasks/app.py.
    assert app.conf.worker_prefetch_multiplier == 0
    assert app.conf.task_ignore_result is True


@pytest.mark.parametrize(
    ("address", "broker"),
    [
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock"),
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("rediss://cache.example:6380", "rediss://cache.example:6380"),
    ],
)
def test_the_broker_takes_each_form_of_address(address: str, broker: str) -> None:
    assert broker_url(address) == broker


def test_beat_can_be_told_to_end_in_the_middle_of_ending_and_keeps_no_file(tmp_path: Path) -> None:
    """Its signal handler ends the scheduler, and then so does its loop: a file on disk would be closed twice."""
    beat = Service(app, schedule_filename=str(tmp_path / "schedule"), scheduler_cls=app.conf.beat_scheduler)
    assert set(beat.scheduler.schedule) >= {"dispatch", "sweep"}
    beat.sync()
    # The ring under way when the signal came is still written down.
    beat.scheduler.reserve(beat.scheduler.schedule["dispatch"])
    beat.sync()
    assert list(tmp_path.iterdir()) == []


class Busy(Scheduler):
    """Is told to end in the middle of a ring, where the ring turns whatever is raised into another error."""

    rings = 0

    def tick(self, *_: object, **__: object) -> float:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0)  # where handlers run
        except BaseException as error:
            raise AssertionError("a ring was cut short") from error
        Busy.rings += 1
        return 0.01


def test_beat_that_is_told_to_end_in_the_middle_of_a_ring_ends_after_it() -> None:
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)}
    try:
        Service(app, scheduler_cls=Busy).start()
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
    assert Busy.rings > 0

"""The table of an engine's parts."""

import os
from pathlib import Path

import pytest

from campaign.settings import PREFIX, Settings
from console.parts import Plan, UpOptions, children_of, environment_of
from tasks.app import QueueNames, app


def plan(options: UpOptions, *, sandbox_port: int | None = None) -> Plan:
    return Plan(options, {"CAMPAIGN_HOME": "/h"}, Path("/h/run"), 7, "http://127.0.0.1:8000", sandbox_port)


def queues_of(command: tuple[str, ...]) -> set[str]:
    return set(command[command.index("-Q") + 1].split(","))


def test_every_part_has_a_name_of_its_own_and_the_settings() -> None:
    children = children_of(plan(UpOptions(workers=3)))
    workers = ["worker-1", "worker-2", "worker-3", "housekeeper", "importer"]
    assert [child.name for child in children] == ["receiver", *workers, "beat"]
    assert all(child.environment["CAMPAIGN_HOME"] == "/h" for child in children)


def test_every_queue_that_a_task_can_land_in_is_worked() -> None:
    workers = [child for child in children_of(plan(UpOptions())) if "-Q" in child.command]
    worked = set().union(*(queues_of(tuple(map(str, child.command))) for child in workers))
    routed = {route["queue"] for route in app.conf.task_routes.values()} | {app.conf.task_default_queue}
    assert worked == set(QueueNames.ALL) >= routed


def test_the_sandbox_is_started_only_when_it_is_wanted_and_told_where_webhooks_go() -> None:
    options = UpOptions(sandbox=True, sandbox_sender="shop", sandbox_arguments=("--seed", "7"))
    sandbox = children_of(plan(options, sandbox_port=8001))[0]
    assert sandbox.name == "sandbox"
    assert "http://127.0.0.1:8000/webhooks/shop" in sandbox.command
    assert tuple(sandbox.command[-2:]) == ("--seed", "7")


def test_settings_reach_the_children_as_they_were_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = Settings(
        _env_file=None,
        home=tmp_path,
        redis_url="redis://:pass@cache/0",
        lease_s=3.5,
        marketing_retry_delays_s=(1.0, 2.5),
        database_url=None,
    )
    variables = environment_of(given, database_url="postgresql://found")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    seen = Settings(_env_file=None)
    assert seen.model_dump() == given.model_copy(update={"database_url": seen.database_url}).model_dump()
    assert seen.database_url is not None
    assert seen.database_url.get_secret_value() == "postgresql://found"


def test_what_was_not_set_is_left_to_the_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    assert set(environment_of(Settings(_env_file=None, home=tmp_path))) == {"CAMPAIGN_HOME"}

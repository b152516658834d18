"""`python -m sandbox` as a process: flags, environment, ready line, end."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.__main__ import find_scenario, main
from tests.sandbox.client import message

ROOT = Path(__file__).parents[2]


@contextmanager
def sandbox(*flags: str, environment: dict[str, str] | None = None) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The process and its ready line."""
    command = [sys.executable, "-m", "sandbox", *flags]
    clean = {"PATH": "/usr/bin:/bin", **(environment or {})}
    with subprocess.Popen(command, cwd=ROOT, env=clean, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_in_good_order(tmp_path: Path, ending: int) -> None:
    ready_file = tmp_path / "ready.json"
    with sandbox("--port", "0", "--ready-file", str(ready_file)) as (process, ready):
        assert ready == {"ready": True, "host": "127.0.0.1", "port": ready["port"]}
        assert json.loads(ready_file.read_text()) == ready
        assert httpx.get(f"http://127.0.0.1:{ready['port']}/_sandbox/health").json() == {"ok": True}
        process.send_signal(ending)
        assert process.wait(5) == 0
        assert process.stderr.read() == b""


def test_flags_and_environment_are_followed() -> None:
    flags = (
        *("--seed", "9", "--scenario", "capped-users", "--phone-number-id", "1001", "--phone-number-id", "1002"),
        *("--waba-id", "77", "--dialect", "cloud", "--templates", "samples/templates.json"),
    )
    with sandbox(*flags, environment={"SANDBOX_TOKEN": "from the environment"}) as (_, ready):
        url = f"http://127.0.0.1:{ready['port']}"
        scenario = httpx.get(f"{url}/_sandbox/scenario").json()
        assert (scenario["seed"], scenario["people"]["capped"]) == (9, 0.2)
        key = {"Authorization": "Bearer from the environment"}
        for number in ("1001", "1002"):
            sent = httpx.post(f"{url}/v23.0/{number}/messages", json=message("+525555500001"), headers=key)
            assert sent.status_code == 200
        assert httpx.get(f"{url}/v23.0/77/message_templates", headers=key).status_code == 200
        assert httpx.get(f"{url}/v1/configs/templates", headers=key).status_code == 404


def test_a_flag_wins_over_the_environment() -> None:
    with sandbox("--token", "from the flag", environment={"SANDBOX_TOKEN": "not this"}) as (_, ready):
        url = f"http://127.0.0.1:{ready['port']}/v23.0/100000000000020"
        assert httpx.get(url, headers={"Authorization": "Bearer from the flag"}).status_code == 200
        assert httpx.get(url, headers={"Authorization": "Bearer not this"}).status_code == 401


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--scenario", "nowhere.toml"], "nowhere.toml cannot be read"),
        (["--templates", "nowhere.json"], "nowhere.json cannot be read"),
    ],
)
def test_what_cannot_start_says_why_in_one_line(
    flags: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(flags) == 1
    said = capsys.readouterr().err
    assert said.startswith("Error: ")
    assert says in said
    assert said.count("\n") == 1


def test_a_taken_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 1
    assert f"127.0.0.1:{port}" in capsys.readouterr().err


def test_a_scenario_is_found_by_name_or_path(tmp_path: Path) -> None:
    assert find_scenario("busy-day") == ROOT / "samples" / "scenarios" / "busy-day.toml"
    assert find_scenario(str(tmp_path / "own.toml")) == tmp_path / "own.toml"

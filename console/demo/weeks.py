"""`campaign demo --days 14`: campaigns that recur, over weeks within a minute, against the sandbox.

Stores, receiver and sandbox are processes as ever, in a folder of their own. The engine itself runs in one more, whose
settings name them: there its clock is stepped an hour at a time. See stepped.py and diary.py.
"""

import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from campaign.settings import Settings, current_settings
from console.children import Supervisor
from console.demo.platform import SECRETS
from console.demo.run import NAME, own_folder
from console.demo.telling import Telling
from console.embedded import embedded_stores
from console.parts import PYTHON, SANDBOX_HOST, SANDBOX_SECRETS, Plan, UpOptions, children_of, environment_of
from console.stores.folders import store_folders

WANTED = ("sandbox", "receiver")
READY_S = 60.0
STARTS_S = 120.0
DAY_S = 30.0
"""More than a day takes on a machine that has much else to do."""

SCENARIO = """
clock_factor = {factor}
[people]
read = 0.7
[webhooks]
sent_after_s = 0.01
delivered_after_s = 0.02
read_after_s = 0.04
gather_ms = 5.0
"""
CLOCK_FACTOR = 20_160
"""Fourteen days in a minute: whoever is written to every day is so on the platform's clock, too."""


def run_weeks(days: int) -> int:
    """Run so many days; returns 0 only when every run was sent whole and nobody was written to outside their hours."""
    with own_folder(current_settings()) as home:
        scenario = home / "weeks.toml"
        scenario.write_text(SCENARIO.format(factor=CLOCK_FACTOR), encoding="utf-8")
        Telling().say("Starting stores, receiver and a stand-in of WhatsApp; then the engine's clock is stepped …")
        with (home / "demo.log").open("w", encoding="utf-8") as log, _parts(home, scenario, log) as (variables, url):
            command = (*PYTHON, "console.demo.diary", "--days", str(days), "--sandbox", url, "--folder", str(home))
            most_s = STARTS_S + days * DAY_S
            return subprocess.run(command, env={**os.environ, **variables}, timeout=most_s, check=False).returncode


@contextmanager
def _parts(home: Path, scenario: Path, log: TextIO) -> Iterator[tuple[Mapping[str, str], str]]:
    """Stores, receiver and sandbox; the variables of the engine that works with them, and the sandbox's address."""
    with (
        embedded_stores(home, linger=False) as found,
        socket.create_server((SANDBOX_HOST, 0), backlog=128) as listening,
    ):
        # Who is written to day after day would rest for a pair, by the real clock of Redis.
        settings = Settings(_env_file=None, home=home, pair_interval_s=0.0)
        addresses = {"database_url": found.database_url, "redis_url": found.redis_url}
        ours = {mine: SANDBOX_SECRETS[theirs] for theirs, mine in SECRETS.items()}
        variables = environment_of(settings, **addresses) | SANDBOX_SECRETS | ours
        port, sandbox_port = listening.getsockname()[1], _free_port()
        options = UpOptions(sandbox=True, sandbox_sender=NAME, sandbox_arguments=("--scenario", str(scenario)))
        plan = Plan(
            options,
            variables,
            store_folders(home).run,
            listening.fileno(),
            f"http://{SANDBOX_HOST}:{port}",
            sandbox_port,
        )
        children = [child for child in children_of(plan) if child.name in WANTED]
        with Supervisor(children, lambda name, text: _note(log, name, text)) as supervisor:
            supervisor.wait_ready(READY_S)
            yield variables, f"http://{SANDBOX_HOST}:{sandbox_port}"


def _free_port() -> int:
    with socket.create_server((SANDBOX_HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def _note(log: TextIO, name: str, text: str) -> None:
    log.write(f"{name} {text}\n")

"""Sends taken per second by the stand-in on one core, webhooks on, against a bare server that answers a constant.

Three statuses per message, posted in batches to a receiver that verifies each signature. The servers run in turns under
the same load, each in a process of its own, pinned to one core where the system can. Goal: 2,000 sends a second.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import uvloop

from sandbox.config import DEFAULT_APP_SECRET, DEFAULT_PHONE_NUMBER_ID, DEFAULT_TOKEN
from tests.bench.load import Result, closed_loop

GOAL = 2_000
ROUNDS, SECONDS, CONNECTIONS, PEOPLE = 3, 3.0, 64, 50_000
DRAINED_WITHIN_S = 60.0
ROOT = Path(__file__).parents[2]
# Not `uvicorn --fd`: it takes any descriptor for a unix socket, sets no TCP_NODELAY, and answers wait 40 ms.
SERVE = """
import socket, sys, uvicorn
config = uvicorn.Config(sys.argv[2], factory=sys.argv[3:] == ["factory"], access_log=False, log_level="warning")
uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
"""


def request_of(number: int) -> bytes:
    """A send to one of so many people."""
    texts = [{"type": "text", "text": "Ann"}, {"type": "text", "text": "SPRING15"}]
    body = json.dumps(
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": f"+5255{55_500_000 + number}",
            "type": "template",
            "biz_opaque_callback_data": f"c1:m{number}:a1",
            "template": {
                "name": "spring_sale",
                "language": {"policy": "deterministic", "code": "en_US"},
                "components": [{"type": "body", "parameters": texts}],
            },
        }
    ).encode()
    head = (
        f"POST /v23.0/{DEFAULT_PHONE_NUMBER_ID}/messages HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        f"content-type: application/json\r\nauthorization: Bearer {DEFAULT_TOKEN}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def process(command: list[str], environment: Mapping[str, str] | None = None, **more: Any) -> Iterator[psutil.Process]:
    """A Python process; it is ended, whatever happens."""
    started = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=os.environ | dict(environment or {}), **more)
    try:
        yield psutil.Process(started.pid)
    finally:
        started.terminate()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


@contextmanager
def served(*app: str, environment: Mapping[str, str] | None = None) -> Iterator[tuple[int, psutil.Process]]:
    """The port of an application under uvicorn, and its process; a second word says that it is a factory."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        descriptor = listening.fileno()
        with process(["-c", SERVE, str(descriptor), *app], environment, pass_fds=(descriptor,)) as one:
            yield listening.getsockname()[1], one


@contextmanager
def stand_in(folder: Path, *flags: str) -> Iterator[tuple[int, psutil.Process]]:
    """The port of a sandbox where everybody reads, and its process."""
    scenario, ready = folder / "everybody_reads.toml", folder / f"ready{len(flags)}.json"
    scenario.write_text("[people]\nread = 1.0\n[limits]\npair_interval_s = 0\n")
    command = ["-m", "sandbox", "--scenario", str(scenario), "--ready-file", str(ready), *flags]
    with process(command, stdout=subprocess.DEVNULL) as one:
        ends = time.monotonic() + 20
        while not ready.exists():
            assert time.monotonic() < ends, "the sandbox did not start"
            time.sleep(0.05)
        yield json.loads(ready.read_text())["port"], one


@contextmanager
def cores_shared_out(servers: Iterable[psutil.Process]) -> Iterator[None]:
    """The servers on the first core, client and receiver on the others; off Linux the system decides."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {0}
    first = min(cores)
    if len(cores) > 1:
        for server in servers:
            server.cpu_affinity([first])
        os.sched_setaffinity(0, cores - {first})
    try:
        yield
    finally:
        if len(cores) > 1:
            os.sched_setaffinity(0, cores)


def cpu_s(one: psutil.Process) -> float:
    times = one.cpu_times()
    return float(times.user + times.system)


def summary_once_drained(port: int) -> dict[str, Any]:
    """The sandbox's own sums once every status has been posted."""
    ends = time.monotonic() + DRAINED_WITHIN_S
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_sandbox/summary", timeout=30) as answer:
            summary: dict[str, Any] = json.load(answer)
        if not summary["scheduled"] and not summary["webhooks"]["queue"]:
            return summary
        assert time.monotonic() < ends, f"webhooks left after {DRAINED_WITHIN_S:g} s: {summary['webhooks']}"
        time.sleep(0.5)


@pytest.mark.bench
def test_sandbox(tmp_path: Path) -> None:
    requests = [request_of(number) for number in range(PEOPLE)]
    with ExitStack() as stack:
        hook = stack.enter_context(
            served("tests.bench.bare_receiver:app", "factory", environment={"TEST_APP_SECRET": DEFAULT_APP_SECRET})
        )
        url = f"http://127.0.0.1:{hook[0]}/webhooks/bench"
        servers = {
            "bare server": stack.enter_context(served("tests.bench.constant_server:app")),
            "no webhooks": stack.enter_context(stand_in(tmp_path)),
            "webhooks on": stack.enter_context(stand_in(tmp_path, "--webhook-url", url)),
        }
        results: dict[str, list[Result]] = {name: [] for name in servers}
        stack.enter_context(cores_shared_out(one for _, one in servers.values()))
        for port, _ in servers.values():
            uvloop.run(closed_loop("127.0.0.1", port, requests, connections=CONNECTIONS, seconds=0.5))
        summary_once_drained(servers["webhooks on"][0])
        before = {name: cpu_s(one) for name, (_, one) in servers.items()}
        for _ in range(ROUNDS):
            for name, (port, _) in servers.items():
                load = closed_loop("127.0.0.1", port, requests, connections=CONNECTIONS, seconds=SECONDS)
                results[name].append(uvloop.run(load))
                # The next in turn shall not share its time with webhooks of the last.
                if name == "webhooks on":
                    summary = summary_once_drained(port)
        spent = {name: cpu_s(one) - before[name] for name, (_, one) in servers.items()}
    report(results, spent)
    assert all(set(result.statuses) == {200} for rounds in results.values() for result in rounds)
    assert summary["webhooks"]["items_received"] == 3 * summary["accepted"]


def report(results: Mapping[str, list[Result]], spent: Mapping[str, float]) -> None:
    """Print the figures side by side."""
    per_s = {name: statistics.median(result.per_second for result in rounds) for name, rounds in results.items()}
    cpu_us = {
        name: spent[name] / sum(result.statuses.total() for result in rounds) * 1e6 for name, rounds in results.items()
    }
    print(f"\nsandbox, webhooks on: {per_s['webhooks on']:,.0f} sends/s on one core (goal {GOAL:,})")
    for name, figure in per_s.items():
        ratio, room = figure / per_s["bare server"], 1e6 / cpu_us[name]
        print(f"  {name}: {figure:,.0f}/s · ratio {ratio:.2f} · CPU each {cpu_us[name]:.0f} µs, room for {room:,.0f}/s")

"""The engine against a bare loop of the same client and server: what claim, gate, permits and records cost.

Both run in this process, which stands for one worker, over as many connections; the sandbox and the stores have the
other core. The bare loop posts through httpx's client, URL and headers prepared; the engine goes round that client to
the transport below it, so what this way of sending takes alone stands beside it. Shares are of this process's CPU: HTTP
is what sending alone needs in the same run, the rest is what the lane itself and the filling of templates take.

The second figure is of a whole engine with one sending worker, which the sandbox reports to: statuses are received,
committed and merged meanwhile, all on the same machine.
"""

import asyncio
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

import httpx
import pytest
import redis
from sqlalchemy import update

from campaign.providers.base import OutboundTemplate
from campaign.providers.cloud import CloudProvider
from campaign.providers.transport import Wire
from campaign.sending import record
from campaign.sending.lane import Lane, Tools
from campaign.sending.limiter import Limiter
from campaign.sending.pairs import Pairs
from campaign.sending.send_chunk import send_chunk
from campaign.settings import Settings
from models import Campaign, Sender
from models.session import Sessions, session_scope
from tasks import wiring
from tests.bench.rows import bulk_campaign
from tests.chaos.engine_room import engine_room

pytestmark = pytest.mark.bench

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "6000"))
MERGED_MESSAGES = int(os.environ.get("BENCH_MERGED_MESSAGES", "20000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
CONNECTIONS = 64
UNLIMITED = 1_000_000
COMPONENTS = [{"type": "body", "parameters": [{"type": "text", "text": "Ann"}, {"type": "text", "text": "15%"}]}]


@pytest.fixture
def platform() -> Iterator[str]:
    command = [sys.executable, "-m", "sandbox", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def cloud(base: str, wire: Wire) -> CloudProvider:
    ids = {"phone_number_id": "100000000000020", "waba_id": "100000000000010"}
    return CloudProvider(wire, base_url=f"{base}/v23.0", token="sandbox-token", **ids)


class Figure(NamedTuple):
    """Messages a second, and this process's CPU microseconds for each: the second is steadier on a busy machine."""

    rate: float
    cpu_us: float


class Meter:
    """CPU seconds of the thread that runs a step, by step."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()

    def watch(self, patch: pytest.MonkeyPatch, owner: Any, name: str, step: str) -> None:
        inner = getattr(owner, name)

        def timed(*given: Any, **named: Any) -> Any:
            start = time.thread_time()
            try:
                return inner(*given, **named)
            finally:
                self.seconds[step] += time.thread_time() - start

        patch.setattr(owner, name, timed)

    def shares(self, alone: "Figure", full: "Figure", count: int) -> dict[str, float]:
        """Of the engine's CPU per message, by step; they add up to 1."""
        parts = {step: seconds / count * 1e6 for step, seconds in self.seconds.items()} | {"HTTP": alone.cpu_us}
        return {step: us / full.cpu_us for step, us in (parts | {"rest": full.cpu_us - sum(parts.values())}).items()}


class Stopwatch:
    """Wall and CPU time of a block."""

    def __enter__(self) -> Self:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self._wall, self._cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu

    def figure(self, count: int) -> Figure:
        return Figure(count / self._wall, self._cpu / count * 1e6)


class ThroughClient(httpx.AsyncBaseTransport):
    """The same transport under httpx's client."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._client = httpx.AsyncClient(transport=inner, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._client.send(request, stream=True)

    async def aclose(self) -> None:
        await self._client.aclose()


async def bare_loop(settings: Settings, base: str, count: int) -> Figure:
    """Messages a second through httpx's client, with nothing around the request."""
    wire = Wire(settings)
    wire._transport = ThroughClient(wire._transport)
    return await _loop(cloud(base, wire), count)


async def sending_alone(settings: Settings, base: str, count: int) -> Figure:
    """Messages a second by the engine's own way of sending, with nothing around the request."""
    return await _loop(cloud(base, Wire(settings)), count)


async def _loop(provider: CloudProvider, count: int) -> Figure:
    numbers = itertools.count()

    async def post_some() -> None:
        while (number := next(numbers)) < count:
            to = f"+52555555{number % 10_000:04d}"
            await provider.send(OutboundTemplate(to, "spring_sale", "en_US", COMPONENTS, f"c1:m{number}:a1"))

    with Stopwatch() as watch:
        await asyncio.gather(*(post_some() for _ in range(CONNECTIONS)))
    await provider.aclose()
    return watch.figure(count)


async def engine(tools: Tools, campaign: Campaign, count: int, lanes: int = 1) -> Figure:
    """Messages a second through claim, gate, permits, request and record."""
    with Stopwatch() as watch:
        claimed = await asyncio.gather(*(send_chunk(campaign.sender_id, tools, lambda: True) for _ in range(lanes)))
    assert sum(claimed) == count
    return watch.figure(count)


def test_engine_against_a_bare_loop(
    sessions: Sessions,
    settings: Settings,
    redis_client: redis.Redis,
    platform: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meter = Meter()
    meter.watch(monkeypatch, Lane, "_claim", "claim")
    meter.watch(monkeypatch, Lane, "_reserve", "permits")
    meter.watch(monkeypatch, Lane, "_return_unused", "permits")
    meter.watch(monkeypatch, record, "write_decided", "record")
    waits = {"lease_s": 60.0, "send_timeout_s": 20.0, "send_connections": CONNECTIONS}
    quick = settings.model_copy(update=waits)
    rates, costs = [], []
    for number in range(ROUNDS):
        with session_scope(sessions) as session:
            campaign = bulk_campaign(session, MESSAGES, name=f"bench-{number}", rate_mps=UNLIMITED)
        bare, alone, full = wiring.run(_each(sessions, quick, redis_client, platform, campaign))
        rates.append(full.rate / bare.rate)
        costs.append(bare.cpu_us / full.cpu_us)
        where = ", ".join(f"{step} {share:.0%}" for step, share in meter.shares(alone, full, MESSAGES).items())
        meter.seconds.clear()
        for name, figure in {"bare loop": bare, "sending alone": alone, "engine": full}.items():
            print(f"\n{name:>13} {figure.rate:6,.0f}/s {figure.cpu_us:4.0f} µs CPU", end="")
        print(f"   ratio {rates[-1]:.2f}, of CPU {costs[-1]:.2f}\n  of the CPU: {where}", end="")
    urllib.request.urlopen(f"{platform}/_sandbox/summary", timeout=5).read()
    for what, ratios in {"rates": rates, "CPU for a message": costs}.items():
        print(
            f"\nengine ÷ bare loop by {what}, median of {ROUNDS}: {statistics.median(ratios):.2f} (goal 0.70)", end=""
        )
    print()


async def _each(
    sessions: Sessions, settings: Settings, redis_client: redis.Redis, platform: str, campaign: Campaign
) -> tuple[Figure, Figure, Figure]:
    provider = cloud(platform, Wire(settings))

    def limiter(key: str) -> Limiter:
        return Limiter(redis_client, key, settings)

    pairs = Pairs(redis_client, settings)
    tools = Tools(
        sessions, settings, limiter, pairs, lambda sender: provider, lambda: datetime.now(UTC), random.Random(1)
    )
    bare = await bare_loop(settings, platform, MESSAGES)
    alone = await sending_alone(settings, platform, MESSAGES)
    full = await engine(tools, campaign, MESSAGES)
    await provider.aclose()
    return bare, alone, full


def test_one_worker_while_statuses_are_merged(settings: Settings, platform: str, tmp_path: Path) -> None:
    bare = wiring.run(bare_loop(settings, platform, MESSAGES))
    with engine_room(tmp_path / "home", workers=1, lease_s=60.0, send_timeout_s=20.0) as room:
        room.launch(1, 1)
        with session_scope(room.sessions) as session:
            session.execute(update(Sender).values(rate_mps=UNLIMITED))
        room.launch(MERGED_MESSAGES, UNLIMITED)
        room.wait_for("everything handed over", room.nothing_to_send, 600)
        instants = sorted(entry["at"] for entry in room.taken())[1:]
        merged = sum(room.counts()[state] for state in ("sent", "delivered", "read"))
        print(f"\n{merged:,} of {len(instants):,} messages had a status merged when the last was sent", end="")
    # What the first and the last tenth tell is how an engine starts and ends.
    steady = instants[len(instants) // 10 : -len(instants) // 10]
    rate = (len(steady) - 1) / (steady[-1] - steady[0])
    print(f"\none worker, statuses merged meanwhile: {rate:,.0f}/s (goal 1,000), {rate / bare.rate:.2f} (goal 0.40)")

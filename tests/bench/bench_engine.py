"""The engine against a bare loop of the same client and server: what claim, gate, permits and records cost.

Both run in this process, which stands for one worker; the sandbox and the stores have the other core. Shares are of
this process's CPU: HTTP is what the bare loop of the same run needs, the rest is what the loop itself and the filling
of templates take.
"""

import asyncio
import itertools
import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

import pytest
import redis

from campaign.providers.base import OutboundTemplate
from campaign.providers.cloud import CloudProvider
from campaign.providers.transport import Wire
from campaign.sending import record
from campaign.sending.lane import Lane, Tools
from campaign.sending.limiter import Limiter
from campaign.sending.pairs import Pairs
from campaign.sending.send_chunk import send_chunk
from campaign.settings import Settings
from models import Campaign
from models.session import Sessions, session_scope
from tasks import wiring
from tests.bench.rows import bulk_campaign

pytestmark = pytest.mark.bench

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "6000"))
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


def cloud(settings: Settings, base: str) -> CloudProvider:
    ids = {"phone_number_id": "100000000000020", "waba_id": "100000000000010"}
    return CloudProvider(Wire(settings), base_url=f"{base}/v23.0", token="sandbox-token", **ids)


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

    def shares(self, bare: "Figure", full: "Figure", count: int) -> dict[str, float]:
        """Of the engine's CPU per message, by step; they add up to 1."""
        parts = {step: seconds / count * 1e6 for step, seconds in self.seconds.items()} | {"HTTP": bare.cpu_us}
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


async def bare_loop(settings: Settings, base: str, count: int) -> Figure:
    """Messages a second with nothing around the request."""
    provider = cloud(settings, base)
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
    quick = settings.model_copy(update={"lease_s": 60.0, "send_timeout_s": 20.0})
    ratios = []
    for number in range(ROUNDS):
        with session_scope(sessions) as session:
            campaign = bulk_campaign(session, MESSAGES, name=f"bench-{number}", rate_mps=UNLIMITED)
        bare, full = wiring.run(_both(sessions, quick, redis_client, platform, campaign))
        ratios.append(full.rate / bare.rate)
        where = ", ".join(f"{step} {share:.0%}" for step, share in meter.shares(bare, full, MESSAGES).items())
        meter.seconds.clear()
        print(
            f"\nbare loop {bare.rate:6,.0f}/s {bare.cpu_us:4.0f} µs CPU   "
            f"engine {full.rate:6,.0f}/s {full.cpu_us:4.0f} µs CPU   ratio {ratios[-1]:.2f}\n  of the CPU: {where}",
            end="",
        )
    urllib.request.urlopen(f"{platform}/_sandbox/summary", timeout=5).read()
    print(f"\nengine ÷ bare loop, median of {ROUNDS}: {sorted(ratios)[ROUNDS // 2]:.2f} (goal 0.70)")


async def _both(
    sessions: Sessions, settings: Settings, redis_client: redis.Redis, platform: str, campaign: Campaign
) -> tuple[Figure, Figure]:
    provider = cloud(settings, platform)

    def limiter(key: str) -> Limiter:
        return Limiter(redis_client, key, settings)

    pairs = Pairs(redis_client, settings)
    tools = Tools(
        sessions, settings, limiter, pairs, lambda sender: provider, lambda: datetime.now(UTC), random.Random(1)
    )
    bare = await bare_loop(settings, platform, MESSAGES)
    full = await engine(tools, campaign, MESSAGES)
    await provider.aclose()
    return bare, full

"""Turns at a gateway's other endpoints: one bucket for all who ask, a bound on the wait, and clear words."""

import asyncio
import time

import pytest
import redis

from campaign.errors import PlatformError
from campaign.sending import turns
from campaign.sending.endpoints import EndpointLimit
from campaign.sending.limiter import Limiter
from campaign.sending.turns import Turns
from campaign.settings import Settings


async def take(turn: Turns, count: int) -> list[float]:
    times = []
    for _ in range(count):
        await turn()
        times.append(time.monotonic())
    return times


async def test_whoever_asks_shares_one_bucket(settings: Settings, redis_client: redis.Redis) -> None:
    limit = EndpointLimit(10, 4, "test")
    asking = [Turns(Limiter(redis_client, "other:1", settings), limit, "shop") for _ in range(2)]
    taken = await asyncio.gather(*(take(turn, 5) for turn in asking))
    times = sorted(at for each in taken for at in each)
    assert len(times) == 10
    # What the burst does not cover comes at the pace, whatever the machine is busy with.
    assert times[-1] - times[0] >= (len(times) - limit.burst) / limit.per_s


async def test_a_turn_that_does_not_come_soon_is_said(
    settings: Settings, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT_S", 1.0)
    turn = Turns(Limiter(redis_client, "other:1", settings), EndpointLimit(0.01, 1, "test"), "shop")
    await turn()
    with pytest.raises(PlatformError, match=r"the provider of sender shop takes 0\.01 requests a second"):
        await turn()


async def test_without_redis_nothing_is_asked(settings: Settings) -> None:
    with redis.Redis.from_url("redis://127.0.0.1:9") as nobody:
        turn = Turns(Limiter(nobody, "other:1", settings), EndpointLimit(20, 60, "test"), "shop")
        with pytest.raises(PlatformError, match=r"Redis does not answer: .* cannot be kept; start Redis"):
            await turn()


async def test_a_command_without_a_redis_keeps_the_pace_by_itself() -> None:
    times = await take(Turns(None, EndpointLimit(20, 60, "test"), "shop"), 5)
    assert times[-1] - times[0] >= 0.2 - 0.001

"""The pace of a lane: which permits a message leaves at."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import redis

from campaign.sending.lane import Lane, Tools
from campaign.sending.limiter import Limiter, Permits
from models.session import Sessions, session_scope
from tests.campaign.sending.test_send_chunk import provider, tools
from tests.factories import make_sender

__all__ = ["provider", "tools"]

RATE = 1000


@pytest.fixture
async def lane(sessions: Sessions, tools: Tools, redis_client: redis.Redis) -> AsyncIterator[Lane]:
    patient = tools.settings.model_copy(update={"permit_late_s": 5.0})
    warm = Limiter(redis_client, "one", tools.settings)
    while not warm.reserve(RATE, 1).count:
        time.sleep(0.02)
    with session_scope(sessions) as session:
        sender = make_sender(session, rate_mps=RATE)
    lane = Lane(sender, {}, replace(tools, settings=patient, limiter=lambda key: warm))
    yield lane
    await lane._recorder.close()


def missed(count: int) -> Permits:
    return Permits(
        first_at=time.monotonic() - 60,
        interval_s=0.01,
        count=count,
        wait_s=0.0,
        factor=1.0,
        braked_for_s=0.0,
        server_first_us=1.0,
    )


async def test_missed_permits_are_replaced_while_no_later_turn_holds_any(lane: Lane) -> None:
    permits, index = await lane._at_a_permit(missed(5), 0, 3, turn=0)
    assert index < permits.count <= 3
    assert permits.at(index) > time.monotonic() - 50


async def test_behind_a_later_turn_no_permits_are_asked_for(lane: Lane, redis_client: redis.Redis) -> None:
    """They would come after those of the later turn, which would be missed in turn, and so on for ever."""
    before = redis_client.hget("campaign:limiter:one", "next")
    lane._turns = 1
    old = missed(5)
    assert await lane._at_a_permit(old, 0, 3, turn=0) == (old, old.count)
    assert redis_client.hget("campaign:limiter:one", "next") == before

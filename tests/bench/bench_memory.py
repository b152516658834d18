"""The memory of a sending process over 200,000 messages: it must not grow with what was sent.

One process, as a worker is: claim, gate, permits, records; the platform is a coroutine that takes everything.
"""

import os
import random
from datetime import UTC, datetime

import psutil
import pytest
import redis
from sqlalchemy import text

from campaign.providers.base import Accepted, OutboundTemplate, Outcome
from campaign.sending.lane import Tools
from campaign.sending.limiter import Limiter
from campaign.sending.pairs import Pairs
from campaign.sending.send_chunk import send_chunk
from campaign.settings import Settings
from models.session import Sessions, session_scope
from tasks import wiring
from tests.bench.rows import bulk_campaign

pytestmark = pytest.mark.bench

MESSAGES = int(os.environ.get("BENCH_MEMORY_MESSAGES", "200000"))
EVERY = max(1, MESSAGES // 4)
UNLIMITED = 1_000_000


class Willing:
    """A platform that takes everything at once."""

    async def send(self, message: OutboundTemplate) -> Outcome:
        return Accepted(f"wamid.{message.callback_data}", message.to.lstrip("+"))


def resident_mib() -> float:
    return psutil.Process().memory_info().rss / 2**20


def test_memory_stays_flat(sessions: Sessions, settings: Settings, redis_client: redis.Redis) -> None:
    quick = settings.model_copy(update={"lease_s": 60.0, "send_timeout_s": 20.0})
    with session_scope(sessions) as session:
        session.execute(text("SET LOCAL statement_timeout = '10min'"))
        campaign = bulk_campaign(session, MESSAGES, name="memory", rate_mps=UNLIMITED)
    platform = Willing()
    tools = Tools(
        sessions, quick, lambda key: Limiter(redis_client, key, quick), Pairs(redis_client, quick),
        lambda sender: platform, lambda: datetime.now(UTC), random.Random(1),  # type: ignore[arg-type, return-value]
    )  # fmt: skip
    sent, shown = 0, []
    print()
    for goal in range(EVERY, MESSAGES + 1, EVERY):
        while sent < goal:
            sent += (claimed := wiring.run(_some(campaign.sender_id, tools)))
            assert claimed, "everything is due"
        shown.append(resident_mib())
        print(f"{sent:9,} messages: {shown[-1]:6.1f} MiB")
    print(f"from the first quarter to the last: {shown[-1] - shown[0]:+.1f} MiB")


async def _some(sender_id: int, tools: Tools) -> int:
    """One chunk of a lane, as a task works it; a handful of turns so that many chunks are made."""
    turns = iter(range(40))
    return await send_chunk(sender_id, tools, lambda: next(turns, None) is not None)

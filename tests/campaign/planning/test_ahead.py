"""The plan of a campaign from its rows; and that a run on a quick clock keeps to it."""

import asyncio
import random
import time
from collections import Counter
from datetime import datetime, timedelta

import redis
from sqlalchemy import select

from campaign.planning.ahead import limits_ahead, plan_campaign
from campaign.planning.warm_up import WarmUp
from campaign.providers.base import Accepted, OutboundTemplate, Outcome
from campaign.sending.lane import Tools
from campaign.sending.limiter import Limiter
from campaign.sending.pairs import Pairs
from campaign.sending.send_chunk import send_chunk
from campaign.sending.tiers import resume_freed
from campaign.settings import Settings
from models import Message, Sender
from models.session import Sessions, session_scope
from tests.factories import NOON, fiction_phone, grant, make_campaign, make_messages, make_sender, make_template

PEOPLE = 60
CLOCK_FACTOR = 86_400 / 1.5
"""A day passes in a second and a half."""


class Willing:
    """A platform that takes everything."""

    async def send(self, message: OutboundTemplate) -> Outcome:
        return Accepted(f"wamid.{message.callback_data}", message.to.lstrip("+"))

    async def aclose(self) -> None:
        return None


def test_a_plan_starts_with_the_campaign(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session, tier=10)
        later = NOON + timedelta(hours=3)
        campaign = make_campaign(session, sender, make_template(session, sender), start_at=later)
        limits = limits_ahead(session, sender, rate_mps=80, reserve=0.0, now=NOON)
        assert plan_campaign(campaign, 5, limits, NOON).start == later
        assert plan_campaign(campaign, 5, limits, later + timedelta(hours=1)).start == later + timedelta(hours=1)


async def test_a_run_keeps_to_its_plan(sessions: Sessions, settings: Settings, redis_client: redis.Redis) -> None:
    began = time.monotonic()

    def clock() -> datetime:
        return NOON + timedelta(seconds=(time.monotonic() - began) * CLOCK_FACTOR)

    with session_scope(sessions) as session:
        warm_up = WarmUp(8, 2, timedelta(days=1)).to_keep()
        sender = make_sender(session, tier=25, warm_up=warm_up, rate_mps=1000)
        campaign = make_campaign(session, sender, make_template(session, sender))
        make_messages(session, campaign, PEOPLE)
        grant(session, [fiction_phone(number) for number in range(PEOPLE)])
        limits = limits_ahead(session, sender, rate_mps=1000, reserve=0.0, now=NOON)
        planned = plan_campaign(campaign, PEOPLE, limits, NOON)
    assert [day.messages for day in planned.days] == [8, 16, 25, 11]

    tools = Tools(
        sessions, settings, lambda key: Limiter(redis_client, key, settings), Pairs(redis_client, settings),
        lambda sender: Willing(), clock, random.Random(1),  # type: ignore[arg-type, return-value]
    )  # fmt: skip
    while time.monotonic() < began + 12 and await _left(sessions):
        with session_scope(sessions) as session:
            resume_freed(session, settings.tier_reserve, clock())
        await send_chunk(campaign.sender_id, tools, lambda: True)
        await asyncio.sleep(0.02)
    with sessions() as session:
        claimed = session.scalars(select(Message.claimed_at).order_by(Message.claimed_at)).all()
        first = session.get_one(Sender, campaign.sender_id).warm_up_began_at
    assert first == claimed[0]
    days = Counter((at - first) // timedelta(days=1) for at in claimed if at is not None)
    assert [days[day] for day in sorted(days)] == [day.messages for day in planned.days]
    # Never more people in any 24 hours than the limit, nor on the first days than the warm-up.
    for start in claimed:
        assert sum(start <= at < start + timedelta(days=1) for at in claimed) <= 25


async def _left(sessions: Sessions) -> bool:
    with sessions() as session:
        return session.scalar(select(Message.id).where(Message.state == "queued").limit(1)) is not None

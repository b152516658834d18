"""A lane with a canary, a template that leaves service, and messages that were moved: real database and Redis."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import redis
from sqlalchemy import func, select, update

from campaign.moving.move import Move, move
from campaign.policies import Policies
from campaign.providers.base import OutboundTemplate, Outcome, Refused
from campaign.sending.canary.terms import CanaryTerms
from campaign.sending.canary.watch import follow_canaries
from campaign.sending.lane import Tools
from campaign.sending.send_chunk import send_chunk
from campaign.settings import Settings
from models import Campaign, Message, Sender, Template
from models.session import Sessions, session_scope
from tests.campaign.sending.test_send_chunk import (
    ScriptedProvider,
    accept,
    for_seconds,
    make_running,
    one,
    provider,
    states,
    tools,
)
from tests.factories import make_campaign, make_messages, make_template

__all__ = ["provider", "tools"]


async def test_two_lanes_send_to_the_canary_and_to_nobody_else_before_the_judgement(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    policies = Policies(canary=CanaryTerms(30, wait_s=0))
    campaign = make_running(sessions, 120, **policies.columns("marketing"))
    await asyncio.gather(*(send_chunk(campaign.sender_id, tools, for_seconds(2)) for _ in range(2)))
    assert len(provider.given) == 30
    with session_scope(sessions) as session:
        assert session.get_one(Campaign, campaign.id).state_reason == "canary"
        assert follow_canaries(session, datetime.now(UTC)) == [campaign.id]
    await send_chunk(campaign.sender_id, tools, for_seconds(4))
    assert len({message.to for message in provider.given}) == len(provider.given) == 120


async def test_what_was_claimed_goes_back_once_the_template_is_known_to_be_paused(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 200, rate=200)
    provider.answer = lambda message: Refused(132015, "Template is paused", 400)
    await send_chunk(campaign.sender_id, tools, for_seconds(1.5))
    assert states(sessions) == {"queued": 200}
    # Answers come at once here: what followed the first refusal in the same instant is all that was tried.
    assert len(provider.given) < 10


async def test_a_former_template_out_of_service_stops_nobody_else(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 20)
    with session_scope(sessions) as session:
        sender = session.get_one(Sender, campaign.sender_id)
        calm = make_template(session, sender, "calm_sale")
        session.execute(update(Campaign).values(state="paused"))
        session.execute(update(Message).where(Message.row_number <= 5).values(state="accepted", attempt=1))
    move(sessions, Move("spring", calm.name), now=datetime.now(UTC))
    with session_scope(sessions) as session:
        session.execute(update(Campaign).values(state="running"))
        session.execute(update(Message).where(Message.row_number <= 5).values(state="queued"))

    def refuse_the_old(message: OutboundTemplate) -> Outcome:
        return accept(message) if message.name == "calm_sale" else Refused(132015, "Template is paused", 400)

    provider.answer = refuse_the_old
    for _ in range(2):
        await send_chunk(campaign.sender_id, tools, for_seconds(2))
    assert states(sessions) == {"accepted": 15, "queued": 5}
    names = Counter(message.name for message in provider.given)
    assert names["calm_sale"] == 15
    assert names["spring_sale"] <= 5
    with sessions() as session:
        assert session.get_one(Campaign, campaign.id).state == "running"
        due = session.scalars(select(Message.due_at).where(Message.state == "queued")).all()
        assert min(due) > datetime.now(UTC) + timedelta(seconds=30)
        assert session.scalar(select(Template.status).where(Template.name == "spring_sale")) == "PAUSED"


@pytest.mark.parametrize("most", [3, 50])
async def test_a_transactional_campaign_is_not_stuck_behind_a_bulk_one(
    sessions: Sessions,
    tools: Tools,
    provider: ScriptedProvider,
    redis_client: redis.Redis,
    settings: Settings,
    most: int,
) -> None:
    bulk = make_running(sessions, 400, rate=100, priority="low")
    with session_scope(sessions) as session:
        sender, template = session.get_one(Sender, bulk.sender_id), one(session, Template)
        urgent = make_campaign(session, sender, template, "urgent", priority="high")
        make_messages(session, urgent, 60)
    small = Tools(**{**vars(tools), "settings": settings.model_copy(update={"claim_batch": most})})
    await send_chunk(bulk.sender_id, small, for_seconds(1.5))
    with sessions() as session:
        left = session.scalar(select(func.count()).where(Message.campaign_id == urgent.id, Message.state == "queued"))
        moved = session.scalar(select(func.count()).where(Message.campaign_id == bulk.id, Message.state != "queued"))
    assert left == 0
    assert moved

"""A lane at work: real database and Redis, and a provider that answers as each test says."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import redis
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.callback import read_callback
from campaign.providers.base import (
    Accepted,
    Held,
    NotSent,
    OutboundTemplate,
    Outcome,
    Refused,
    TemplateRecord,
    Uncertain,
)
from campaign.sending.lane import Tools
from campaign.sending.limiter import Limiter, LimiterUnavailable
from campaign.sending.pairs import Pairs
from campaign.sending.send_chunk import send_chunk
from campaign.sending.tiers import resume_freed
from campaign.settings import Settings
from models import Attempt, Campaign, MarketingCap, Message, Sender, Template
from models.session import Sessions, session_scope
from tests.chaos.departures import busiest_second
from tests.factories import fiction_phone, grant, make_campaign, make_messages, make_sender, make_template

Answer = Callable[[OutboundTemplate], Outcome]


def accept(message: OutboundTemplate) -> Outcome:
    return Accepted(f"wamid.{message.callback_data}", message.to.lstrip("+"))


@dataclass
class ScriptedProvider:
    """Answers each message as told, and remembers what it was given and when."""

    answer: Answer = accept
    delay_s: float = 0.0
    given: list[OutboundTemplate] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    async def send(self, message: OutboundTemplate) -> Outcome:
        self.given.append(message)
        self.times.append(time.monotonic())
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        return self.answer(message)

    async def list_templates(self) -> list[TemplateRecord]:
        return []

    async def aclose(self) -> None:
        return None


@pytest.fixture
def provider() -> ScriptedProvider:
    return ScriptedProvider()


@pytest.fixture
def tools(sessions: Sessions, settings: Settings, redis_client: redis.Redis, provider: ScriptedProvider) -> Tools:
    def limiter(key: str) -> Limiter:
        return Limiter(redis_client, key, settings)

    pairs = Pairs(redis_client, settings)
    return Tools(
        sessions, settings, limiter, pairs, lambda sender: provider, lambda: datetime.now(UTC), random.Random(1)
    )


def make_running(sessions: Sessions, count: int, rate: int = 500, **given: object) -> Campaign:
    with session_scope(sessions) as session:
        sender = make_sender(session, rate_mps=rate)
        campaign = make_campaign(session, sender, make_template(session, sender), **given)
        make_messages(session, campaign, count)
        grant(session, [fiction_phone(number) for number in range(count)])
    return campaign


def for_seconds(seconds: float) -> Callable[[], bool]:
    ends_at = time.monotonic() + seconds
    return lambda: time.monotonic() < ends_at


def one(session: Session, table: type[Template]) -> Template:
    return session.scalars(select(table)).one()


def states(sessions: Sessions) -> Counter[str]:
    with sessions() as session:
        return Counter(session.scalars(select(Message.state)))


async def test_everything_due_is_sent_once(sessions: Sessions, tools: Tools, provider: ScriptedProvider) -> None:
    campaign = make_running(sessions, 120)
    claimed = await send_chunk(campaign.sender_id, tools, for_seconds(5))
    assert claimed == 120
    assert states(sessions) == {"accepted": 120}
    assert len({message.to for message in provider.given}) == len(provider.given) == 120


async def test_a_message_carries_its_mark_and_its_values(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 1)
    await send_chunk(campaign.sender_id, tools, for_seconds(5))
    [given] = provider.given
    callback = read_callback(given.callback_data)
    assert callback is not None
    assert (callback.campaign_id, callback.attempt) == (campaign.id, 1)
    assert (given.to, given.name, given.language) == (fiction_phone(0), "spring_sale", "en_US")
    assert given.components == [
        {"type": "body", "parameters": [{"type": "text", "text": "Ann"}, {"type": "text", "text": "15%"}]}
    ]


async def test_the_claim_is_committed_before_the_request(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 5)
    seen: list[str] = []

    def look(message: OutboundTemplate) -> Outcome:
        with sessions() as session:
            callback = read_callback(message.callback_data)
            assert callback is not None
            seen.append(session.get_one(Message, callback.message_id).state)
        return accept(message)

    provider.answer = look
    await send_chunk(campaign.sender_id, tools, for_seconds(5))
    assert seen == ["sending"] * 5


async def test_no_sliding_second_is_above_the_rate(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 200, rate=100)
    # However slow the machine is: how much of the rate is used is measured elsewhere, on a quiet one.
    lanes = [send_chunk(campaign.sender_id, tools, for_seconds(60)) for _ in range(3)]
    await asyncio.gather(*lanes)
    times = sorted(provider.times)
    assert len(times) == 200
    assert busiest_second(times) <= 100


async def test_a_cap_of_the_campaign_holds_below_the_rate(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 100, rate=500, rate_mps=20)
    await send_chunk(campaign.sender_id, tools, for_seconds(2.0))
    assert 20 <= len(provider.given) <= 46


async def test_a_pause_acts_within_a_second(sessions: Sessions, tools: Tools, provider: ScriptedProvider) -> None:
    campaign = make_running(sessions, 200, rate=50)
    lane = asyncio.create_task(send_chunk(campaign.sender_id, tools, for_seconds(4)))
    await asyncio.sleep(1.0)
    with session_scope(sessions) as session:
        session.execute(update(Campaign).values(state="paused"))
    paused_at = time.monotonic()
    await lane
    assert provider.times
    assert max(provider.times) < paused_at + 1.0
    assert set(states(sessions)) == {"accepted", "queued"}


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Held("w1", "1"), ("held", 1, None)),
        (Refused(131026, "Undeliverable", 400), ("failed", 1, "suppress_recipient")),
        (Refused(424242, "new", 400), ("failed", 1, "unknown_code")),
        (Refused(131000, "Something went wrong", 500), ("uncertain", 1, "no_answer")),
        (Uncertain("no answer within 2 s"), ("uncertain", 1, "no_answer")),
    ],
)
async def test_each_outcome_has_its_state(
    sessions: Sessions,
    tools: Tools,
    provider: ScriptedProvider,
    outcome: Outcome,
    expected: tuple[str, int, str | None],
) -> None:
    campaign = make_running(sessions, 1)
    provider.answer = lambda message: outcome
    await send_chunk(campaign.sender_id, tools, for_seconds(1))
    with sessions() as session:
        message = session.scalars(select(Message)).one()
    assert (message.state, message.attempt, message.reason) == expected
    assert len(provider.given) == 1


async def test_what_did_not_leave_is_tried_again(sessions: Sessions, tools: Tools, provider: ScriptedProvider) -> None:
    campaign = make_running(sessions, 3)
    answers = iter([NotSent("refused"), NotSent("refused"), NotSent("refused")])
    provider.answer = lambda message: next(answers, None) or accept(message)
    stop = for_seconds(10)
    while stop() and states(sessions) != {"accepted": 3}:
        await send_chunk(campaign.sender_id, tools, for_seconds(1))
    assert states(sessions) == {"accepted": 3}
    with sessions() as session:
        assert set(session.scalars(select(Message.attempt))) == {1}
        assert session.scalars(select(Attempt)).all() == []


async def test_a_passing_fault_is_retried_until_its_limit(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider, settings: Settings
) -> None:
    campaign = make_running(sessions, 1)
    provider.answer = lambda message: Refused(131053, "media", 400)
    stop = for_seconds(12)
    while stop() and states(sessions) != {"failed": 1}:
        await send_chunk(campaign.sender_id, tools, for_seconds(1))
        await asyncio.sleep(0.05)
    with sessions() as session:
        message = session.scalars(select(Message)).one()
        attempts = session.scalars(select(Attempt.number).order_by(Attempt.number)).all()
    assert (message.state, message.attempt) == ("failed", settings.retry_limit + 1)
    assert attempts == list(range(1, settings.retry_limit + 1))


async def test_throttling_stops_the_sender_and_punishes_nobody(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider, settings: Settings
) -> None:
    campaign = make_running(sessions, 100, rate=200)
    throttled: list[float] = []

    def throttle_once(message: OutboundTemplate) -> Outcome:
        if len(provider.given) == 20:
            throttled.append(time.monotonic())
            return Refused(130429, "Rate limit hit", 400)
        return accept(message)

    provider.answer = throttle_once
    await send_chunk(campaign.sender_id, tools, for_seconds(1.9))
    await send_chunk(campaign.sender_id, tools, for_seconds(1.9))
    gap = [t for t in provider.times if throttled[0] + tools.settings.permit_horizon_s + 0.05 < t]
    assert min(gap) >= throttled[0] + settings.brake_s - 0.02
    assert states(sessions) == {"accepted": 100}
    with sessions() as session:
        assert set(session.scalars(select(Message.retries))) == {0}


async def test_a_paused_template_pauses_its_campaign_and_loses_nothing(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 100, rate=100)
    provider.answer = lambda message: Refused(132015, "Template is paused", 400)
    await send_chunk(campaign.sender_id, tools, for_seconds(1.5))
    with sessions() as session:
        paused = session.get_one(Campaign, campaign.id)
        template = session.scalars(select(Template)).one()
    assert (paused.state, paused.state_reason) == ("paused", "template_paused")
    assert template.status == "PAUSED"
    assert states(sessions) == {"queued": 100}
    assert len(provider.given) < 60


async def test_a_refused_token_pauses_every_campaign_of_the_sender(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 10)
    provider.answer = lambda message: Refused(190, "Session has expired", 401)
    await send_chunk(campaign.sender_id, tools, for_seconds(1))
    with sessions() as session:
        paused = session.get_one(Campaign, campaign.id)
    assert (paused.state, paused.state_reason) == ("paused", "credentials")
    assert "expired" in (paused.state_text or "")
    assert states(sessions) == {"queued": 10}


async def test_a_row_that_cannot_be_filled_fails_alone(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 3)
    with session_scope(sessions) as session:
        first = session.scalars(select(Message.id).order_by(Message.id)).first()
        session.execute(update(Message).where(Message.id == first).values(parameters={}))
    await send_chunk(campaign.sender_id, tools, for_seconds(2))
    assert states(sessions) == {"accepted": 2, "failed": 1}


async def test_a_fault_of_ours_leaves_the_message_uncertain(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 1)

    def break_down(message: OutboundTemplate) -> Outcome:
        raise RuntimeError("a bug")

    provider.answer = break_down
    await send_chunk(campaign.sender_id, tools, for_seconds(1))
    assert states(sessions) == {"uncertain": 1}


async def test_without_redis_nothing_is_claimed(sessions: Sessions, tools: Tools, settings: Settings) -> None:
    campaign = make_running(sessions, 3)
    gone = redis.Redis(unix_socket_path="/nonexistent/redis.sock", socket_timeout=0.2)
    without = Tools(**{**vars(tools), "limiter": lambda key: Limiter(gone, key, settings)})
    with pytest.raises(LimiterUnavailable):
        await send_chunk(campaign.sender_id, without, for_seconds(1))
    assert states(sessions) == {"queued": 3}


async def test_a_worker_that_stood_still_past_its_lease_sends_nothing(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider, settings: Settings
) -> None:
    """Between each claim and its send, as long as a lease passes."""
    campaign = make_running(sessions, 3)
    jumps = iter(range(0, 1_000_000, int(settings.lease_s)))
    asleep = Tools(**{**vars(tools), "uptime": lambda: float(next(jumps))})
    await send_chunk(campaign.sender_id, asleep, for_seconds(0.5))
    assert provider.given == []
    assert states(sessions) == {"queued": 3}
    with sessions() as session:
        assert set(session.scalars(select(Message.attempt))) == {0}


async def test_a_lane_ends_when_nothing_is_due(sessions: Sessions, tools: Tools) -> None:
    campaign = make_running(sessions, 2)
    with session_scope(sessions) as session:
        session.execute(update(Message).values(due_at=datetime.now(UTC) + timedelta(hours=1)))
    started = time.monotonic()
    assert await send_chunk(campaign.sender_id, tools, for_seconds(10)) == 0
    assert time.monotonic() - started < 3


async def test_one_person_gets_two_campaigns_apart(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider, redis_client: redis.Redis, settings: Settings
) -> None:
    """The pair limit: the second campaign's message rests, unpunished, and goes out when the interval is over."""
    apart = settings.model_copy(update={"pair_interval_s": 1.0})
    resting = Tools(**{**vars(tools), "pairs": Pairs(redis_client, apart)})
    campaign = make_running(sessions, 3)
    with session_scope(sessions) as session:
        again = make_campaign(session, session.get_one(Sender, campaign.sender_id), one(session, Template), "again")
        make_messages(session, again, 3)
    stop = for_seconds(10)
    while stop() and states(sessions) != {"accepted": 6}:
        await send_chunk(campaign.sender_id, resting, for_seconds(0.5))
    assert states(sessions) == {"accepted": 6}
    by_person: dict[str, list[float]] = {}
    for message, at in zip(provider.given, provider.times, strict=True):
        by_person.setdefault(message.to, []).append(at)
    assert all(second - first >= 0.95 for first, second in by_person.values())
    with sessions() as session:
        assert set(session.scalars(select(Message.attempt))) == {1}


async def test_a_message_the_platform_did_not_take_frees_its_pair(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider, redis_client: redis.Redis, settings: Settings
) -> None:
    far = settings.model_copy(update={"pair_interval_s": 60.0})
    campaign = make_running(sessions, 1)
    answers = iter([Refused(131053, "media", 400)])
    provider.answer = lambda message: next(answers, None) or accept(message)
    resting = Tools(**{**vars(tools), "pairs": Pairs(redis_client, far)})
    stop = for_seconds(10)
    while stop() and states(sessions) != {"accepted": 1}:
        await send_chunk(campaign.sender_id, resting, for_seconds(0.5))
    assert len(provider.given) == 2


async def test_the_messaging_limit_is_never_passed_and_shared_by_the_portfolio(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 60)
    with session_scope(sessions) as session:
        session.execute(update(Sender).values(tier=40))
        other = make_sender(session, "other", tier=40, phone_number_id="2")
        second = make_campaign(session, other, one(session, Template), "second")
        make_messages(session, second, 30, first=100)
        grant(session, [fiction_phone(100 + number) for number in range(30)])
    lanes = [send_chunk(sender, tools, for_seconds(1.5)) for sender in (campaign.sender_id, other.id)]
    await asyncio.gather(*lanes)
    assert len({message.to for message in provider.given}) == len(provider.given) == 40
    with sessions() as session:
        reasons = set(session.scalars(select(Campaign.state_reason)))
    assert reasons <= {"tier_exhausted", None}
    assert "tier_exhausted" in reasons


async def test_a_campaign_goes_on_when_the_limit_has_room_again(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 8)
    with session_scope(sessions) as session:
        session.execute(update(Sender).values(tier=5))
    await send_chunk(campaign.sender_id, tools, for_seconds(1))
    assert len(provider.given) == 5
    now = datetime.now(UTC)
    with session_scope(sessions) as session:
        assert resume_freed(session, 0.0, now) == []
        assert resume_freed(session, 0.0, now + timedelta(hours=25)) == [campaign.id]
        session.execute(update(Sender).values(tier=None))
    await send_chunk(campaign.sender_id, tools, for_seconds(1))
    assert states(sessions) == {"accepted": 8}


async def test_whom_the_platform_spares_marketing_waits_in_every_campaign(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 3)
    until = datetime.now(UTC) + timedelta(hours=24)
    with session_scope(sessions) as session:
        session.add(MarketingCap(phone_identity=fiction_phone(1).lstrip("+"), until=until))
    await send_chunk(campaign.sender_id, tools, for_seconds(1))
    assert {message.to for message in provider.given} == {fiction_phone(0), fiction_phone(2)}
    with sessions() as session:
        waiting = session.scalars(select(Message).where(Message.state == "queued")).one()
    assert (waiting.due_at, waiting.reason, waiting.attempt) == (until, "retry_increasing", 0)


async def test_an_edited_template_pauses_its_own_campaign_and_no_other(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 3)
    with session_scope(sessions) as session:
        sender = session.get_one(Sender, campaign.sender_id)
        text = "Hi {{1}}, {{2}} off, only in {{3}}"
        edited = make_template(session, sender, "edited", components=[{"type": "BODY", "text": text}])
        other = make_campaign(session, sender, edited, "other")
        make_messages(session, other, 3, first=3)
        grant(session, [fiction_phone(number) for number in range(3, 6)])
    assert await send_chunk(campaign.sender_id, tools, for_seconds(5)) == 3
    assert {message.name for message in provider.given} == {"spring_sale"}
    with sessions() as session:
        told = session.get_one(Campaign, other.id)
        assert session.get_one(Campaign, campaign.id).state == "running"
    assert (told.state, told.state_reason) == ("paused", "template_changed")
    assert "now needs body.3" in (told.state_text or "")
    assert states(sessions) == {"accepted": 3, "queued": 3}


GONE = redis.Redis(unix_socket_path="/nonexistent/redis.sock", socket_timeout=0.2)


async def test_what_was_claimed_when_redis_went_away_goes_back_at_once(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider, settings: Settings
) -> None:
    campaign = make_running(sessions, 3)
    pairs = Pairs(GONE, settings.model_copy(update={"pair_interval_s": 60.0}))
    with pytest.raises(LimiterUnavailable):
        await send_chunk(campaign.sender_id, Tools(**{**vars(tools), "pairs": pairs}), for_seconds(1))
    assert provider.given == []
    assert states(sessions) == {"queued": 3}
    with sessions() as session:
        assert set(session.scalars(select(Message.attempt))) == {0}


async def test_a_refusal_is_kept_though_redis_went_away_meanwhile(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider, redis_client: redis.Redis, settings: Settings
) -> None:
    campaign = make_running(sessions, 1)
    pairs = Pairs(redis_client, settings.model_copy(update={"pair_interval_s": 60.0}))

    def refuse(message: OutboundTemplate) -> Outcome:
        pairs._redis = GONE
        return Refused(131026, "Undeliverable", 400)

    provider.answer = refuse
    await send_chunk(campaign.sender_id, Tools(**{**vars(tools), "pairs": pairs}), for_seconds(1))
    assert states(sessions) == {"failed": 1}


async def test_capped_campaigns_share_a_sender_fairly(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session, rate_mps=100)
        template = make_template(session, sender)
        caps = {"low": 15, "middle": 25, "high": 90}
        campaigns = {name: make_campaign(session, sender, template, name, rate_mps=cap) for name, cap in caps.items()}
        for number, campaign in enumerate(campaigns.values()):
            make_messages(session, campaign, 300, first=300 * number)
        grant(session, [fiction_phone(number) for number in range(900)])
    await send_chunk(sender.id, tools, for_seconds(3))
    given = [read_callback(message.callback_data) for message in provider.given]
    sent = Counter(callback.campaign_id for callback in given if callback is not None)
    rates = {name: sent[campaign.id] / (provider.times[-1] - provider.times[0]) for name, campaign in campaigns.items()}
    # Within their caps but for what lies on the edges of the time looked at; a loaded machine may lose some.
    assert 7 <= rates["low"] <= 15 + 2
    assert 12 <= rates["middle"] <= 25 + 3
    # What those leave of 100 less the margin goes to the third.
    assert rates["middle"] < rates["high"] <= 90


async def test_a_flagged_template_goes_slower_and_a_flagged_number_too(
    sessions: Sessions, tools: Tools, provider: ScriptedProvider
) -> None:
    campaign = make_running(sessions, 200, rate=100)
    with session_scope(sessions) as session:
        session.execute(update(Template).values(status="FLAGGED"))
        session.execute(update(Sender).values(state="flagged"))
    await send_chunk(campaign.sender_id, tools, for_seconds(2))
    # Half of a half of the rate; the first permits come close together.
    assert 12 <= (len(provider.times) - 1) / (provider.times[-1] - provider.times[0]) <= 30

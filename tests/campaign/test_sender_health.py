"""What the platform tells of a number, and what follows from it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from campaign.errors import PlatformError
from campaign.providers.base import NumberInfo
from campaign.sender_health import STATES, Refreshed, refresh_sender, state_after, tier_after, tier_people
from models import Campaign
from models.sender import Sender, SenderState
from models.session import Sessions, session_scope
from models.states import CampaignState, PauseReason
from tests.factories import NOON, make_campaign, make_sender, make_template

FULL = NumberInfo("CONNECTED", "YELLOW", "HIGH", "TIER_2K", "LIMITED", "BUSINESS: Business is not verified.")


class Number:
    """A provider that is asked about its number and nothing else."""

    def __init__(self, info: NumberInfo | PlatformError) -> None:
        self.info = info

    async def read_number(self) -> NumberInfo:
        if isinstance(self.info, PlatformError):
            raise self.info
        return self.info


Refresh = Callable[..., Refreshed]


async def refresh(sessions: Sessions, sender: Sender, info: NumberInfo | PlatformError) -> Refreshed:
    return await refresh_sender(sessions, sender, Number(info), now=NOON)  # type: ignore[arg-type]


@pytest.fixture
def sender(sessions: Sessions) -> Sender:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_campaign(session, sender, make_template(session, sender))
        return sender


def kept(sessions: Sessions, sender: Sender) -> Sender:
    with sessions() as session:
        return session.get_one(Sender, sender.id)


def campaign(sessions: Sessions) -> Campaign:
    with sessions() as session:
        return session.query(Campaign).one()


async def test_what_is_told_is_kept(sessions: Sessions, sender: Sender) -> None:
    result = await refresh(sessions, sender, FULL)
    it = kept(sessions, sender)
    assert (it.status, it.quality, it.throughput, it.messaging_limit) == ("CONNECTED", "YELLOW", "HIGH", "TIER_2K")
    assert (it.health, it.health_reason, it.tier, it.refreshed_at) == ("LIMITED", FULL.health_reason, 2000, NOON)
    assert (result.before, result.after) == (SenderState.CONNECTED, SenderState.CONNECTED)
    assert not result.told_nothing


async def test_what_is_not_told_stays_as_it_was(sessions: Sessions, sender: Sender) -> None:
    await refresh(sessions, sender, FULL)
    result = await refresh(sessions, sender, NumberInfo())
    it = kept(sessions, sender)
    assert result.told_nothing
    assert (it.quality, it.tier, it.health_reason) == ("YELLOW", 2000, FULL.health_reason)


async def test_a_refusal_changes_nothing(sessions: Sessions, sender: Sender) -> None:
    with pytest.raises(PlatformError):
        await refresh(sessions, sender, PlatformError("no"))
    assert kept(sessions, sender).refreshed_at is None


async def test_a_restricted_number_pauses_its_campaigns_and_resumes_them(sessions: Sessions, sender: Sender) -> None:
    result = await refresh(sessions, sender, NumberInfo("RESTRICTED"))
    assert (result.before, result.after) == (SenderState.CONNECTED, SenderState.RESTRICTED)
    paused = campaign(sessions)
    assert (paused.state, paused.state_reason) == (CampaignState.PAUSED, PauseReason.SENDER_RESTRICTED)
    assert "RESTRICTED" in (paused.state_text or "")
    await refresh(sessions, sender, NumberInfo("CONNECTED"))
    assert campaign(sessions).state == CampaignState.RUNNING


async def test_a_campaign_paused_by_a_person_stays_paused(sessions: Sessions, sender: Sender) -> None:
    await refresh(sessions, sender, NumberInfo("RESTRICTED"))
    with session_scope(sessions) as session:
        session.query(Campaign).one().state_reason = PauseReason.OPERATOR.value
    await refresh(sessions, sender, NumberInfo("CONNECTED"))
    assert campaign(sessions).state == CampaignState.PAUSED


@pytest.mark.parametrize(
    ("info", "expected"),
    [(NumberInfo(word), state) for word, state in STATES.items()]
    + [
        (NumberInfo("A_NEW_WORD"), SenderState.RESTRICTED),
        (NumberInfo(health="BLOCKED"), SenderState.RESTRICTED),
        (NumberInfo("CONNECTED", health="BLOCKED"), SenderState.RESTRICTED),
        (NumberInfo("BANNED", health="BLOCKED"), SenderState.DISABLED),
        (NumberInfo("CONNECTED", health="LIMITED"), SenderState.CONNECTED),
        (NumberInfo(health="AVAILABLE"), SenderState.CONNECTED),
        (NumberInfo(), SenderState.CONNECTED),
    ],
)
def test_the_platforms_words_mean_a_state(info: NumberInfo, expected: SenderState) -> None:
    assert state_after(Sender(state="connected"), info, NOON) is expected


@pytest.mark.parametrize(
    ("ends", "expected"), [(timedelta(hours=1), SenderState.RESTRICTED), (-timedelta(hours=1), SenderState.CONNECTED)]
)
def test_a_restriction_with_an_end_lasts_until_then(ends: timedelta, expected: SenderState) -> None:
    sender = Sender(state="restricted", restricted_until=NOON + ends)
    assert state_after(sender, NumberInfo("CONNECTED"), NOON) is expected
    assert state_after(sender, NumberInfo("BANNED"), NOON) is SenderState.DISABLED


def test_health_alone_does_not_clear_a_flag_but_a_block() -> None:
    available = NumberInfo(health="AVAILABLE")
    assert state_after(Sender(state="flagged"), available, NOON) is SenderState.FLAGGED
    assert state_after(Sender(state="restricted"), available, NOON) is SenderState.CONNECTED


@pytest.mark.parametrize(
    ("tier", "known", "told", "expected"),
    [
        (None, None, "TIER_2K", 2000),
        (2000, "TIER_2K", "TIER_10K", 10_000),
        (10_000, "TIER_10K", "TIER_2K", 2000),
        (2000, "TIER_2K", "TIER_UNLIMITED", None),
        (None, "TIER_UNLIMITED", "TIER_250", 250),
        (250, None, "TIER_UNLIMITED", 250),
        (250, "TIER_UNLIMITED", "TIER_2K", 250),
        (5000, None, "TIER_2K", 2000),
        (250, None, "TIER_NOT_SET", 250),
        (250, None, None, 250),
        (None, None, None, None),
    ],
)
def test_the_tier_follows_the_platform_unless_a_person_gave_less(
    tier: int | None, known: str | None, told: str | None, expected: int | None
) -> None:
    assert tier_after(Sender(tier=tier, messaging_limit=known), told) == expected


@pytest.mark.parametrize(
    ("word", "people"), [("TIER_50", 50), ("TIER_250", 250), ("TIER_100K", 100_000), ("TIER_UNLIMITED", None)]
)
def test_a_tier_is_a_number_of_people(word: str, people: int | None) -> None:
    assert tier_people(word) == people

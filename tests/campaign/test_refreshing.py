"""Templates and numbers, asked for again at a platform that answers as each test says."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from campaign import refreshing
from campaign.errors import ConfigurationError, PlatformError
from campaign.lifecycle import find_campaign
from campaign.providers.base import NumberInfo, Outcome, TemplateRecord
from campaign.refreshing import refresh_senders, refresh_templates
from campaign.senders import find_sender
from models import Campaign, Sender
from models.session import Sessions, session_scope
from tests.factories import NOON, TEXT_COMPONENTS, make_campaign, make_sender, make_template

RECORD = TemplateRecord(
    "1", "spring_sale", "en_US", "marketing", "APPROVED", "GREEN", "POSITIONAL", components=TEXT_COMPONENTS
)


def later() -> datetime:
    return NOON + timedelta(hours=1)


@dataclass
class Platform:
    """One platform for all senders; remembers who was asked what, and how many providers were given back."""

    record: TemplateRecord = RECORD
    number: NumberInfo = field(default_factory=lambda: NumberInfo(status="CONNECTED", quality="GREEN"))
    broken: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    asked: Counter[str] = field(default_factory=Counter)
    closed: int = 0

    def provider(self, sender: Sender) -> "Answering":
        if sender.name == "tokenless":
            raise ConfigurationError("the token variable is not set")
        return Answering(self, sender.name)


@dataclass
class Answering:
    """The platform as one sender sees it."""

    platform: Platform
    sender: str

    async def _asked(self) -> None:
        self.platform.asked[self.sender] += 1
        if self.sender in self.platform.broken:
            raise PlatformError("HTTP 500")
        if self.sender in self.platform.silent:
            await asyncio.sleep(60)

    async def list_templates(self) -> list[TemplateRecord]:
        await self._asked()
        return [self.platform.record]

    async def read_number(self) -> NumberInfo:
        await self._asked()
        return self.platform.number

    async def send(self, message: object) -> Outcome:
        raise AssertionError("nothing is sent here")

    send_text = mark_read = register_webhook = send

    async def aclose(self) -> None:
        self.platform.closed += 1


def add(sessions: Sessions, name: str, account: str, state: str | None = "running") -> None:
    """A sender, and unless `state` is None a campaign of its name."""
    with session_scope(sessions) as session:
        own = {"account": account, "waba_id": account, "portfolio": account, "phone_number_id": name}
        sender = make_sender(session, name, **own)
        if state is not None:
            template = make_template(session, sender, f"spring_{name}" if name != "shop" else "spring_sale")
            make_campaign(session, sender, template, name, state=state)


def campaign(sessions: Sessions, name: str = "shop") -> Campaign:
    with sessions() as session:
        return find_campaign(session, name)


async def test_each_account_with_an_unfinished_campaign_is_read_once(sessions: Sessions) -> None:
    platform = Platform()
    add(sessions, "shop", "A")
    add(sessions, "desk", "A", "scheduled")
    add(sessions, "else", "B", "paused")
    add(sessions, "past", "C", "completed")
    add(sessions, "idle", "D", None)
    add(sessions, "plan", "E", "draft")
    assert await refresh_templates(sessions, platform.provider, later) == 2
    assert platform.asked == {"shop": 1, "else": 1}
    assert platform.closed == 2


async def test_one_account_is_read_whatever_its_campaigns(sessions: Sessions) -> None:
    platform = Platform()
    add(sessions, "shop", "A")
    add(sessions, "idle", "D", None)
    assert await refresh_templates(sessions, platform.provider, later, "D") == 1
    assert platform.asked == {"idle": 1}


async def test_campaigns_follow_what_was_read(sessions: Sessions) -> None:
    platform = Platform(replace(RECORD, status="PAUSED"))
    add(sessions, "shop", "A")
    await refresh_templates(sessions, platform.provider, later)
    assert (campaign(sessions).state, campaign(sessions).state_reason) == ("paused", "template_paused")
    platform.record = replace(RECORD, category="utility")
    await refresh_templates(sessions, platform.provider, lambda: later() + timedelta(hours=1))
    assert (campaign(sessions).state, campaign(sessions).category) == ("running", "utility")


async def test_who_does_not_answer_costs_none_of_the_others(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "LONGEST_S", 0.1)
    platform = Platform(broken=frozenset({"fault"}), silent=frozenset({"mute"}))
    for name in ("tokenless", "fault", "mute", "shop"):
        add(sessions, name, name.upper())
    assert await refresh_templates(sessions, platform.provider, later) == 1
    assert platform.asked == {"fault": 1, "mute": 1, "shop": 1}
    assert platform.closed == 3
    # What was not read is not taken for gone.
    assert {campaign(sessions, name).state for name in ("tokenless", "fault", "mute", "shop")} == {"running"}


async def test_numbers_are_looked_at_one_by_one_and_their_campaigns_follow(sessions: Sessions) -> None:
    platform = Platform(number=NumberInfo(status="RESTRICTED"))
    add(sessions, "shop", "A")
    add(sessions, "desk", "A")
    add(sessions, "idle", "A", None)
    assert await refresh_senders(sessions, platform.provider, later) == 2
    assert platform.asked == {"shop": 1, "desk": 1}
    assert campaign(sessions).state_reason == "sender_restricted"
    platform.number = NumberInfo(status="CONNECTED")
    with sessions() as session:
        shop = find_sender(session, "shop").id
    assert await refresh_senders(sessions, platform.provider, later, [shop]) == 1
    assert [campaign(sessions, name).state for name in ("shop", "desk")] == ["running", "paused"]

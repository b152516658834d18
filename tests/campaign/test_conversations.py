"""Free-form text, and the window that it needs."""

from datetime import datetime, timedelta

import pytest
from redis import Redis

from campaign.conversations import Conversation, SenderBusy, WindowClosed, require_open_window, send_text_in_window
from campaign.errors import UsageError
from campaign.providers.base import Accepted, OutboundText, Outcome
from campaign.sending.limiter import Limiter
from campaign.settings import Settings
from models import Contact
from models.session import Sessions, session_scope
from tests.factories import NOON, make_sender

PHONE = "+525555500001"


class Door:
    """Remembers what was handed over."""

    def __init__(self) -> None:
        self.sent: list[OutboundText] = []

    async def send_text(self, message: OutboundText) -> Outcome:
        self.sent.append(message)
        return Accepted("wamid.1")


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def conversation(sessions: Sessions, redis_client: Redis, settings: Settings, door: Door) -> Conversation:
    with session_scope(sessions) as session:
        sender = make_sender(session)
    return Conversation(sender, door, Limiter(redis_client, "sender:text", settings))  # type: ignore[arg-type]


def wrote(sessions: Sessions, at: datetime | None) -> None:
    with session_scope(sessions) as session:
        session.add(Contact(phone_identity=PHONE[1:], phone_e164=PHONE, last_inbound_at=at))


async def test_a_text_is_sent_within_a_day(sessions: Sessions, conversation: Conversation, door: Door) -> None:
    wrote(sessions, NOON - timedelta(hours=23, minutes=59))
    message = OutboundText(PHONE, "You will get no more of these.")
    assert await send_text_in_window(sessions, conversation, message, now=NOON) == Accepted("wamid.1")
    assert door.sent == [message]


@pytest.mark.parametrize(
    ("at", "words"),
    [(None, "has never written"), (NOON - timedelta(hours=24), "more than 24 hours ago")],
)
async def test_a_closed_window_is_refused(
    sessions: Sessions, conversation: Conversation, door: Door, at: datetime | None, words: str
) -> None:
    wrote(sessions, at)
    with pytest.raises(WindowClosed, match=words) as raised:
        await send_text_in_window(sessions, conversation, OutboundText(PHONE, "Hello"), now=NOON)
    assert PHONE not in str(raised.value)
    assert not door.sent


async def test_a_stranger_has_no_window(sessions: Sessions, conversation: Conversation) -> None:
    with pytest.raises(WindowClosed, match="has never written"):
        await send_text_in_window(sessions, conversation, OutboundText(PHONE, "Hello"), now=NOON)


def test_both_spellings_of_a_person_have_one_window(sessions: Sessions) -> None:
    wrote(sessions, NOON)
    with sessions() as session:
        assert require_open_window(session, "+5215555500001", NOON) == NOON + timedelta(hours=24)


@pytest.mark.parametrize("body", ["", "  \n", "x" * 4097])
async def test_a_text_has_a_length(sessions: Sessions, conversation: Conversation, body: str) -> None:
    wrote(sessions, NOON)
    with pytest.raises(UsageError, match="1 to 4096 characters"):
        await send_text_in_window(sessions, conversation, OutboundText(PHONE, body), now=NOON)


async def test_a_text_takes_a_permit_like_any_message(
    sessions: Sessions, conversation: Conversation, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaign.conversations.MOST_WAIT_S", 0.3)
    wrote(sessions, NOON)
    conversation.limiter.brake(60)
    with pytest.raises(SenderBusy, match="try again"):
        await send_text_in_window(sessions, conversation, OutboundText(PHONE, "Hello"), now=NOON)
    assert not door.sent

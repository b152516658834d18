"""One answer to one opt-out, inside the window, and never a second."""

from datetime import datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import select, text

from campaign.confirmations import confirm_opt_outs
from campaign.consent.replies import ReplyRules, apply_replies
from campaign.conversations import Conversation
from campaign.errors import ConfigurationError
from campaign.providers.base import Accepted, InboundMessage, NotSent, OutboundText, Outcome, Refused, Uncertain
from campaign.sending.limiter import Limiter
from campaign.settings import Settings
from models import OptOutConfirmation, Sender
from models.session import Sessions, session_scope
from tests.factories import NOON, make_sender

PHONE = "+525555500001"
WORDS = "You will get no more of these messages."
CONFIRM = ReplyRules(confirm=True)


class Door:
    """A platform that remembers what it was sent and answers what it is told to."""

    def __init__(self) -> None:
        self.sent: list[OutboundText] = []
        self.answer: Outcome = Accepted("wamid.9")
        self.closed = 0

    async def send_text(self, message: OutboundText) -> Outcome:
        self.sent.append(message)
        return self.answer

    async def aclose(self) -> None:
        self.closed += 1


class Desk:
    """Receives replies and answers them."""

    def __init__(self, sessions: Sessions, redis: Redis, settings: Settings) -> None:
        self.sessions, self.door = sessions, Door()
        self.limiter = Limiter(redis, "sender:text", settings)
        with session_scope(sessions) as session:
            self.sender_id = make_sender(session).id

    def hears(self, said: str, id_: str = "wamid.in.1", *, at: datetime = NOON, rules: ReplyRules = CONFIRM) -> None:
        message = InboundMessage(id_, "text", at, wa_id=PHONE[1:], text=said)
        with session_scope(self.sessions) as session:
            apply_replies(session, [message], [], rules, NOON + timedelta(seconds=1), {id_: self.sender_id})

    async def answers(self, *, now: datetime = NOON + timedelta(minutes=1)) -> int:
        return await confirm_opt_outs(self.sessions, self.conversation, WORDS, clock=lambda: now)

    def conversation(self, sender: Sender) -> Conversation:
        return Conversation(sender, self.door, self.limiter)  # type: ignore[arg-type]

    def states(self) -> list[str]:
        with self.sessions() as session:
            return list(session.scalars(select(OptOutConfirmation.state).order_by(OptOutConfirmation.id)))


@pytest.fixture
def desk(sessions: Sessions, redis_client: Redis, settings: Settings) -> Desk:
    return Desk(sessions, redis_client, settings)


async def test_an_opt_out_is_answered_once(desk: Desk) -> None:
    desk.hears("STOP")
    assert await desk.answers() == 1
    assert await desk.answers() == 0
    assert (desk.door.sent, desk.door.closed) == ([OutboundText(PHONE, WORDS)], 1)
    assert desk.states() == ["sent"]


async def test_the_same_opt_out_told_twice_and_a_second_stop_are_answered_once(desk: Desk) -> None:
    desk.hears("STOP")
    desk.hears("STOP")
    desk.hears("Stop!!", "wamid.in.2", at=NOON + timedelta(seconds=1))
    await desk.answers()
    assert len(desk.door.sent) == 1


async def test_nothing_else_is_answered(desk: Desk) -> None:
    desk.hears("Where is my order?")
    desk.hears("STOP", "wamid.in.2", rules=ReplyRules())
    assert await desk.answers() == 0
    assert desk.states() == []


async def test_an_opt_out_that_is_heard_after_the_window_closed_gets_no_answer(desk: Desk) -> None:
    desk.hears("STOP", at=NOON - timedelta(hours=25))
    assert desk.states() == []


async def test_an_answer_that_comes_too_late_is_never_sent(desk: Desk) -> None:
    desk.hears("STOP")
    assert await desk.answers(now=NOON + timedelta(hours=24, seconds=1)) == 0
    assert (desk.states(), desk.door.sent) == (["too_late"], [])


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Refused(131047, "closed", 400), "refused"),
        (Uncertain("broken connection"), "uncertain"),
        (NotSent("no connection"), "waiting"),
    ],
)
async def test_what_may_have_arrived_is_not_sent_again(desk: Desk, answer: Outcome, state: str) -> None:
    desk.door.answer = answer
    desk.hears("STOP")
    await desk.answers()
    await desk.answers()
    assert desk.states() == [state]
    assert len(desk.door.sent) == (2 if state == "waiting" else 1)


async def test_an_answer_that_was_claimed_by_a_process_that_died_stays_unsent(desk: Desk) -> None:
    desk.hears("STOP")
    with session_scope(desk.sessions) as session:
        session.execute(text("UPDATE opt_out_confirmation SET state = 'sending'"))
    assert await desk.answers() == 0


async def test_a_sender_without_a_token_keeps_its_answers_waiting(desk: Desk) -> None:
    desk.hears("STOP")

    def no_token(sender: Sender) -> Conversation:
        raise ConfigurationError("TEST_TOKEN is not set")

    with pytest.raises(ConfigurationError):
        await confirm_opt_outs(desk.sessions, no_token, WORDS, clock=lambda: NOON)
    assert desk.states() == ["waiting"]

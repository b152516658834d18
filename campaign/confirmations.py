"""The one answer to an opt-out: free-form text while the person's window is open, at most once, or not at all."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import structlog

from campaign.consent import confirmation_store as store
from campaign.conversations import Conversation, SenderBusy, WindowClosed, send_text_in_window
from campaign.errors import CampaignError
from campaign.providers.base import Accepted, Held, NotSent, OutboundText, Outcome, Refused
from campaign.sending.limiter import LimiterUnavailable
from models.consent import ConfirmationState, OptOutConfirmation
from models.sender import Sender
from models.session import Sessions, session_scope

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 50

ConversationOf = Callable[[Sender], Conversation]


async def confirm_opt_outs(
    sessions: Sessions, conversation_of: ConversationOf, words: str, *, clock: Callable[[], datetime]
) -> int:
    """Send the answers that wait; how many the platform took. Safe to run twice, or at once.

    conversation_of  a sender to its conversation, whose provider is closed at the end
    raises           CampaignError when a sender's token cannot be had; its answers wait on
    """
    sent = 0
    for sender, claimed in _claimed(sessions, clock()).items():
        async with _open(sessions, conversation_of, sender, claimed) as conversation:
            for each in claimed:
                state, outcome = await _send(sessions, conversation, OutboundText(each.phone_e164, words), clock())
                _finish(sessions, each, state, outcome)
                sent += state is ConfirmationState.SENT
    return sent


def _claimed(sessions: Sessions, now: datetime) -> dict[Sender, list[OptOutConfirmation]]:
    found: dict[Sender, list[OptOutConfirmation]] = {}
    with session_scope(sessions) as session:
        for each in store.claim_confirmations(session, limit=MOST_AT_ONCE, now=now):
            found.setdefault(session.get_one(Sender, each.sender_id), []).append(each)
    return found


@asynccontextmanager
async def _open(
    sessions: Sessions, conversation_of: ConversationOf, sender: Sender, claimed: list[OptOutConfirmation]
) -> AsyncIterator[Conversation]:
    try:
        conversation = conversation_of(sender)
    except CampaignError:
        for each in claimed:
            _finish(sessions, each, ConfirmationState.WAITING, None)
        raise
    try:
        yield conversation
    finally:
        await conversation.provider.aclose()


async def _send(
    sessions: Sessions, conversation: Conversation, message: OutboundText, now: datetime
) -> tuple[ConfirmationState, Outcome | str | None]:
    try:
        outcome = await send_text_in_window(sessions, conversation, message, now=now)
    except WindowClosed as closed:
        return ConfirmationState.TOO_LATE, str(closed)
    except (SenderBusy, LimiterUnavailable):
        # Nothing has left: it waits for the next round.
        return ConfirmationState.WAITING, None
    except CampaignError as error:
        return ConfirmationState.REFUSED, str(error)
    match outcome:
        case Accepted() | Held():
            return ConfirmationState.SENT, outcome
        case NotSent():
            return ConfirmationState.WAITING, None
        case Refused():
            return ConfirmationState.REFUSED, outcome
    # Perhaps it has arrived: to send it again would be to risk a second answer.
    return ConfirmationState.UNCERTAIN, outcome


def _finish(
    sessions: Sessions, each: OptOutConfirmation, state: ConfirmationState, outcome: Outcome | str | None
) -> None:
    told = outcome if isinstance(outcome, str) else getattr(outcome, "text", None)
    with session_scope(sessions) as session:
        store.finish_confirmation(session, each.id, state, wamid=getattr(outcome, "wamid", None), error_text=told)
    log.info("opt-out answered", confirmation=each.id, state=state.value)

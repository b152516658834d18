"""Free-form text to a person who wrote within the last 24 hours. Source: platform.md A.5, G.3."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.audience.phone import identity_of
from campaign.errors import Conflict, UsageError
from campaign.providers.base import OutboundText, Outcome, Provider
from campaign.sending.limiter import Limiter
from models.people import Contact
from models.sender import Sender
from models.session import Sessions

WINDOW = timedelta(hours=24)
LONGEST_TEXT = 4096
MOST_WAIT_S = 5.0


class WindowClosed(Conflict):
    """The person has not written within 24 hours, so only templates may be sent to them."""


class SenderBusy(Conflict):
    """The sender's rate left no room for the text in time."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A sender, its door to the platform, and the limiter that its campaigns share."""

    sender: Sender
    provider: Provider
    limiter: Limiter


async def send_text_in_window(
    sessions: Sessions, conversation: Conversation, message: OutboundText, *, now: datetime
) -> Outcome:
    """Send a text to a person whose service window is open, at the next free permit of the sender.

    raises  WindowClosed, SenderBusy, UsageError for a text that is empty or too long
            LimiterUnavailable when Redis is away: nothing is sent then
    source  platform.md G.3
    """
    if not message.body.strip() or len(message.body) > LONGEST_TEXT:
        raise UsageError(f"a text has 1 to {LONGEST_TEXT} characters, this one {len(message.body)}; shorten it")
    with sessions() as session:
        require_open_window(session, message.to, now)
    await _take_permit(conversation)
    return await conversation.provider.send_text(message)


def require_open_window(session: Session, phone_e164: str, now: datetime) -> datetime:
    """When the person's service window closes.

    raises  WindowClosed when it has, or was never open
    """
    identity = identity_of(phone_e164)
    wrote_at = session.scalar(select(Contact.last_inbound_at).where(Contact.phone_identity == identity))
    who = f"the person at …{phone_e164[-3:]}"
    if wrote_at is None:
        raise WindowClosed(f"{who} has never written to this business, so only templates may be sent to them")
    if now >= wrote_at + WINDOW:
        raise WindowClosed(
            f"{who} wrote last at {wrote_at:%Y-%m-%d %H:%M} UTC, more than 24 hours ago, so only templates may be "
            "sent to them until they write again"
        )
    return wrote_at + WINDOW


async def _take_permit(conversation: Conversation) -> None:
    """Wait for one permit; texts and campaigns keep one rate together."""
    ends_at = time.monotonic() + MOST_WAIT_S
    while time.monotonic() < ends_at:
        permits = await asyncio.to_thread(conversation.limiter.reserve, conversation.sender.rate_mps, 1)
        if permits.count:
            await asyncio.sleep(max(0.0, permits.at(0) - time.monotonic()))
            return
        await asyncio.sleep(max(0.01, min(permits.wait_s, 0.25)))
    raise SenderBusy(f"sender {conversation.sender.name} had no room within {MOST_WAIT_S:g} s; try again in a moment")

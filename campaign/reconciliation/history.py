"""Messages whose webhooks are overdue, asked about at Meta within a budget of calls.

What history tells goes into the inbox as a webhook of its own, so that it is merged, kept and replayed like any other.
It is no proof that webhooks come: campaign.reconciliation.store.stream counts such messages as not reported.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from campaign.errors import CampaignError
from campaign.reconciliation import history_store as store
from campaign.reconciliation.history_store import Overdue
from campaign.settings import Settings
from models import Sender
from models.session import Sessions, session_scope

log = structlog.get_logger(__name__)

AT_ONCE = 20
"""Most questions about one account in a run, so that no run takes long."""


class History(Protocol):
    """Where it is asked what became of one message."""

    async def ask(self, wamid: str) -> bytes | None:
        """A body as a webhook would bring it, or None; raises PlatformError."""

    async def aclose(self) -> None:
        """Give the connections back."""


async def ask_about_overdue(
    sessions: Sessions, settings: Settings, history_of: Callable[[Sender], History], *, now: datetime
) -> int:
    """Ask about messages that were accepted long ago and never reported. Returns how many were asked about.

    Each is asked about once; an account that refuses is left alone until the next run.

    source  platform.md A.2, E
    """
    overdue_from = now - timedelta(seconds=settings.history_after_s)
    with session_scope(sessions) as session:
        overdue = store.take_overdue(session, overdue_from, now, per_hour=settings.history_calls_per_h, limit=AT_ONCE)
    asked = 0
    for sender_id, messages in overdue.items():
        with sessions() as session:
            sender = session.get_one(Sender, sender_id)
        try:
            asked += await _ask(sessions, sender, messages, history_of)
        except CampaignError as error:
            log.warning("message history cannot be asked", sender=sender.name, error=str(error))
    return asked


async def _ask(
    sessions: Sessions, sender: Sender, messages: Sequence[Overdue], history_of: Callable[[Sender], History]
) -> int:
    history = history_of(sender)
    found: list[bytes] = []
    try:
        for message in messages:
            if (body := await history.ask(message.wamid)) is not None:
                found.append(body)
    finally:
        await history.aclose()
        if found:
            with session_scope(sessions) as session:
                store.put_into_inbox(session, sender.id, found)
    log.info("message history asked", sender=sender.name, messages=len(messages), told=len(found))
    return len(messages)

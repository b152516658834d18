"""What the platform knows better, asked again: templates of accounts, and numbers, that campaigns depend on."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog

from campaign import store
from campaign.errors import CampaignError
from campaign.lifecycle import follow_templates
from campaign.providers.base import Provider
from campaign.sender_health import refresh_sender
from campaign.templates.sync import sync_templates
from models.sender import Sender
from models.session import Sessions, session_scope

log = structlog.get_logger(__name__)

LONGEST_S = 60.0
"""Longest time that one account or number is given to answer, seconds."""

MakeProvider = Callable[[Sender], Provider]
Clock = Callable[[], datetime]
Ask = Callable[[Sender, Provider], Awaitable[None]]


async def refresh_templates(sessions: Sessions, make: MakeProvider, clock: Clock, account: str | None = None) -> int:
    """Read the templates of every account that an unfinished campaign depends on, or of one; how many were read.

    Running campaigns follow: paused where a template stopped being sendable, resumed where it is back. An account that
    does not answer costs a line in the log and none of the others.

    writes  templates, campaigns; a transaction per account
    """
    with sessions() as session:
        senders = store.senders_at_work(session) if account is None else store.senders_of(session, account)
    # Every number of an account lists the same templates, so one of them is asked.
    one_each = {sender.account: sender for sender in reversed(senders)}

    async def read(sender: Sender, provider: Provider) -> None:
        result = await sync_templates(sessions, sender, provider, now=clock())
        log.info("templates read", account=sender.account, listed=result.listed, changed=result.changed)

    done = await _each(list(one_each.values()), make, read)
    with session_scope(sessions) as session:
        paused, resumed = follow_templates(session)
    if paused or resumed:
        log.info("campaigns followed their templates", paused=paused, resumed=resumed)
    return done


def accounts_in_doubt(sessions: Sessions, *, now: datetime) -> list[str]:
    """Accounts whose templates should be read at once: a send or a report said that one is paused or disabled.

    132015 does not prove that this very template is paused, so the platform is asked before anybody waits for long.
    Each template asks once in `ASK_AGAIN`, until a listing that was begun after the doubt has been read; where that has
    settled nothing, more seldom: see campaign.templates.doubts.

    writes  when each was asked about
    source  platform.md C.3, I.10
    """
    with session_scope(sessions) as session:
        return store.ask_about_doubted(session, now)


async def refresh_senders(
    sessions: Sessions, make: MakeProvider, clock: Clock, sender_ids: Sequence[int] | None = None
) -> int:
    """Look at every number that an unfinished campaign depends on, or at some; how many answered.

    writes  senders and their campaigns, see campaign.sender_health; a transaction per sender
    """
    with sessions() as session:
        senders = store.senders_at_work(session) if sender_ids is None else store.senders_by_id(session, sender_ids)

    async def look(sender: Sender, provider: Provider) -> None:
        await refresh_sender(sessions, sender, provider, now=clock())

    return await _each(senders, make, look)


async def _each(senders: Sequence[Sender], make: MakeProvider, ask: Ask) -> int:
    return sum([await _one(sender, make, ask) for sender in senders])


async def _one(sender: Sender, make: MakeProvider, ask: Ask) -> bool:
    try:
        provider = make(sender)
        try:
            async with asyncio.timeout(LONGEST_S):
                await ask(sender, provider)
        finally:
            await provider.aclose()
    except (CampaignError, TimeoutError) as error:
        log.warning("the platform was asked in vain", sender=sender.name, error=str(error) or type(error).__name__)
        return False
    return True

"""Templates read from the platform by a person: permission checked, done, and written down."""

from dataclasses import asdict
from datetime import datetime

from campaign.access.audit import audited
from campaign.access.roles import Act, Actor
from campaign.lifecycle import follow_templates
from campaign.providers.base import Provider
from campaign.templates.sync import SyncResult, keep_templates
from models.sender import Sender
from models.session import Sessions, session_scope


async def sync(sessions: Sessions, by: Actor, sender: Sender, provider: Provider, *, now: datetime) -> SyncResult:
    """Read every template of a sender's account; running campaigns follow.

    raises  Forbidden, PlatformError
    """
    by.require(Act.SYNC_TEMPLATES)
    # Asked before the transaction begins: nothing is locked while the platform thinks.
    records = await provider.list_templates()
    with audited(sessions, by, Act.SYNC_TEMPLATES, f"sender:{sender.name}") as act:
        with session_scope(act.sessions) as session:
            result = keep_templates(session, sender.account, records, now=now)
            follow_templates(session)
        act.after = asdict(result)
        return result

"""Reading the templates of a number from the platform; done in the thread of a job."""

import asyncio
from datetime import datetime

from campaign.access import templates as acts
from campaign.access.roles import Actor
from campaign.templates.sync import SyncResult
from models.sender import Sender
from models.session import Sessions
from tasks.wiring import provider_for


def read_templates(sessions: Sessions, by: Actor, sender: Sender, *, now: datetime) -> SyncResult:
    """`campaign.access.templates.sync` through a door of its own to the platform.

    raises  Forbidden, PlatformError, ConfigurationError
    """

    async def reading() -> SyncResult:
        provider = provider_for(sender)
        try:
            return await acts.sync(sessions, by, sender, provider, now=now)
        finally:
            await provider.aclose()

    return asyncio.run(reading())

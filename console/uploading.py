"""Files of a campaign go to the platform before its launch, so that the first message does not wait for a sweep."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.access import approvals
from campaign.access.roles import Act, Actor
from campaign.lifecycle import find_campaign
from campaign.media.upload import files_due, upload_due
from campaign.sequences.views import view
from models.session import Sessions


def upload_before_launch(
    sessions: Sessions,
    by: Actor,
    campaigns: Sequence[str],
    *,
    now: datetime,
    approval_above: int | None = None,
    act: Act = Act.LAUNCH,
) -> int:
    """Upload what campaigns need that are about to be launched; how many files. Takes as long as the platform does.

    approval_above  where the launch would only ask for a second person's word, nothing leaves
    raises          Forbidden, NotFound; PlatformError, ConfigurationError: then nothing was launched
    """
    by.require(act)
    with sessions() as session:
        first = find_campaign(session, campaigns[0])
        if act is Act.LAUNCH and approvals.would_ask(session, first, approval_above):
            return 0
        if not waiting_files(session, campaigns, now):
            return 0
    # Only here, since it brings the providers along.
    from tasks.wiring import media_door_for

    async def upload() -> int:
        return sum([await upload_due(sessions, media_door_for, now, campaign=name) for name in campaigns])

    return asyncio.run(upload())


def waiting_files(session: Session, campaigns: Sequence[str], now: datetime) -> int:
    """How many files have to be uploaded before campaigns can send."""
    return sum(files_due(session, name, now) for name in campaigns)


def steps_of(session: Session, sequence: str) -> list[str]:
    """The campaigns of a sequence, in order.

    raises  NotFound
    """
    return [step.campaign for step in view(session, sequence).steps]

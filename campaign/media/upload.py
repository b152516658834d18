"""Files to their senders' providers: once each, its id reused, renewed a day before it would be gone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.orm import Session

from campaign.errors import CampaignError
from campaign.media.store import DueUpload, due_uploads, keep_upload
from models import Sender
from models.media import MediaFile, MediaUpload
from models.session import Sessions, session_scope

log = structlog.get_logger()

RENEW_BEFORE_END = timedelta(days=1)
"""How long before its end an upload is renewed; a claim takes less than a minute."""


class MediaDoor(Protocol):
    """Where the files of one sender are uploaded."""

    async def upload(self, name: str, mime: str, content: bytes) -> tuple[str, timedelta]:
        """The id of an uploaded file, and how long it can be used.

        raises  PlatformError when the platform refuses or does not answer
        """

    async def aclose(self) -> None:
        """Give the connections back."""


async def upload_due(
    sessions: Sessions, door_for: Callable[[Sender], MediaDoor], now: datetime, campaign: str | None = None
) -> int:
    """Upload what is due for all campaigns that are under way, or for the one named. Safe to run twice.

    returns  files uploaded
    raises   PlatformError, ConfigurationError for the campaign named; among all of them a failure is logged, and tried
             again at the next call
    """
    with sessions() as session:
        due = due_uploads(session, now + RENEW_BEFORE_END, campaign)
    done = 0
    for one in due:
        try:
            await _upload(sessions, door_for, one, now)
            done += 1
        except CampaignError as error:
            if campaign is not None:
                raise
            log.warning("a file was not uploaded", sender_id=one.sender_id, sha256=one.sha256, error=str(error))
    return done


def files_due(session: Session, campaign: str, now: datetime) -> int:
    """How many files of a campaign are not at its sender's provider, or not for long any more."""
    return len(due_uploads(session, now + RENEW_BEFORE_END, campaign))


async def _upload(sessions: Sessions, door_for: Callable[[Sender], MediaDoor], due: DueUpload, now: datetime) -> None:
    with sessions() as session:
        sender = session.get_one(Sender, due.sender_id)
        file = session.get_one(MediaFile, due.sha256)
        content = file.content
    door = door_for(sender)
    try:
        media_id, lives = await door.upload(file.file_name, file.mime, content)
    finally:
        await door.aclose()
    with session_scope(sessions) as session:
        keep_upload(
            session,
            MediaUpload(
                sender_id=due.sender_id, sha256=due.sha256, media_id=media_id, uploaded_at=now, expires_at=now + lives
            ),
        )
    log.info("file uploaded", sender=sender.name, file=file.file_name, media_id=media_id)

"""The SQL of media: files by content, their uploads by sender, and what has to be uploaded."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaign.media.files import ReadFile
from models.media import MediaFile, MediaUpload


class DueUpload(NamedTuple):
    """A file that a sender's campaigns need, and that is not at its provider, or not for long any more."""

    sender_id: int
    sha256: str


def keep_file(session: Session, file: ReadFile) -> None:
    """Keep a file; one with the same content is kept once."""
    values = {"sha256": file.sha256, "file_name": file.name, "mime": file.mime, "size": len(file.content)}
    session.execute(insert(MediaFile).values(**values, content=file.content).on_conflict_do_nothing())


def media_ids(session: Session, sender_id: int, now: datetime) -> dict[str, str]:
    """The ids of a sender's uploads that can be used, by the content of their files."""
    statement = select(MediaUpload.sha256, MediaUpload.media_id).where(
        MediaUpload.sender_id == sender_id, MediaUpload.expires_at > now
    )
    return {row.sha256: row.media_id for row in session.execute(statement)}


def due_uploads(session: Session, renew_before: datetime, campaign: str | None = None) -> list[DueUpload]:
    """What the campaigns that are launched and not ended need, or the one named whatever its state.

    renew_before  an upload that expires before it is due again
    """
    values = {"renew_before": renew_before, "campaign": campaign}
    return [DueUpload(*row) for row in session.execute(_DUE, values)]


_DUE = text("""
    SELECT DISTINCT c.sender_id, slot.value ->> 'sha256' AS sha256
    FROM campaign c CROSS JOIN LATERAL jsonb_each(c.mapping) AS slot
    LEFT JOIN media_upload u ON u.sender_id = c.sender_id AND u.sha256 = slot.value ->> 'sha256'
    WHERE slot.value ->> 'sha256' IS NOT NULL
      AND (c.name = :campaign
           OR CAST(:campaign AS text) IS NULL AND c.state IN ('scheduled', 'preparing', 'running', 'paused'))
      AND (u.expires_at IS NULL OR u.expires_at < :renew_before)
    ORDER BY 1, 2
""")


def keep_upload(session: Session, upload: MediaUpload) -> None:
    """Keep the id of an upload in place of an older one."""
    values = {
        "sender_id": upload.sender_id,
        "sha256": upload.sha256,
        "media_id": upload.media_id,
        "uploaded_at": upload.uploaded_at,
        "expires_at": upload.expires_at,
    }
    statement = insert(MediaUpload).values(**values)
    newer = {name: statement.excluded[name] for name in ("media_id", "uploaded_at", "expires_at")}
    session.execute(statement.on_conflict_do_update(index_elements=["sender_id", "sha256"], set_=newer))

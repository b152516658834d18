"""The platform's list of templates to our rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.providers.base import Provider, TemplateRecord
from campaign.templates import store
from models.sender import Sender
from models.session import Sessions, session_scope


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What one sync came to: templates listed, of which new and changed; and those no longer listed."""

    listed: int
    added: int
    changed: int
    gone: int


async def sync_templates(sessions: Sessions, sender: Sender, provider: Provider, *, now: datetime) -> SyncResult:
    """Read every template of the sender's account and keep what the platform says.

    writes  all templates of `sender.account`, in one transaction; nothing when the listing fails
    raises  PlatformError when the platform refuses or does not answer
    """
    records = await provider.list_templates()
    with session_scope(sessions) as session:
        return keep_templates(session, sender.account, records, now=now)


def keep_templates(session: Session, account: str, records: Sequence[TemplateRecord], *, now: datetime) -> SyncResult:
    """Write one complete listing of an account; a template it lacks gets the status DELETED."""
    # A template moved between two pages while they were read is listed twice: the later one is newer.
    unique = {(record.name, record.language): _normal(record) for record in records}
    written = store.upsert_templates(session, account, list(unique.values()), now)
    return SyncResult(
        listed=len(unique),
        added=sum(row.added for row in written),
        changed=sum(row.changed for row in written),
        gone=store.mark_gone(session, account, now),
    )


def _normal(record: TemplateRecord) -> TemplateRecord:
    # 360dialog is said to list lower-case statuses, platform.md B.1.
    return replace(
        record,
        status=record.status.upper(),
        category=record.category.lower(),
        parameter_format=record.parameter_format.upper(),
    )

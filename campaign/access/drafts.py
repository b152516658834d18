"""Campaigns in the making in the console: saved at every step, found again, never overwritten unseen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.access import store
from campaign.access.roles import Act, Actor
from campaign.access.users import find_user
from campaign.errors import Conflict, NotFound
from models.access import Draft
from models.session import Sessions, session_scope


def new_draft(sessions: Sessions, by: Actor, content: Mapping[str, Any], *, now: datetime) -> Draft:
    """Begin one.

    raises  Forbidden
    """
    by.require(Act.CREATE_CAMPAIGN)
    with session_scope(sessions) as session:
        owner = find_user(session, by.person)
        draft = Draft(owner_id=owner.id, version=1, content=dict(content), saved_by=by.name, saved_at=now)
        session.add(draft)
        return draft


def save_draft(
    sessions: Sessions, by: Actor, draft_id: int, version: int, content: Mapping[str, Any], *, now: datetime
) -> int:
    """Save over the version that was seen; returns the new version.

    raises  Forbidden, NotFound, Conflict naming who saved in between: nothing of either is lost
    """
    by.require(Act.CREATE_CAMPAIGN)
    with session_scope(sessions) as session:
        if store.overwrite_draft(session, draft_id, version, content, by=by.name, now=now):
            return version + 1
        other = find_draft(session, draft_id)
        who = other.saved_by.partition(":")[2]
        raise Conflict(f"{who} changed this draft at {other.saved_at:%H:%M} UTC; load it again to see what is new")


def find_draft(session: Session, draft_id: int) -> Draft:
    """One draft.

    raises  NotFound
    """
    draft = session.get(Draft, draft_id)
    if draft is None:
        raise NotFound("this draft does not exist any more; it was made into a campaign, or thrown away")
    return draft


def drafts(session: Session, limit: int = 100, *, saved_before: datetime | None = None) -> list[Draft]:
    """Everybody's drafts, newest first; `saved_before` turns the page."""
    query = select(Draft).order_by(Draft.saved_at.desc()).limit(limit)
    if saved_before is not None:
        query = query.where(Draft.saved_at < saved_before)
    return list(session.scalars(query))


def throw_away(sessions: Sessions, by: Actor, draft_id: int) -> None:
    """End a draft; what it was made into stays.

    raises  Forbidden
    """
    by.require(Act.CREATE_CAMPAIGN)
    with session_scope(sessions) as session:
        draft = session.get(Draft, draft_id)
        if draft is not None:
            session.delete(draft)

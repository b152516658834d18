"""`/me`, `/users`, `/keys`, `/audit`: who is asking, who may, who did."""

from typing import Annotated

from fastapi import APIRouter, Query

from campaign.access import api_keys, users
from campaign.access.audit import entries
from campaign.access.roles import Act
from console.api.door import Acting, Doored, Look
from console.api.paging import Paged
from console.api.repeat import Repeatable
from console.api.shapes import AuditOut, KeyIn, KeyOut, Me, NewKeyOut, UserChange, UserIn, UserOut
from console.api.words import Cursor, Limit, Name

router = APIRouter(tags=["access"])

Filter = Annotated[str | None, Query(max_length=200)]


@router.get("/me")
def me(by: Acting) -> Me:
    """Who is asking, and what they may do."""
    return Me(name=by.name, role=by.role, may=[act for act in Act if by.may(act)])


@router.get("/users")
def list_users(session: Look, by: Acting) -> list[UserOut]:
    """Everybody who may or might sign in."""
    by.require(Act.MANAGE_USERS)
    return [UserOut.model_validate(user) for user in users.users(session)]


@router.post("/users", status_code=201)
def add_user(body: UserIn, door: Doored, by: Acting, again: Repeatable) -> UserOut:
    """Let somebody sign in."""
    by.require(Act.MANAGE_USERS)
    return again.answer(
        UserOut,
        body,
        lambda: UserOut.model_validate(users.add_user(door.sessions, by, body.name, body.password, body.role)),
    )


@router.patch("/users/{name}")
def change_user(name: Name, body: UserChange, door: Doored, by: Acting) -> UserOut:
    """Give a user another role or password, take their access away, or give it back."""
    by.require(Act.MANAGE_USERS)
    if body.role is not None:
        users.set_role(door.sessions, by, name, body.role)
    if body.password is not None:
        users.set_password(door.sessions, by, name, body.password, now=door.clock())
    if body.disabled:
        users.disable_user(door.sessions, by, name, now=door.clock())
    elif body.disabled is not None:
        users.enable_user(door.sessions, by, name)
    with door.sessions() as session:
        return UserOut.model_validate(users.find_user(session, name))


@router.get("/keys")
def list_keys(session: Look, by: Acting) -> list[KeyOut]:
    """API keys, newest first."""
    by.require(Act.MANAGE_KEYS)
    return [KeyOut.model_validate(key) for key in api_keys.keys(session)]


@router.post("/keys", status_code=201)
def create_key(body: KeyIn, door: Doored, by: Acting) -> NewKeyOut:
    """Make an API key; it is shown in this answer and never again, so no answer is kept under an Idempotency-Key."""
    key = api_keys.create_key(door.sessions, by, body.name, body.role, expires_at=body.expires_at)
    return NewKeyOut(name=body.name, key=key)


@router.delete("/keys/{name}", status_code=204)
def revoke_key(name: Name, door: Doored, by: Acting) -> None:
    """End a key at once and for good."""
    api_keys.revoke_key(door.sessions, by, name, now=door.clock())


@router.get("/audit")
def audit(
    session: Look, pages: Paged, subject: Filter = None, actor: Filter = None, before: Cursor = None, limit: Limit = 50
) -> list[AuditOut]:
    """Who did what, newest first."""
    found = entries(session, subject=subject, actor=actor, before_id=before, limit=limit + 1)
    return [AuditOut.model_validate(entry) for entry in pages.cut(found, limit, before=lambda last: last.id)]

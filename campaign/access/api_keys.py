"""Keys of the REST API: made, shown once, revoked."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaign.access.audit import audited
from campaign.access.roles import Act, Actor
from campaign.access.secrets import digest, new_secret
from campaign.errors import Conflict, NotFound, NotSignedIn, UsageError
from campaign.names import nearest
from models.access import ApiKey, Role
from models.session import Sessions, session_scope

PREFIX = "ck_"
HINT_LENGTH = len(PREFIX) + 4
TOUCH_EVERY = timedelta(minutes=1)
LONGEST_NAME = 100


def create_key(sessions: Sessions, by: Actor, name: str, role: Role, *, expires_at: datetime | None = None) -> str:
    """Make a key that may do what its role may; the key itself is returned now and never again.

    raises  Forbidden, UsageError, Conflict when the name is taken
    """
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise UsageError(f"a key needs a name of 1 to {LONGEST_NAME} characters that says who uses it")
    key = new_secret(PREFIX)
    try:
        with audited(sessions, by, Act.MANAGE_KEYS, f"key:{name}") as act, act.sessions() as session, session.begin():
            session.add(
                ApiKey(
                    name=name, key_sha256=digest(key), hint=key[:HINT_LENGTH], role=role.value,
                    created_by=by.name, expires_at=expires_at,
                )
            )  # fmt: skip
            act.after = {"role": role.value, "expires_at": expires_at and expires_at.isoformat()}
    except IntegrityError:
        raise Conflict(f"there is a key named {name} already; choose another name") from None
    return key


def revoke_key(sessions: Sessions, by: Actor, name: str, *, now: datetime) -> None:
    """End a key at once and for good.

    raises  Forbidden, NotFound
    """
    with audited(sessions, by, Act.MANAGE_KEYS, f"key:{name}") as act, act.sessions() as session, session.begin():
        key = session.scalar(select(ApiKey).where(ApiKey.name == name))
        if key is None:
            known = session.scalars(select(ApiKey.name)).all()
            raise NotFound(f"there is no key {name}; {nearest(name, known) if known else 'there is none yet'}")
        key.revoked_at = key.revoked_at or now
        act.after = {"revoked": True}


def keys(session: Session) -> list[ApiKey]:
    """All keys, newest first; never the secrets."""
    return list(session.scalars(select(ApiKey).order_by(ApiKey.id.desc())))


def actor_of_key(sessions: Sessions, key: str, *, now: datetime) -> Actor:
    """Who acts with a key.

    raises  NotSignedIn when it is unknown, revoked or expired
    """
    with session_scope(sessions) as session:
        found = session.scalar(select(ApiKey).where(ApiKey.key_sha256 == digest(key)))
        if found is None or found.revoked_at is not None:
            raise NotSignedIn("the API key is not known, or was revoked; ask an admin for one")
        if found.expires_at is not None and found.expires_at <= now:
            raise NotSignedIn(
                f"the API key {found.name} expired at {found.expires_at:%Y-%m-%d %H:%M} UTC; make a new one"
            )
        if found.used_at is None or found.used_at <= now - TOUCH_EVERY:
            found.used_at = now
        return Actor(f"key:{found.name}", Role(found.role))

"""Signing in to the console: throttled, kept as a session that ends, and the first user of all."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.access import audit, store, throttle
from campaign.access.once import KEPT
from campaign.access.roles import Act, Actor
from campaign.access.secrets import digest, new_secret
from campaign.access.users import checked_name, hashed, matches
from campaign.errors import Conflict, NotSignedIn, UsageError
from models.access import Role, User, WebSession
from models.session import Sessions, session_scope

TOUCH_EVERY = timedelta(minutes=1)

_NOBODY = hashed("nobody", "a password that nobody has")


def sign_in(
    sessions: Sessions, name: str, password: str, *, address: str, now: datetime, lasts: timedelta
) -> tuple[str, User]:
    """Sign in and return the token of a new session, and who it is.

    address  where the request came from; failures count by name and by address
    raises   NotSignedIn, in the same words and time whether name or password was wrong; Throttled after several
    """
    try:
        name = checked_name(name)
    except UsageError:
        name = ""
    keys = [throttle.by_name(name), f"address:{address}"]
    with session_scope(sessions) as session:
        throttle.refuse_too_many(session, keys, now)
        user = session.scalar(select(User).where(User.name == name, User.disabled_at.is_(None)))
    # The check takes long by design, so no connection is held meanwhile; for an unknown name it takes as long.
    right = matches(user.password_hash if user else _NOBODY, password)
    with session_scope(sessions) as session:
        if user is not None and right:
            store.forget_failures(session, keys[0])
            session.get_one(User, user.id).last_login_at = now
            audit.write(session, actor_of(user), Act.SIGN_IN, f"user:{user.name}")
            return _open_session(session, user, now, lasts), user
        throttle.count_failure(session, keys, now)
    raise NotSignedIn("name or password is not right; type both again, or ask an admin for a new password")


def sign_out(sessions: Sessions, token: str) -> None:
    """End a session."""
    with session_scope(sessions) as session:
        store.end_session(session, digest(token))


def user_of(sessions: Sessions, token: str, *, now: datetime, idle: timedelta) -> User | None:
    """Whose session it is; None when it has ended, lay idle too long, or the user was disabled."""
    with session_scope(sessions) as session:
        found = session.execute(
            select(WebSession, User)
            .join(User, User.id == WebSession.user_id)
            .where(WebSession.token_sha256 == digest(token), User.disabled_at.is_(None))
        ).first()
        if found is None:
            return None
        web, user = found
        if web.expires_at <= now or web.seen_at <= now - idle:
            session.delete(web)
            return None
        if web.seen_at <= now - TOUCH_EVERY:
            web.seen_at = now
        return user


def actor_of(user: User) -> Actor:
    """The user as who is acting."""
    return Actor(f"user:{user.name}", Role(user.role))


def make_setup_token(sessions: Sessions) -> str | None:
    """A token by which the first user can be made; None when there is a user. An earlier token counts no more."""
    with session_scope(sessions) as session:
        if store.has_users(session):
            return None
        token = new_secret()
        store.replace_setup_token(session, digest(token))
        return token


def set_up(sessions: Sessions, token: str, name: str, password: str) -> User:
    """Make the first user, an admin, by the token that was printed.

    raises  NotSignedIn when the token is not the newest, Conflict when there is a user already, UsageError
    """
    name = checked_name(name)
    kept = hashed(name, password)
    with session_scope(sessions) as session:
        taken = store.take_setup_token(session, digest(token))
        if store.has_users(session):
            raise Conflict("the set-up is done; sign in instead")
        if not taken:
            raise NotSignedIn("this set-up address does not count any more; take the newest that campaign up printed")
        user = User(name=name, password_hash=kept, role=Role.ADMIN.value)
        session.add(user)
        audit.write(session, actor_of(user), Act.MANAGE_USERS, f"user:{name}", after={"role": Role.ADMIN.value})
        return user


def forget_old(session: Session, now: datetime) -> None:
    """Take away sessions that have ended, failures and kept answers of long ago."""
    store.forget_old(session, now=now, failures_before=now - throttle.FORGET_AFTER)
    store.forget_answers(session, now - KEPT)


def _open_session(session: Session, user: User, now: datetime, lasts: timedelta) -> str:
    token = new_secret()
    session.add(
        WebSession(token_sha256=digest(token), user_id=user.id, created_at=now, seen_at=now, expires_at=now + lasts)
    )
    return token

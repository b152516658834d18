"""Users of the console: added, given a role, a new password, or no access any more."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaign.access import store, throttle
from campaign.access.audit import audited
from campaign.access.roles import Act, Actor
from campaign.errors import Conflict, Forbidden, NotFound, NotSignedIn, UsageError
from campaign.names import nearest
from models.access import Role, User
from models.session import Sessions, session_scope

SHORTEST, LONGEST = 10, 200
"""Characters of a password."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
_hasher = PasswordHasher()


def add_user(sessions: Sessions, by: Actor, name: str, password: str, role: Role) -> User:
    """Let somebody sign in.

    raises  Forbidden, UsageError for an unusable name or password, Conflict when the name is taken
    """
    name = checked_name(name)
    kept = hashed(name, password)
    try:
        with audited(sessions, by, Act.MANAGE_USERS, f"user:{name}") as act, act.sessions() as session, session.begin():
            user = User(name=name, password_hash=kept, role=role.value)
            session.add(user)
            act.after = {"role": role.value}
    except IntegrityError:
        raise Conflict(f"there is a user {name} already; choose another name") from None
    return user


def set_role(sessions: Sessions, by: Actor, name: str, role: Role) -> None:
    """Give a user another role; it counts from the next click on.

    raises  Forbidden, NotFound, Conflict when nobody would be left to manage users
    """
    with audited(sessions, by, Act.MANAGE_USERS, f"user:{name}") as act, act.sessions() as session, session.begin():
        user = find_user(session, name)
        act.before, act.after = {"role": user.role}, {"role": role.value}
        with _keeping_an_admin(session, user):
            user.role = role.value


def disable_user(sessions: Sessions, by: Actor, name: str, *, now: datetime) -> None:
    """Take somebody's access away; what they have open ends at once.

    raises  Forbidden, NotFound, Conflict when nobody would be left to manage users
    """
    with audited(sessions, by, Act.MANAGE_USERS, f"user:{name}") as act, act.sessions() as session, session.begin():
        user = find_user(session, name)
        with _keeping_an_admin(session, user):
            user.disabled_at = now
        act.after = {"disabled": True}
        end_sessions(session, user)


def enable_user(sessions: Sessions, by: Actor, name: str) -> None:
    """Give somebody their access back.

    raises  Forbidden, NotFound
    """
    with audited(sessions, by, Act.MANAGE_USERS, f"user:{name}") as act, act.sessions() as session, session.begin():
        find_user(session, name).disabled_at = None
        act.after = {"disabled": False}


def set_password(
    sessions: Sessions, by: Actor, name: str, password: str, *, now: datetime, current: str | None = None
) -> None:
    """Set a password: a person their own, who then gives the current one, or an admin anybody's.

    Every browser in which the user is signed in has to sign in again.

    raises  Forbidden, NotFound, NotSignedIn when the current password is wrong, Throttled after several of those,
            UsageError
    """
    own = by.name == f"user:{name}"
    act = Act.SET_OWN_PASSWORD if own else Act.MANAGE_USERS
    kept = hashed(name, password)
    if own:
        _prove_current(sessions, name, current or "", now)
    with audited(sessions, by, act, f"user:{name}") as doing, doing.sessions() as session, session.begin():
        user = find_user(session, name)
        user.password_hash = kept
        doing.after = {"password": "changed"}
        end_sessions(session, user)


def set_language(sessions: Sessions, by: Actor, language: str | None) -> None:
    """Choose the language of the console for oneself; None takes the browser's.

    raises  Forbidden for who is no user, such as an API key; NotFound
    """
    if not by.name.startswith("user:"):
        raise Forbidden("only who signs in to the console has a language; an API key has none")
    with audited(sessions, by, Act.SET_OWN_LANGUAGE, by.name) as act, act.sessions() as session, session.begin():
        user = find_user(session, by.person)
        act.before, act.after = {"language": user.language}, {"language": language}
        user.language = language


def users(session: Session) -> list[User]:
    """Everybody who may or might sign in, by name."""
    return list(session.scalars(select(User).order_by(User.name)))


def find_user(session: Session, name: str) -> User:
    """The user of this name.

    raises  NotFound naming the nearest
    """
    user = session.scalar(select(User).where(User.name == name))
    if user is None:
        known = session.scalars(select(User.name)).all()
        raise NotFound(f"there is no user {name}; {nearest(name, known) if known else 'there is none yet'}")
    return user


def checked_name(name: str) -> str:
    """A name to sign in with, in small letters.

    raises  UsageError
    """
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise UsageError(f"user name {name[:100]!r} is not usable; use a-z, 0-9 and . _ @ + -, at most 100 of them")
    return name


def hashed(name: str, password: str) -> str:
    """A password as it is kept.

    raises  UsageError for one that is too short, too long or the name itself
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(f"the password has {len(password)} characters; use {SHORTEST} to {LONGEST}")
    if password.lower() == name:
        raise UsageError("the password is the name itself; use another")
    return _hasher.hash(password)


def matches(kept: str, password: str) -> bool:
    """Whether a password is the one that was kept. Takes some 50 ms by design, right or wrong."""
    try:
        return _hasher.verify(kept, password[:LONGEST])
    except VerifyMismatchError:
        return False


def end_sessions(session: Session, user: User) -> None:
    """Sign a user out everywhere."""
    store.end_sessions(session, user.id)


def _prove_current(sessions: Sessions, name: str, current: str, now: datetime) -> None:
    """Refuse a wrong current password: who sits at a browser that was left open must not find it out by trying."""
    keys = [throttle.by_name(name)]
    with session_scope(sessions) as session:
        throttle.refuse_too_many(session, keys, now)
        kept = find_user(session, name).password_hash
    # The check takes long by design, so no connection is held meanwhile.
    right = matches(kept, current)
    with session_scope(sessions) as session:
        if right:
            store.forget_failures(session, keys[0])
            return
        throttle.count_failure(session, keys, now)
    raise NotSignedIn("the current password is not right; type it again")


@contextmanager
def _keeping_an_admin(session: Session, user: User) -> Iterator[None]:
    """Change a user, unless that takes the last admin away."""
    was_admin = user.role == Role.ADMIN and user.disabled_at is None
    yield
    session.flush()
    if was_admin and not store.count_admins(session):
        raise Conflict("nobody would be left who may manage users; make somebody else admin first")

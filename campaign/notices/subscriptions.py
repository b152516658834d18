"""Subscriptions: who is told, where, and of what. Made, tried and ended by an admin; the secret is never kept."""

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaign.access.audit import Recording, audited
from campaign.access.roles import Act, Actor
from campaign.errors import Conflict, NotFound, UsageError
from campaign.names import check_sender_name, nearest
from campaign.notices import store
from campaign.notices.address import checked_url
from campaign.notices.events import NoticeEvent
from campaign.settings import PREFIX, Settings
from models.access import Notice, Subscription
from models.session import Sessions

PAGE = 50

# A secret is longer than any name that a person gives to a variable.
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """A subscription to be made. `secret_env` names the variable of the workers that holds what signs."""

    name: str
    url: str
    secret_env: str
    events: Sequence[str]


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A subscription as it is listed: how many notices wait, how many were given up, and what went wrong last."""

    name: str
    url: str
    secret_env: str
    events: Sequence[str]
    created_by: str
    created_at: datetime
    waiting: int
    given_up: int
    delivered_at: datetime | None
    last_error: str | None


def add_subscription(sessions: Sessions, by: Actor, new: NewSubscription, settings: Settings) -> SubscriptionView:
    """Tell an address from now on.

    raises  Forbidden, UsageError, Conflict when the name is taken
    """
    by.require(Act.MANAGE_SUBSCRIPTIONS)
    events = _checked(new, settings)
    kept = {"name": new.name, "url": new.url, "secret_env": new.secret_env, "events": events, "created_by": by.name}
    try:
        with _managing(sessions, by, new.name) as act, act.sessions() as session, session.begin():
            session.add(Subscription(**kept))
            session.flush()
            act.after = {"url": new.url, "events": events}
            return view(session, new.name)
    except IntegrityError:
        raise Conflict(f"there is a subscription {new.name} already; choose another name") from None


def remove_subscription(sessions: Sessions, by: Actor, name: str) -> None:
    """Tell it nothing any more; notices that wait for it go with it.

    raises  Forbidden, NotFound
    """
    with _managing(sessions, by, name) as act, act.sessions() as session, session.begin():
        found = find_subscription(session, name)
        act.before, act.after = {"url": found.url, "events": found.events}, {"removed": True}
        session.delete(found)


def retry_given_up(sessions: Sessions, by: Actor, name: str, *, now: datetime) -> int:
    """Begin anew with the notices that were given up; how many.

    raises  Forbidden, NotFound
    """
    with _managing(sessions, by, name) as act, act.sessions() as session, session.begin():
        count = store.try_given_up_again(session, find_subscription(session, name).id, now)
        act.after = {"tried_again": count}
        return count


def subscriptions(session: Session) -> list[SubscriptionView]:
    """Every subscription and how it stands, by name."""
    return [SubscriptionView(**row._mapping) for row in store.standing(session)]


def view(session: Session, name: str) -> SubscriptionView:
    """One of them.

    raises  NotFound
    """
    find_subscription(session, name)
    return next(each for each in subscriptions(session) if each.name == name)


def notices(session: Session, name: str, *, before_id: int | None = None, limit: int = PAGE) -> list[Notice]:
    """What one was told or is to be told, newest first; `before_id` turns the page.

    raises  NotFound
    """
    return store.notices_of(session, find_subscription(session, name).id, before_id=before_id, limit=limit)


def find_subscription(session: Session, name: str) -> Subscription:
    """The subscription of this name.

    raises  NotFound naming the nearest
    """
    found = session.scalar(select(Subscription).where(Subscription.name == name))
    if found is None:
        known = store.names(session)
        advice = nearest(name, known) if known else "there is none yet; make one with campaign subscriptions add"
        raise NotFound(f"there is no subscription {name}; {advice}")
    return found


def trouble(each: SubscriptionView, environment: Mapping[str, str] | None = None) -> str | None:
    """What is wrong with a subscription, in words that say what to do; None when all is well. Pure.

    environment  of the workers, where it is known, for the secret
    """
    if environment is not None and not environment.get(each.secret_env):
        return f"the variable {each.secret_env} that signs for subscription {each.name} is not set; export it"
    if each.given_up:
        return (
            f"{each.given_up:,} notices to subscription {each.name} were given up ({each.last_error or 'no answer'}); "
            f"when its address answers again: campaign subscriptions retry {each.name}"
        )
    if each.waiting and each.last_error:
        return f"{each.waiting:,} notices wait for subscription {each.name}: {each.last_error}"
    return None


def _managing(sessions: Sessions, by: Actor, name: str) -> AbstractContextManager[Recording]:
    return audited(sessions, by, Act.MANAGE_SUBSCRIPTIONS, f"subscription:{name}")


def _checked(new: NewSubscription, settings: Settings) -> list[str]:
    check_sender_name(new.name)
    checked_url(new.url, loopback=settings.notice_loopback)
    # The value is not repeated: it may be the secret itself.
    if not _VARIABLE.fullmatch(new.secret_env) or new.secret_env.upper().startswith(PREFIX):
        raise UsageError(f"--secret-env takes the name of a variable, not the secret itself, and none of {PREFIX}*")
    unknown = [event for event in new.events if event not in set(NoticeEvent)]
    if unknown or not new.events:
        named = f"there is no event {unknown[0][:100]!r}" if unknown else "--events names none"
        raise UsageError(f"{named}; use {', '.join(NoticeEvent)}")
    return sorted(set(new.events))

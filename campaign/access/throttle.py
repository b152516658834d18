"""Wrong passwords of late: each after the first few costs a longer wait, wherever they are typed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.access import store
from campaign.errors import Throttled
from models.access import LoginAttempt

FREE_TRIES = 5
"""Failures that cost no wait; each further one doubles it."""

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=1)


def wait_after(failures: int) -> timedelta:
    """How long after the last failure the next try is taken."""
    if failures < FREE_TRIES:
        return timedelta(0)
    doublings = min(failures - FREE_TRIES, 20)
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << doublings))


def refuse_too_many(session: Session, keys: Sequence[str], now: datetime) -> None:
    """Refuse a try under names or from addresses that have failed too often.

    raises  Throttled
    """
    for tried in session.scalars(select(LoginAttempt).where(LoginAttempt.key.in_(keys))):
        left = tried.last_at + wait_after(tried.failures) - now
        if left > timedelta(0) and tried.last_at > now - FORGET_AFTER:
            seconds = left.total_seconds()
            raise Throttled(f"too many failed tries; try again in {seconds:.0f} s", retry_after_s=seconds)


def count_failure(session: Session, keys: Sequence[str], now: datetime) -> None:
    """One more wrong password under names and from addresses."""
    for key in keys:
        store.count_failure(session, key, now)


def by_name(name: str) -> str:
    """Under what failures of one person are counted, at sign-in and on the page of their account."""
    return f"name:{name}"

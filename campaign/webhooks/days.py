"""The days of the inbox: partitions are made ahead, and those past the retention go as a whole.

A day goes only when everything in it has been applied. A webhook with an open problem outlives its day: it moves to the
default partition, where a person finds it until it is settled.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy.exc import OperationalError

from campaign.settings import Settings
from campaign.webhooks import hearing_store
from campaign.webhooks import inbox_store as store
from campaign.webhooks.inbox_store import Partition
from models.session import Sessions, session_scope

log = structlog.get_logger(__name__)

AHEAD = 3
"""Days that have their partition before they begin, so that three days without a sweep change nothing."""

AT_ONCE = 10_000

SPARE = timedelta(days=2)
"""How much longer than the provider's tries it is kept when webhooks came: afterwards no proof asks for it."""


class Kept(NamedTuple):
    """What keeping the inbox came to: days made, days dropped, webhooks with a problem that were moved, days kept.

    waiting  days that are past the retention but hold webhooks which nobody has applied yet
    """

    made: int = 0
    dropped: int = 0
    moved: int = 0
    waiting: int = 0


def keep_days(sessions: Sessions, settings: Settings, *, now: datetime) -> Kept:
    """Make the days to come, and drop those past `webhook_retention_days`. Safe to run twice, and at once.

    A lock that cannot be had within a second is left for the next time: receivers would wait behind it.
    """
    with session_scope(sessions) as session:
        known = store.partitions(session)
    made = sum(_make(sessions, day) for day in _missing(known, now.date()))
    cutoff = now - timedelta(days=settings.webhook_retention_days)
    kept = [_drop(sessions, each.name) for each in known if each.ends_at is not None and each.ends_at <= cutoff]
    _empty_default(sessions, cutoff)
    with session_scope(sessions) as session:
        hearing_store.forget(session, now - timedelta(seconds=settings.webhook_retry_s) - SPARE)
    moved = [count for count in kept if count is not None]
    done = Kept(made, len(moved), sum(moved), kept.count(None))
    if any(done):
        log.info("inbox kept", **done._asdict())
    return done


def _missing(known: Sequence[Partition], today: date) -> Iterator[date]:
    names = {each.name for each in known}
    # What came before there were days may reach into today.
    covered = max((each.ends_at.date() for each in known if each.name == store.BEFORE and each.ends_at), default=today)
    for day in (today + timedelta(days=count) for count in range(AHEAD + 1)):
        if f"{store.PREFIX}{day:%Y%m%d}" not in names and day >= covered:
            yield day


def _make(sessions: Sessions, day: date) -> bool:
    try:
        with session_scope(sessions) as session:
            return store.begin_keeping(session) and store.add_day(session, day)
    except OperationalError as error:
        log.warning("a day of the inbox could not be made; tried again", day=str(day), error=_first_line(error))
        return False


def _drop(sessions: Sessions, name: str) -> int | None:
    """Webhooks with a problem that outlived a day, or None where the day stays."""
    try:
        with session_scope(sessions) as session:
            if not store.begin_keeping(session):
                return None
            if store.has_waiting(session, name):
                log.warning("a day past the retention holds webhooks that wait; it is kept", partition=name)
                return None
            return store.drop_day(session, name)
    except OperationalError as error:
        log.warning("a day of the inbox could not be dropped; tried again", partition=name, error=_first_line(error))
        return None


def _empty_default(sessions: Sessions, cutoff: datetime) -> None:
    gone = AT_ONCE
    while gone >= AT_ONCE:
        with session_scope(sessions) as session:
            gone = store.empty_default(session, cutoff, AT_ONCE)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]

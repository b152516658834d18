"""Numbers as they are shown: the use of the messaging limit hour by hour, and the health of webhooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign.planning.ceiling import tightest
from campaign.planning.store import used_by_hour
from campaign.planning.warm_up import WarmUp
from campaign.senders import find_sender, list_senders
from campaign.settings import Settings
from campaign.webhooks.health import Finding, StreamHealth, stream_health, troubles
from models.sender import Sender

HOUR = timedelta(hours=1)
HOURS = 24


@dataclass(frozen=True, slots=True)
class TierUse:
    """Whom a portfolio has written to within 24 hours.

    hours       start of each hour and the people last written to in it, oldest first; the present hour is the last
    used        people who count now
    ceiling     the most people in 24 hours, None where there is no limit
    limited_by  what says so: messaging limit or warm-up
    """

    hours: Sequence[tuple[datetime, int]]
    used: int
    ceiling: int | None
    limited_by: str | None

    @property
    def share(self) -> float | None:
        """How much of the limit is used, 0 to 1 and above; None without a limit."""
        return None if self.ceiling is None else self.used / max(1, self.ceiling)


def use_of(sender: Sender, told: Sequence[tuple[datetime, int]], reserve: float, now: datetime) -> TierUse:
    """The use of a sender's limit. Pure.

    told  people of its portfolio by the hour in which they were last written to
    """
    ceiling = tightest(sender.tier, reserve, WarmUp.kept(sender.warm_up, sender.warm_up_began_at), now)
    return TierUse(
        by_hour(told, now),
        sum(people for _, people in told),
        ceiling.people if ceiling else None,
        ceiling.limited_by if ceiling else None,
    )


def by_hour(told: Sequence[tuple[datetime, int]], now: datetime) -> list[tuple[datetime, int]]:
    """Each of the last hours with its people, those without any too. Pure."""
    last = _hour(now)
    # The hour in which the moving day begins is a part of one, so that there is one more than 24.
    starts = [last - HOUR * back for back in range(HOURS, -1, -1)]
    people = dict.fromkeys(starts, 0)
    for at, count in told:
        if (start := _hour(at)) in people:
            people[start] += count
    return list(people.items())


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class SenderView:
    """A number with what a page shows beside it: the use of its limit, and what is wrong with its webhooks."""

    sender: Sender
    use: TierUse
    health: StreamHealth | None
    troubles: Sequence[Finding]


def sender_views(session: Session, settings: Settings, now: datetime, name: str | None = None) -> list[SenderView]:
    """Every number by name, or one of them.

    raises  NotFound when there is none of that name
    """
    senders = list_senders(session) if name is None else [find_sender(session, name)]
    streams = {each.sender_id: each for each in stream_health(session, settings, now)}
    # Numbers of a portfolio share its limit, and its use is asked for once.
    told = {portfolio: used_by_hour(session, portfolio, now) for portfolio in {each.portfolio for each in senders}}
    views = []
    for sender in senders:
        health = streams.get(sender.id)
        found = troubles(health, settings, now) if health else []
        views.append(
            SenderView(sender, use_of(sender, told[sender.portfolio], settings.tier_reserve, now), health, found)
        )
    return views

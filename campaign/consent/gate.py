"""Who may be written to: one person, one decision, one reason. Pure; SQL decides the same in `store.py`.

The default is to deny. Of the events for the category or for all, the newest decides; when an opt-in and an opt-out
bear the same time, the opt-out wins. An opt-in may be given a life: once that is over, it counts no more. A
suppression forbids even where there is consent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from models.people import Category, ConsentAction

NO_CONSENT = "no_consent"
CONSENT_WITHDRAWN = "consent_withdrawn"
CONSENT_EXPIRED = "consent_expired"
SUPPRESSED = "suppressed"
"""The reasons to withhold a message, as stored in `rejected_row.reason` and `message.reason`."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The person agreed and nothing forbids it."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """The message must not be sent."""

    reason: str


class Event(Protocol):
    """An opt-in or opt-out, as `models.people.ConsentEvent` has it."""

    category: str
    action: str
    occurred_at: datetime


class Ban(Protocol):
    """A suppression, as `models.people.Suppression` has it; `until` None is for good."""

    category: str
    until: datetime | None


def may_write(
    category: str,
    consent_events: Iterable[Event],
    suppressions: Iterable[Ban],
    now: datetime,
    lasts: timedelta | None = None,
) -> Allowed | Withheld:
    """Whether one person may get a message of a category at `now`, by all that is recorded of them.

    lasts  how long an opt-in for this category counts; None for good
    """
    relevant = [event for event in consent_events if event.category in (category, Category.ALL)]
    if not relevant:
        return Withheld(NO_CONSENT)
    # True is greater than False: at the same time the opt-out is the newest.
    newest = max(relevant, key=lambda event: (event.occurred_at, event.action == ConsentAction.OPT_OUT))
    # Asked for the opt-in, not the opt-out: an action nobody knows yet must not let a message through.
    if newest.action != ConsentAction.OPT_IN:
        return Withheld(CONSENT_WITHDRAWN)
    if lasts is not None and newest.occurred_at <= now - lasts:
        return Withheld(CONSENT_EXPIRED)
    if any(_forbids(ban, category, now) for ban in suppressions):
        return Withheld(SUPPRESSED)
    return Allowed()


def _forbids(ban: Ban, category: str, now: datetime) -> bool:
    return ban.category in (category, Category.ALL) and (ban.until is None or ban.until > now)

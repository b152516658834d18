"""Whether webhooks come and are applied: by sender, with a name for whatever is wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from campaign.settings import Settings
from campaign.webhooks import inbox_store as store
from campaign.webhooks.inbox_store import Look

WINDOW = timedelta(hours=1)
"""How far back acceptances and arrivals are looked at."""

LEAST_SHARE = 0.98
"""Of what was accepted, how much must have been reported; the same as campaign.reconciliation.absence asks."""

LATE_S = 60.0
"""From which age the oldest webhook that waits says that nobody applies them."""


class Trouble(StrEnum):
    """What can be wrong with the webhooks of a sender."""

    SILENT = "webhooks_silent"
    GAPS = "webhooks_missing"
    STUCK = "webhooks_not_applied"
    PROBLEMS = "webhooks_unreadable"


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """The webhooks of one sender.

    lag_p50_s, lag_max_s  from arrival to applied, of the last hour; None where nothing came
    accepted, reported    messages accepted in the hour before `webhook_silence_s` ago, and those reported since
    problems              webhooks with an open problem
    """

    sender_id: int
    sender: str
    last_webhook_at: datetime | None
    waiting: int
    oldest_waiting_at: datetime | None
    received: int
    lag_p50_s: float | None
    lag_max_s: float | None
    accepted: int
    reported: int
    problems: int

    @property
    def unreported(self) -> int:
        """Messages that should have been reported and were not."""
        return self.accepted - self.reported


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, by name and in words that say what to do."""

    trouble: Trouble
    text: str


def stream_health(session: Session, settings: Settings, now: datetime) -> list[StreamHealth]:
    """The health of every sender's webhooks, by name."""
    return [StreamHealth(*tuple(row)) for row in store.health(session, look_of(settings, now))]


def look_of(settings: Settings, now: datetime) -> Look:
    """Over which time the settings have webhooks looked at."""
    return Look(now, timedelta(seconds=settings.webhook_silence_s), WINDOW)


def troubles(health: StreamHealth, settings: Settings, now: datetime) -> list[Finding]:
    """What is wrong with a sender's webhooks; nothing when all is well. Pure."""
    found = [_unheard(health, settings), _stuck(health, now), _unread(health)]
    return [each for each in found if each is not None]


def _unheard(health: StreamHealth, settings: Settings) -> Finding | None:
    if not health.unreported or health.waiting:
        # What waits in the inbox may be the reports.
        return None
    minutes = f"{settings.webhook_silence_s / 60:g} min"
    if not health.reported:
        last = (
            f"the last webhook came {health.last_webhook_at:%Y-%m-%d %H:%M} UTC"
            if health.last_webhook_at
            else ("no webhook ever came")
        )
        text = (
            f"no webhook reports on the {health.accepted:,} messages accepted more than {minutes} ago; {last}: check "
            f"the address registered with the provider, and that the receiver is in reach from outside"
        )
        return Finding(Trouble.SILENT, text)
    if health.reported >= LEAST_SHARE * health.accepted:
        return None
    text = (
        f"{health.unreported:,} of {health.accepted:,} messages accepted more than {minutes} ago have no webhook: some "
        f"are lost on their way, so no message in doubt is sent again; look for 503 and 401 in the receiver's counters"
    )
    return Finding(Trouble.GAPS, text)


def _stuck(health: StreamHealth, now: datetime) -> Finding | None:
    if health.oldest_waiting_at is None or (now - health.oldest_waiting_at).total_seconds() < LATE_S:
        return None
    text = (
        f"{health.waiting:,} webhooks wait to be applied, the oldest since {health.oldest_waiting_at:%Y-%m-%d %H:%M} "
        f"UTC: is the housekeeper running? (campaign up, or a worker of its queue)"
    )
    return Finding(Trouble.STUCK, text)


def _unread(health: StreamHealth) -> Finding | None:
    if not health.problems:
        return None
    one = health.problems == 1
    text = f"{health.problems:,} webhook{'' if one else 's'} could not be read; see campaign webhooks problems"
    return Finding(Trouble.PROBLEMS, text)

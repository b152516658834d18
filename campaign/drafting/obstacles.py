"""What stands in the way of a launch, or is good to know before it: codes that a page has words for. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign.check import Forecast
from campaign.sender_health import BLOCKED
from models.campaign import Campaign
from models.sender import Sender, SenderState

SILENT_FOR = timedelta(hours=24)
MAY_SEND = frozenset({SenderState.CONNECTED.value, SenderState.FLAGGED.value})


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One of them. `stops`: a launch would be refused or reach nobody; `told` is what the platform said of it."""

    code: str
    stops: bool = False
    told: str = ""


def obstacles(campaign: Campaign, sender: Sender, found: Forecast, *, sendable: bool, now: datetime) -> list[Obstacle]:
    """What a person should know before launching, what stops it first."""
    noted = [
        (not found.to_message, Obstacle("nobody", stops=True)),
        (not sendable, Obstacle("template", stops=True)),
        (sender.state not in MAY_SEND, Obstacle("sender", stops=True, told=sender.status or sender.state)),
        (_passed(campaign.deadline_at, now), Obstacle("deadline", stops=True)),
        (sender.health == BLOCKED, Obstacle("health", told=sender.health_reason or "")),
        (sender.state == SenderState.FLAGGED.value, Obstacle("flagged")),
        (_passed(campaign.start_at, now), Obstacle("start_passed")),
        (found.plan.end is None and found.to_message > 0, Obstacle("no_end")),
        (_too_late(campaign, found), Obstacle("ends_late")),
        (_over_limit(found), Obstacle("limit")),
    ]
    return [obstacle for holds, obstacle in noted if holds]


def stopping(found: Sequence[Obstacle]) -> bool:
    """Whether one of them stops a launch."""
    return any(obstacle.stops for obstacle in found)


def _passed(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def _too_late(campaign: Campaign, found: Forecast) -> bool:
    return bool(campaign.deadline_at and found.plan.end and found.plan.end > campaign.deadline_at)


def _over_limit(found: Forecast) -> bool:
    tier = found.tier
    return tier.limit is not None and tier.needed > max(0, tier.limit - tier.used)

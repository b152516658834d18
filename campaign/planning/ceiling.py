"""How many people may be written to in a moving 24 hours: the messaging limit, or a warm-up below it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign.planning.warm_up import WarmUp

DAY = timedelta(hours=24)

MESSAGING_LIMIT, WARM_UP = "messaging limit", "warm-up"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most people in 24 hours, and which limit says so."""

    people: int
    limited_by: str


def tightest(tier: int | None, reserve: float, warm_up: WarmUp | None, now: datetime) -> Ceiling | None:
    """The tighter of both limits at `now`; None where there is none.

    reserve  share of the messaging limit that is kept for other traffic, 0..1; a warm-up keeps none
    """
    cap = warm_up.cap_at(now) if warm_up else None
    people = None if tier is None else int(tier * (1 - reserve))
    if cap is not None and (people is None or cap < people):
        return Ceiling(cap, WARM_UP)
    return None if people is None else Ceiling(people, MESSAGING_LIMIT)

"""Caps per hour and day, counted in Postgres within the claim's own transaction, so that no claim goes past them.

Minutes are counted as wholes: a cap holds in any 60 minutes and any 24 hours, and may be reached a minute late. No
quarter of an hour gets more than a third of what the hour may have, so that an opening with many waiting does not use
it up at once.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign.scheduling import store
from campaign.scheduling.spread import Spread
from models.campaign import Campaign

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)


def spread_of(campaign: Campaign) -> Spread:
    """How the messages of a campaign are spread."""
    return Spread(campaign.spread_s, campaign.per_hour, campaign.per_day)


def paced_shares(
    session: Session, shares: Mapping[int, int], paced: Mapping[int, Spread], now: datetime
) -> dict[int, int]:
    """The most each campaign may give now, within its caps; campaigns without room are left out.

    paced  the campaigns that have caps
    locks  those campaigns' counts, until the caller commits
    """
    store.lock_paces(session, [id_ for id_ in shares if id_ in paced])
    rooms = {id_: _room(session, id_, paced[id_], now) for id_ in shares if id_ in paced}
    within = {id_: min(share, rooms.get(id_, share)) for id_, share in shares.items()}
    return {id_: share for id_, share in within.items() if share > 0}


def count_paced(session: Session, claimed: Iterable[int], paced: Mapping[int, Spread], now: datetime) -> None:
    """Count what was claimed, given as the campaigns' ids, in the transaction that asked for the room."""
    counted = Counter(id_ for id_ in claimed if id_ in paced)
    if counted:
        store.count_claims(session, sorted(counted.items()), now)


def _room(session: Session, campaign_id: int, spread: Spread, now: datetime) -> int:
    quarter = math.ceil(spread.per_hour / 3) if spread.per_hour is not None else None
    caps = ((quarter, HOUR / 4), (spread.per_hour, HOUR), (spread.per_day, DAY))
    return min(most - store.claims_since(session, campaign_id, now - span) for most, span in caps if most is not None)

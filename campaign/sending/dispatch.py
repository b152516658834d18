"""Keeps the lanes of each sender busy: who has work, and which lanes are silent."""

from collections.abc import Callable
from datetime import datetime

from campaign.sending.lanes import LaneKey, Lanes
from campaign.sending.store import senders_with_work
from models.session import Sessions


def silent_lanes(sessions: Sessions, lanes: Lanes, *, now: datetime, new_token: Callable[[], str]) -> list[LaneKey]:
    """The lanes that have work and nobody at it. Ring each of them; running this twice rings none twice."""
    with sessions() as session:
        busy = senders_with_work(session, now)
    return [lane for sender_id in busy for lane in lanes.open(sender_id, new_token)]

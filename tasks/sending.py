"""Shells: keep the lanes busy, send a chunk."""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta

from campaign.lifecycle import start_due
from campaign.refreshing import accounts_in_doubt
from campaign.sending.dispatch import silent_lanes
from campaign.sending.lanes import LaneKey, Lanes
from campaign.sending.send_chunk import send_chunk as run_lane
from campaign.sending.tiers import resume_freed
from campaign.templates.doubts import ASK_AGAIN
from models.session import session_scope
from tasks import templates, wiring
from tasks.app import QueueNames, app, stopping

HEARTBEAT_S = 1.0


@app.task(name="sending.dispatch")
def dispatch() -> None:
    """Start what is due, ring every lane that has work and nobody at it, have doubted templates read."""
    with wiring.stores_may_be_away("dispatch"):
        settings, now = wiring.settings(), wiring.utc_now()
        start_due(wiring.sessions(), now=now, late_start=timedelta(seconds=settings.late_start_s))
        with session_scope(wiring.sessions()) as session:
            resume_freed(session, settings.tier_reserve, now)
        lanes = Lanes(wiring.redis(), settings)
        for lane in silent_lanes(wiring.sessions(), lanes, now=now, new_token=lambda: secrets.token_hex(8)):
            ring(lane)
        for account in accounts_in_doubt(wiring.sessions(), now=now):
            templates.refresh.apply_async((account,), expires=ASK_AGAIN.total_seconds())


@app.task(name="sending.send_chunk")
def send_chunk(sender_id: int, place: int, token: str) -> None:
    """Send for a sender until nothing is due or the place is needed. Safe to run twice: claims never overlap."""
    with wiring.stores_may_be_away("send_chunk"):
        lane, lanes = LaneKey(sender_id, place, token), Lanes(wiring.redis(), wiring.settings())
        if not lanes.still_mine(lane):
            return
        claimed = wiring.run(run_lane(sender_id, wiring.tools(), _keep_going(lane, lanes)))
        if claimed and lanes.still_mine(lane):
            ring(lane)
        else:
            lanes.close(lane)


def ring(lane: LaneKey) -> None:
    """Ask a worker to work the lane; the ring is void once the lane counts as dead."""
    send_chunk.apply_async(tuple(lane), expires=wiring.settings().lane_ttl_s, queue=QueueNames.SENDING)


def _keep_going(lane: LaneKey, lanes: Lanes) -> Callable[[], bool]:
    ends_at = time.monotonic() + wiring.settings().lane_run_s
    beat_at = time.monotonic() + HEARTBEAT_S

    def keep_going() -> bool:
        nonlocal beat_at
        now = time.monotonic()
        if now > ends_at or stopping():
            return False
        if now < beat_at:
            return True
        beat_at = now + HEARTBEAT_S
        return lanes.still_mine(lane)

    return keep_going

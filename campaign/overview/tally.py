"""Counting campaigns ahead of the looks: each at a pace that fits what the count costs."""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign.overview import store
from models.session import Sessions, session_scope

BUCKETS = 120
"""Points of a chart at most."""

STEPS_S = (1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 86400, 7 * 86400)
"""Lengths of a bucket, seconds: what people read a clock in."""


def count_due(sessions: Sessions, *, now: datetime, timer: Callable[[], float] = time.monotonic) -> int:
    """Count the campaigns whose counts are due; how many there were. Each is a transaction of its own."""
    with session_scope(sessions) as session:
        due = store.campaigns_to_count(session, now)
    for campaign_id in due:
        with session_scope(sessions) as session:
            count_campaign(session, campaign_id, now=now, timer=timer)
    return len(due)


def count_campaign(
    session: Session, campaign_id: int, *, now: datetime, timer: Callable[[], float] = time.monotonic
) -> None:
    """Count one campaign now, and its chart if that is due."""
    began = timer()
    rows = store.count_states(session, campaign_id)
    counted = {
        "campaign_id": campaign_id,
        "counts": json.dumps({row.state: row.messages for row in rows}),
        "first": min((row.first for row in rows), default=None),
        "last": max((row.last for row in rows), default=None),
        "now": now,
        "took_ms": round((timer() - began) * 1000),
    }
    store.keep_counts(session, counted)
    due = store.series_due(session, campaign_id, now)
    if due is None or due.launched_at is None:
        return
    began = timer()
    series = store.count_series(session, campaign_id, due.launched_at, bucket_s(due.launched_at, due.ended_at or now))
    store.keep_series(session, campaign_id, json.dumps(series), now=now, took_ms=round((timer() - began) * 1000))


def bucket_s(since: datetime, until: datetime) -> int:
    """The shortest length of a bucket, in seconds, with which a stretch of time fits into BUCKETS. Pure."""
    needed = (until - since) / timedelta(seconds=1) / BUCKETS
    return next((step for step in STEPS_S if step >= needed), STEPS_S[-1])

"""The SQL of a campaign's present: what left just now, what is due, what is held. Each goes by an index of its own."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session


def claims_since(session: Session, campaign_id: int, since: datetime) -> int:
    """Messages of a campaign that were requested after an instant of late."""
    return int(session.execute(_CLAIMS, {"campaign_id": campaign_id, "since": since}).scalar_one())


# The summary of pages by time first; what it finds is little, so the campaign needs no index here.
_CLAIMS = text("SELECT count(*) FROM message WHERE claimed_at > :since AND campaign_id = :campaign_id")


class Due(NamedTuple):
    """Queued messages: whether any is due now, when the next one after now is, and the last of all."""

    now: bool
    next_at: datetime | None
    last_at: datetime | None


def due(session: Session, campaign_id: int, now: datetime) -> Due:
    """When the queued messages of a campaign are due; three probes of one index, however many there are."""
    return Due(*session.execute(_DUE, {"campaign_id": campaign_id, "now": now}).one())


_DUE = text("""
    SELECT EXISTS (SELECT 1 FROM message WHERE campaign_id = :campaign_id AND state = 'queued' AND due_at <= :now),
           (SELECT min(due_at) FROM message WHERE campaign_id = :campaign_id AND state = 'queued' AND due_at > :now),
           (SELECT max(due_at) FROM message WHERE campaign_id = :campaign_id AND state = 'queued')
""")


class Held(NamedTuple):
    """Messages that WhatsApp holds: how many, and since when the first and the last."""

    messages: int
    first_at: datetime | None
    last_at: datetime | None


def held(session: Session, campaign_id: int) -> Held:
    """What is held of a campaign."""
    return Held(*session.execute(_HELD, {"campaign_id": campaign_id}).one())


_HELD = text("""
    SELECT count(*), min(held_at), max(held_at) FROM message WHERE campaign_id = :campaign_id AND state = 'held'
""")


def people_counted(session: Session, portfolio: str, since: datetime) -> int:
    """People whom a portfolio has written to since an instant, as its messaging limit counts them."""
    values = {"portfolio": portfolio, "since": since}
    return int(session.execute(_COUNTED, values).scalar_one())


_COUNTED = text("SELECT count(*) FROM recipient_use WHERE portfolio = :portfolio AND last_at > :since")


class CanaryNow(NamedTuple):
    """What has become of the people of a canary so far."""

    taken: int
    delivered: int
    failed: int
    held: int


def canary_now(session: Session, campaign_id: int) -> CanaryNow:
    """The people of a canary, found by primary key."""
    return CanaryNow(*session.execute(_CANARY_NOW, {"campaign_id": campaign_id}).one())


_CANARY_NOW = text("""
    SELECT count(*), count(*) FILTER (WHERE m.state IN ('delivered', 'read')),
           count(*) FILTER (WHERE m.state = 'failed'), count(*) FILTER (WHERE m.state IN ('held', 'dropped'))
    FROM campaign c CROSS JOIN LATERAL unnest(c.canary_ids) AS taken(id) JOIN message m ON m.id = taken.id
    WHERE c.id = :campaign_id
""")

"""The SQL of doubt: each statement goes by the index of uncertain messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from campaign.reconciliation.absence import Unanswered
from campaign.reconciliation.store import BLIND_UNTIL
from models.states import Signal, sources

_GIVEN_UP_FROM = ", ".join(f"'{state.value}'" for state in sources(Signal.GIVE_UP))


def parts(session: Session, sender_id: int, campaign_id: int) -> Sequence[Row[Any]]:
    """Uncertain messages of a campaign by why they are so, their template and the second of their claim, oldest first.

    Each with how many, the oldest and the newest claim, and whether a webhook came after it that could not be read.
    """
    return session.execute(_PARTS, {"sender_id": sender_id, "campaign_id": campaign_id}).all()


# What an earlier attempt was refused for may still stand there: a text of this one goes before its code.
_PARTS = text(f"""
    SELECT CASE WHEN m.reason = 'lease_ran_out' THEN 'killed_worker'
                WHEN m.error_text ILIKE '%timeout%' OR m.error_text ILIKE 'no answer%' THEN 'timeout'
                WHEN m.error_text LIKE 'HTTP %' OR m.error_code IS NOT NULL THEN 'unclear_answer'
                ELSE 'broken_connection' END AS why,
           COALESCE(m.template_id, campaign.template_id) AS template_id, count(*) AS messages,
           min(m.claimed_at) AS oldest, max(m.claimed_at) AS newest, bool_or(m.claimed_at <= blind.until) AS unread
    FROM message m JOIN campaign ON campaign.id = m.campaign_id JOIN sender ON sender.id = m.sender_id
        CROSS JOIN LATERAL ({BLIND_UNTIL}) blind
    WHERE m.sender_id = :sender_id AND m.campaign_id = :campaign_id AND m.state = 'uncertain'
    GROUP BY 1, 2, date_bin('1 second', m.claimed_at, '2000-01-01 00:00+00') ORDER BY oldest, why, template_id
""")


def watermark(session: Session, sender_id: int, since: datetime) -> datetime | None:
    """When the newest message was accepted that the sender's webhooks have reported, of those after an instant."""
    found: datetime | None = session.execute(_WATERMARK, {"sender_id": sender_id, "since": since}).scalar_one()
    return found


_WATERMARK = text("""
    SELECT max(accepted_at) FROM message
    WHERE sender_id = :sender_id AND accepted_at >= :since
      AND COALESCE(sent_at, delivered_at, read_at, failed_at) IS NOT NULL
""")


def older(session: Session, sender_id: int, campaign_id: int, claimed_before: datetime, limit: int) -> list[Unanswered]:
    """Uncertain messages of a campaign that were claimed before an instant, oldest first."""
    values = {
        "sender_id": sender_id,
        "campaign_id": campaign_id,
        "claimed_before": claimed_before,
        "limit": limit,
    }
    return [Unanswered(*row) for row in session.execute(_OLDER, values)]


_OLDER = text("""
    SELECT id, claimed_at FROM message
    WHERE sender_id = :sender_id AND campaign_id = :campaign_id AND state = 'uncertain' AND claimed_at < :claimed_before
    ORDER BY claimed_at LIMIT :limit
""")


def count_older(session: Session, sender_id: int, campaign_id: int, claimed_before: datetime) -> int:
    """How many uncertain messages of a campaign were claimed before an instant."""
    values = {"sender_id": sender_id, "campaign_id": campaign_id, "claimed_before": claimed_before}
    return int(session.execute(_COUNT_OLDER, values).scalar_one())


_COUNT_OLDER = text("""
    SELECT count(*) FROM message
    WHERE sender_id = :sender_id AND campaign_id = :campaign_id AND state = 'uncertain' AND claimed_at < :claimed_before
""")


def give_up(session: Session, messages: Sequence[Unanswered], now: datetime) -> int:
    """Uncertain messages end as failed, since a person chose so; how many. One that changed meanwhile is left alone."""
    values = {"ids": [each.message_id for each in messages], "claimed": [each.claimed_at for each in messages]}
    return len(session.execute(_GIVE_UP, values | {"now": now}).all())


_GIVE_UP = text(f"""
    WITH chosen AS (
        SELECT m.id FROM unnest(CAST(:ids AS bigint[]), CAST(:claimed AS timestamptz[])) AS c(id, claimed_at)
        JOIN message m ON m.id = c.id AND m.claimed_at = c.claimed_at
        WHERE m.state IN ({_GIVEN_UP_FROM})
        ORDER BY m.id FOR UPDATE OF m
    )
    UPDATE message m SET state = 'failed', reason = '{Signal.GIVE_UP.value}', failed_at = :now, uncertain_at = NULL,
                         lease_until = NULL
    FROM chosen WHERE m.id = chosen.id RETURNING 1
""")

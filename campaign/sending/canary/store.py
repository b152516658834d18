"""The SQL of canaries. What they took is found by primary key, so that no list is read as a whole."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaign.sending.canary.terms import CanaryCounts


def lock_room(session: Session, campaign_ids: Sequence[int]) -> dict[int, int]:
    """How many more people each campaign with a canary may take.

    locks  those campaigns until the caller commits, in the order of their ids
    """
    rows = session.execute(_LOCK_ROOM, {"ids": list(campaign_ids)})
    return {row.id: row.canary_left for row in rows}


_LOCK_ROOM = text("""
    SELECT id, canary_left FROM campaign WHERE id = ANY(:ids) AND canary_left IS NOT NULL
    ORDER BY id FOR NO KEY UPDATE
""")


def note_taken(session: Session, taken: Mapping[int, Sequence[int]], words: str, now: datetime) -> None:
    """Keep what canaries have claimed, message ids by campaign; one that is full pauses and starts its wait.

    words  the reason of the pause, for a person
    """
    pairs = [(campaign_id, id_) for campaign_id, ids in taken.items() for id_ in ids]
    values = {"campaigns": [pair[0] for pair in pairs], "ids": [pair[1] for pair in pairs], "words": words, "now": now}
    session.execute(_NOTE_TAKEN, values)


# A message that comes round again was counted before.
_NOTE_TAKEN = text("""
    WITH taken AS (
        SELECT c.id, array_agg(t.message_id) AS ids, CAST(count(*) AS int) AS people
        FROM unnest(CAST(:campaigns AS bigint[]), CAST(:ids AS bigint[])) AS t(campaign_id, message_id)
        JOIN campaign c ON c.id = t.campaign_id AND t.message_id <> ALL (c.canary_ids)
        GROUP BY c.id
    )
    UPDATE campaign c SET
        canary_ids = c.canary_ids || taken.ids,
        canary_left = GREATEST(0, c.canary_left - taken.people),
        state = CASE WHEN c.canary_left <= taken.people AND c.state = 'running' THEN 'paused' ELSE c.state END,
        state_reason = CASE WHEN c.canary_left <= taken.people THEN 'canary' ELSE c.state_reason END,
        state_text = CASE WHEN c.canary_left <= taken.people THEN :words ELSE c.state_text END,
        paused_at = CASE WHEN c.canary_left <= taken.people THEN clock_timestamp() ELSE c.paused_at END,
        canary_until = CASE WHEN c.canary_left <= taken.people
                            THEN CAST(:now AS timestamptz) + make_interval(secs => CAST(c.canary ->> 'wait_s' AS float))
                       END
    FROM taken WHERE c.id = taken.id
""")


class DueCanary(NamedTuple):
    """A canary whose wait is over, what it promised, and what became of its people."""

    campaign_id: int
    terms: dict[str, Any]
    counts: CanaryCounts


def due_canaries(session: Session, now: datetime) -> list[DueCanary]:
    """Canaries whose wait is over and whose sender may send.

    locks  their campaigns until the caller commits; those that another process holds are left to it
    """
    rows = session.execute(_DUE, {"now": now}).all()
    return [DueCanary(row[0], row[1], CanaryCounts(*row[2:])) for row in rows]


_DUE = text("""
    WITH due AS (
        SELECT c.id, c.canary, c.canary_ids, c.launched_at
        FROM campaign c JOIN sender s ON s.id = c.sender_id AND s.state IN ('connected', 'flagged')
        WHERE c.state = 'paused' AND c.state_reason = 'canary' AND c.canary_until <= :now
        ORDER BY c.id FOR NO KEY UPDATE OF c SKIP LOCKED
    )
    SELECT due.id, due.canary, cardinality(due.canary_ids), count(*) FILTER (WHERE m.attempt > 0),
           count(*) FILTER (WHERE m.state = 'failed'), count(*) FILTER (WHERE m.state IN ('held', 'dropped')),
           count(*) FILTER (WHERE m.error_code = 131050 OR EXISTS (
               SELECT 1 FROM consent_event e
               WHERE e.phone_identity = m.phone_identity AND e.action = 'opt_out' AND e.occurred_at >= due.launched_at
           )),
           count(*) FILTER (WHERE m.state IN ('uncertain', 'sending'))
    FROM due CROSS JOIN LATERAL unnest(due.canary_ids) AS taken(id) JOIN message m ON m.id = taken.id
    GROUP BY due.id, due.canary, due.canary_ids
    ORDER BY due.id
""")


def take_again(session: Session, campaign_id: int) -> None:
    """Let a canary run once more for the people whose request never left."""
    session.execute(_TAKE_AGAIN, {"id": campaign_id})


_TAKE_AGAIN = text("""
    WITH sent AS (
        SELECT COALESCE(array_agg(m.id), '{}') AS ids
        FROM campaign c CROSS JOIN LATERAL unnest(c.canary_ids) AS taken(id) JOIN message m ON m.id = taken.id
        WHERE c.id = :id AND m.attempt > 0
    )
    UPDATE campaign c SET state = 'running', state_reason = NULL, state_text = NULL, canary_until = NULL,
        canary_left = cardinality(c.canary_ids) - cardinality(sent.ids), canary_ids = sent.ids
    FROM sent WHERE c.id = :id
""")


def go_on(session: Session, campaign_id: int) -> None:
    """End a canary well: its campaign runs for everybody."""
    session.execute(_GO_ON, {"id": campaign_id})


_GO_ON = text("""
    UPDATE campaign SET state = 'running', state_reason = NULL, state_text = NULL, canary_left = NULL,
                        canary_until = NULL
    WHERE id = :id
""")


def stay(session: Session, campaign_id: int, words: str) -> None:
    """End a canary badly: its campaign stays paused until a person decides."""
    session.execute(_STAY, {"id": campaign_id, "words": words})


_STAY = text("UPDATE campaign SET state_text = :words, canary_until = NULL WHERE id = :id")

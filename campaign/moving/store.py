"""The SQL of a move: what may be moved, the move itself over sets, and what stays with its template."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from campaign.consent.copying import copy_rows
from models.message import AttemptEnd
from models.states import MessageState, Signal, next_state

# Back to the queue as the table of moves has it; what is queued stays queued.
_QUEUED = next_state(MessageState.DROPPED, Signal.SEND_AGAIN) or MessageState.DROPPED

# What the platform has once reported as sent is not sent again, whatever it said afterwards.
_MOVABLE = """
    m.campaign_id = :campaign_id AND m.state = ANY(:states)
    AND COALESCE(m.sent_at, m.delivered_at, m.read_at) IS NULL
    AND COALESCE(m.template_id, :own) <> :target
"""


class Movable(NamedTuple):
    """Which messages of a campaign are meant; `own` is its template now, `target` the one they go to."""

    campaign_id: int
    states: Sequence[str]
    own: int
    target: int


def begin(session: Session) -> None:
    """Give the transaction time, and make room for the new values until it ends."""
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    session.execute(text("CREATE TEMP TABLE IF NOT EXISTS moved_message (id bigint, parameters jsonb) ON COMMIT DROP"))
    session.execute(text("TRUNCATE moved_message"))


def chunk(session: Session, movable: Movable, after: int, limit: int) -> Sequence[Row[Any]]:
    """Id, state, values and name of messages that may be moved, in the order of their ids, after one of them."""
    return session.execute(_CHUNK, movable._asdict() | {"after": after, "limit": limit}).all()


_CHUNK = text(f"""
    SELECT m.id, m.state, m.parameters, m.name FROM message m
    WHERE {_MOVABLE} AND m.id > :after ORDER BY m.id LIMIT :limit
""")


def stage(session: Session, filled: Iterable[tuple[int, str]]) -> None:
    """Set the new values of messages aside for `move_staged`: id and a JSON object as text."""
    copy_rows(session, "COPY moved_message FROM STDIN (FORMAT csv)", filled)


def move_staged(session: Session, movable: Movable, now: datetime) -> int:
    """Queue the staged messages with their new template and values; how many.

    A dropped one keeps its attempt as superseded, so that late webhooks still find it. One that changed since it was
    read is left alone.

    locks  the messages, in the order of their ids, until the caller commits
    """
    return len(session.execute(_MOVE, movable._asdict() | {"now": now}).all())


_MOVE = text(f"""
    WITH target AS (
        SELECT m.*, moved.parameters AS filled FROM moved_message moved JOIN message m ON m.id = moved.id
        WHERE {_MOVABLE} ORDER BY m.id FOR UPDATE OF m
    ), kept AS (
        INSERT INTO attempt (message_id, number, ended_as, wamid, error_code, error_text, claimed_at, accepted_at,
                             held_at, failed_at, ended_at)
        SELECT id, attempt, '{AttemptEnd.REFUSED.value}', wamid, error_code, error_text, claimed_at, accepted_at,
               held_at, failed_at, :now
        FROM target WHERE state = '{MessageState.DROPPED.value}'
        ON CONFLICT (message_id, number) DO NOTHING
    )
    UPDATE message m SET
        state = '{_QUEUED.value}', template_id = :target, parameters = target.filled, reason = 'moved',
        due_at = CASE WHEN target.state = '{MessageState.DROPPED.value}' THEN :now ELSE m.due_at END,
        retries = CASE WHEN target.state = '{MessageState.DROPPED.value}' THEN 0 ELSE m.retries END,
        error_code = NULL, error_text = NULL, wamid = NULL, accepted_at = NULL, held_at = NULL, failed_at = NULL,
        claimed_at = NULL, lease_until = NULL, expires_at = NULL, category = NULL, billable = NULL,
        pricing_model = NULL, pricing_type = NULL
    FROM target WHERE m.id = target.id RETURNING 1
""")


def keep_own(session: Session, campaign_id: int, own: int) -> None:
    """Write down the template of the messages that went with the campaign's own, before it gets another.

    locks  those messages, in the order of their ids, until the caller commits
    """
    session.execute(_KEEP_OWN, {"campaign_id": campaign_id, "own": own})


_KEEP_OWN = text("""
    WITH mine AS (
        SELECT id FROM message WHERE campaign_id = :campaign_id AND template_id IS NULL ORDER BY id FOR UPDATE
    )
    UPDATE message m SET template_id = :own FROM mine WHERE m.id = mine.id
""")


def count_queued(session: Session, campaign_id: int, own: int, target: int) -> int:
    """Queued messages of a campaign that go with another template than the target."""
    values = {"campaign_id": campaign_id, "own": own, "target": target}
    return int(session.execute(_COUNT_QUEUED, values).scalar_one())


_COUNT_QUEUED = text(f"""
    SELECT count(*) FROM message
    WHERE campaign_id = :campaign_id AND state = '{MessageState.QUEUED.value}'
      AND COALESCE(template_id, :own) <> :target
""")

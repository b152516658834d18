"""The SQL of asking Meta's message history."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.sender import ProviderKind

LOOK_BACK = timedelta(days=2)
"""How far back acceptances are looked at; older ones are as good as lost to Meta's memory and end by their TTL."""


class Overdue(NamedTuple):
    """A message that was accepted and never reported."""

    message_id: int
    wamid: str


def take_overdue(
    session: Session, accepted_before: datetime, now: datetime, *, per_hour: int, limit: int
) -> dict[int, list[Overdue]]:
    """Messages to ask about by sender, the oldest first; marked as asked, and paid from their account's hour.

    locks  the account's budget until the caller commits
    """
    found: dict[int, list[Overdue]] = {}
    for account, sender_ids in session.execute(_ACCOUNTS).all():
        left = min(limit, per_hour - _used(session, account, now))
        values = {"before": accepted_before, "since": now - LOOK_BACK, "now": now, "senders": sender_ids, "limit": left}
        rows = session.execute(_TAKE_OVERDUE, values).all() if left > 0 else []
        for sender_id, message_id, wamid in rows:
            found.setdefault(sender_id, []).append(Overdue(message_id, wamid))
        session.execute(_SPEND, {"account": account, "calls": len(rows)})
    return found


def _used(session: Session, account: str, now: datetime) -> int:
    hour = now.replace(minute=0, second=0, microsecond=0)
    calls: int = session.execute(_USED, {"account": account, "hour": hour}).scalar_one()
    return calls


_ACCOUNTS = text(f"""
    SELECT account, array_agg(id ORDER BY id) FROM sender WHERE provider = '{ProviderKind.CLOUD.value}'
    GROUP BY account ORDER BY account
""")

_USED = text("""
    INSERT INTO history_use AS used (account, hour, calls) VALUES (:account, :hour, 0)
    ON CONFLICT (account) DO UPDATE SET
        calls = CASE WHEN used.hour = excluded.hour THEN used.calls ELSE 0 END, hour = excluded.hour
    RETURNING calls
""")

_SPEND = text("UPDATE history_use SET calls = calls + :calls WHERE account = :account")

_TAKE_OVERDUE = text("""
    WITH overdue AS (
        SELECT id FROM message
        WHERE accepted_at >= :since AND accepted_at < :before AND state = 'accepted' AND asked_at IS NULL
          AND wamid IS NOT NULL AND sender_id = ANY(CAST(:senders AS bigint[]))
        ORDER BY accepted_at LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE message m SET asked_at = :now FROM overdue WHERE m.id = overdue.id
    RETURNING m.sender_id, m.id, m.wamid
""")


def put_into_inbox(session: Session, sender_id: int, bodies: Sequence[bytes]) -> None:
    """Keep what history told like webhooks that have just come."""
    session.execute(_PUT, {"sender_id": sender_id, "bodies": list(bodies)})


_PUT = text("""
    INSERT INTO webhook_event (sender_id, body, asked) SELECT :sender_id, unnest(CAST(:bodies AS bytea[])), true
""")

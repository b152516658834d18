"""The SQL of what the proof of absence rests on: what was heard when, the receiver's pulse, and ends of holds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, text
from sqlalchemy.orm import Session

from campaign.reconciliation.hearing import Stretch
from campaign.webhooks.connection import Connection


def note_arrivals(session: Session, arrivals: Mapping[int, Sequence[Stretch]], silence: timedelta) -> None:
    """Keep when webhooks of senders came; a stretch grows when what came is no silence away from it."""
    rows = [(sender_id, each.since, each.until) for sender_id, found in arrivals.items() for each in found]
    columns = dict(zip(("senders", "since", "until"), map(list, zip(*rows, strict=True)), strict=True))
    session.execute(_NOTE_ARRIVALS, columns | {"silence": silence})


# Two stretches that overlap say the same as one.
_NOTE_ARRIVALS = text("""
    WITH came AS (
        SELECT * FROM unnest(CAST(:senders AS bigint[]), CAST(:since AS timestamptz[]), CAST(:until AS timestamptz[]))
            AS came(sender_id, since_at, until_at)
    ), grown AS (
        UPDATE hearing h SET since_at = LEAST(h.since_at, came.since_at), until_at = GREATEST(h.until_at, came.until_at)
        FROM came
        WHERE h.sender_id = came.sender_id AND h.until_at >= came.since_at - CAST(:silence AS interval)
          AND h.since_at <= came.until_at + CAST(:silence AS interval)
        RETURNING came.sender_id, came.since_at
    )
    INSERT INTO hearing (sender_id, since_at, until_at)
    SELECT * FROM came WHERE (sender_id, since_at) NOT IN (SELECT * FROM grown)
""")


def note_hold_ended(session: Session, template_ids: Iterable[int], now: datetime) -> None:
    """Keep when messages of templates were last found to be held no more."""
    session.execute(_NOTE_HOLD_ENDED, {"ids": sorted(template_ids), "now": now})


_NOTE_HOLD_ENDED = text("UPDATE template SET hold_ended_at = GREATEST(hold_ended_at, :now) WHERE id = ANY(:ids)")


async def note_pulse(connection: Connection, silence: timedelta) -> None:
    """Keep that a receiver stands ready now, by the database's clock."""
    cursor = await connection.execute(_GROW_PULSE, (silence,))
    if not cursor.rowcount:
        await connection.execute(_NEW_PULSE)


_GROW_PULSE = b"UPDATE hearing SET until_at = now() WHERE sender_id IS NULL AND until_at >= now() - %s::interval"
_NEW_PULSE = b"INSERT INTO hearing (since_at, until_at) VALUES (now(), now())"


def forget(session: Session, before: datetime) -> int:
    """Delete stretches that ended before an instant; how many."""
    gone: CursorResult[Any] = session.execute(_FORGET, {"before": before})  # type: ignore[assignment]
    return gone.rowcount


_FORGET = text("DELETE FROM hearing WHERE until_at < :before")

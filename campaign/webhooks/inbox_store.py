"""The SQL of the inbox as a whole: its days, what could not be read, ranges to be applied again, its health."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from campaign.webhooks.connection import Connection
from campaign.webhooks.store import APPLIER_LOCK, StoredWebhook

PREFIX = "webhook_event_"
BEFORE, DEFAULT = f"{PREFIX}before", f"{PREFIX}default"
"""The partition of what came before there were days, and the one for what has no day."""


class Partition(NamedTuple):
    """One partition: its name, and the arrival before which everything in it lies; None for the default one."""

    name: str
    ends_at: datetime | None


def partitions(session: Session) -> list[Partition]:
    """Every partition of the inbox, the oldest first."""
    return [Partition(*row) for row in session.execute(_PARTITIONS)]


_PARTITIONS = text(r"""
    SELECT c.relname, CAST(substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''([^'']+)''\)') AS timestamptz) AS e
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass('webhook_event') ORDER BY e NULLS LAST
""")


def begin_keeping(session: Session) -> bool:
    """Take the place of whoever keeps the days, until the end of the transaction; False when another has it.

    Within this transaction nothing waits long for a lock: receivers would wait behind it.
    """
    session.execute(text("SET LOCAL lock_timeout = '1s'"))
    return bool(session.execute(text("SELECT pg_try_advisory_xact_lock(hashtext('days of the inbox'))")).scalar_one())


def add_day(session: Session, day: date) -> bool:
    """Make the partition of a day; False when there is one, or the default one holds webhooks of it, which stay there.

    locks  the default partition, exclusively, for an instant; receivers write to the day's own meanwhile
    """
    span = {"first": f"{day} 00:00+00", "end": f"{day + timedelta(days=1)} 00:00+00"}
    name = f"inbox.{PREFIX}{day:%Y%m%d}"
    if session.execute(_IN_DEFAULT, span | {"name": name}).scalar_one():
        return False
    # Attached rather than made in place: that locks the whole inbox against writers, this does not.
    session.execute(text(f"CREATE TABLE {name} (LIKE webhook_event INCLUDING DEFAULTS)"))
    session.execute(
        text(
            f"ALTER TABLE webhook_event ATTACH PARTITION {name} "
            f"FOR VALUES FROM ('{span['first']}') TO ('{span['end']}')"
        )
    )
    return True


_IN_DEFAULT = text(f"""
    SELECT to_regclass(:name) IS NOT NULL
        OR EXISTS (SELECT 1 FROM inbox.{DEFAULT} WHERE received_at >= CAST(:first AS timestamptz)
                   AND received_at < CAST(:end AS timestamptz))
""")


def has_waiting(session: Session, name: str) -> bool:
    """Whether webhooks in a partition wait to be applied."""
    statement = f"SELECT EXISTS (SELECT 1 FROM inbox.{_checked(name)} WHERE processed_at IS NULL)"
    return bool(session.execute(text(statement)).scalar_one())


def drop_day(session: Session, name: str) -> int:
    """Drop a partition; those of its webhooks that hold an open problem move to the default one. How many those are.

    locks  the whole inbox, exclusively, until the caller commits
    """
    day = f"inbox.{_checked(name)}"
    session.execute(text(f"ALTER TABLE webhook_event DETACH PARTITION {day}"))
    kept = session.execute(text(f"INSERT INTO webhook_event SELECT * FROM {day} WHERE {_OPEN_PROBLEM} RETURNING 1"))
    count = len(kept.all())
    session.execute(text(f"DROP TABLE {day}"))
    return count


_OPEN_PROBLEM = "error IS NOT NULL AND dismissed_at IS NULL"


def _checked(name: str) -> str:
    if not name.startswith(PREFIX) or not name.removeprefix(PREFIX).isalnum():
        raise ValueError(f"{name!r} is no partition of the inbox")
    return name


def empty_default(session: Session, before: datetime, limit: int) -> int:
    """Delete from the default partition what came before an instant, was applied and holds no open problem."""
    return len(session.execute(_EMPTY_DEFAULT, {"before": before, "limit": limit}).all())


_EMPTY_DEFAULT = text(f"""
    DELETE FROM inbox.{DEFAULT} WHERE (id, received_at) IN (
        SELECT id, received_at FROM inbox.{DEFAULT}
        WHERE received_at < :before AND processed_at IS NOT NULL AND NOT ({_OPEN_PROBLEM}) LIMIT :limit
    ) RETURNING 1
""")


def count_unprocessed(session: Session) -> int:
    """Webhooks that wait in the inbox."""
    count: int = session.execute(text("SELECT count(*) FROM webhook_event WHERE processed_at IS NULL")).scalar_one()
    return count


class Range(NamedTuple):
    """Webhooks by arrival, from an instant until before another; of one sender, or of all."""

    since: datetime
    until: datetime
    sender_id: int | None = None


Place = tuple[datetime, int]
"""Arrival and id of a webhook: the order in which a range is walked."""


def wait_for_inbox(session: Session) -> None:
    """Take the applier's place until the end of the transaction, when whoever has it lets go."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": APPLIER_LOCK})


def next_of(
    session: Session, span: Range, after: Place, *, limit: int, most_bytes: int
) -> tuple[list[StoredWebhook], Place | None]:
    """The next webhooks of a range that left the inbox, and the place of the last; at least one within `most_bytes`."""
    values = span._asdict() | {"at": after[0], "id": after[1], "limit": limit, "most_bytes": most_bytes}
    rows = [StoredWebhook(*row) for row in session.execute(_NEXT_OF, values)]
    return rows, (rows[-1].received_at, rows[-1].id) if rows else None


_NEXT_OF = text("""
    SELECT e.id, e.sender_id, sender.provider, e.received_at, e.body, e.asked
    FROM (
        SELECT id, sender_id, received_at, body, asked,
               sum(octet_length(body)) OVER (ORDER BY received_at, id) - octet_length(body) AS bytes_before
        FROM (
            SELECT id, sender_id, received_at, body, asked FROM webhook_event
            WHERE received_at >= :since AND received_at < :until AND processed_at IS NOT NULL
              AND (CAST(:sender_id AS bigint) IS NULL OR sender_id = :sender_id)
              AND received_at >= CAST(:at AS timestamptz) AND (received_at, id) > (CAST(:at AS timestamptz), :id)
            ORDER BY received_at, id LIMIT :limit
        ) batch
    ) e JOIN sender ON sender.id = e.sender_id
    WHERE e.bytes_before < :most_bytes
    ORDER BY e.received_at, e.id
""")


def one_event(session: Session, event_id: int) -> Row[Any] | None:
    """A webhook by its id, with its sender."""
    return session.execute(_ONE_EVENT, {"id": event_id}).one_or_none()


_ONE_EVENT = text("""
    SELECT e.id, sender.name AS sender, sender.provider, e.sender_id, e.received_at, e.processed_at, e.events,
           e.unmatched, e.error, e.hides, e.dismissed_at, e.body, e.asked
    FROM webhook_event e JOIN sender ON sender.id = e.sender_id WHERE e.id = :id
""")


def problems(session: Session, sender_id: int | None, limit: int) -> Sequence[Row[Any]]:
    """Webhooks with an error that nobody has settled, the newest first."""
    return session.execute(_PROBLEMS, {"sender_id": sender_id, "limit": limit}).all()


_OF_SENDER = "(CAST(:sender_id AS bigint) IS NULL OR e.sender_id = :sender_id)"
_PROBLEMS = text(f"""
    SELECT e.id, sender.name AS sender, e.received_at, e.error, e.hides, octet_length(e.body) AS bytes
    FROM webhook_event e JOIN sender ON sender.id = e.sender_id
    WHERE e.error IS NOT NULL AND e.dismissed_at IS NULL AND {_OF_SENDER}
    ORDER BY e.received_at DESC, e.id DESC LIMIT :limit
""")


def count_problems(session: Session, sender_id: int | None = None) -> int:
    """Webhooks with an error that nobody has settled."""
    count: int = session.execute(_COUNT_PROBLEMS, {"sender_id": sender_id}).scalar_one()
    return count


_COUNT_PROBLEMS = text(f"""
    SELECT count(*) FROM webhook_event e WHERE e.error IS NOT NULL AND e.dismissed_at IS NULL AND {_OF_SENDER}
""")


def dismiss(session: Session, event_id: int, now: datetime) -> bool:
    """Let an error be; False where there is none to settle."""
    values = {"id": event_id, "now": now}
    return bool(session.execute(_DISMISS, values).all())


_DISMISS = text("""
    UPDATE webhook_event SET dismissed_at = :now
    WHERE id = :id AND error IS NOT NULL AND dismissed_at IS NULL RETURNING 1
""")


def open_again(session: Session, event_id: int) -> None:
    """Forget that an error was dismissed, for whoever applies the webhook once more."""
    session.execute(text("UPDATE webhook_event SET dismissed_at = NULL WHERE id = :id"), {"id": event_id})


class Seen(NamedTuple):
    """How often a kind of content came for a sender in a batch, and the newest webhook that held it."""

    sender_id: int
    kind: str
    times: int
    event_id: int
    at: datetime


def note_kinds(session: Session, seen: Sequence[Seen]) -> None:
    """Count kinds of content that the engine does not act on."""
    columns = {name: [getattr(each, name) for each in seen] for name in Seen._fields}
    session.execute(_NOTE_KINDS, columns)


_NOTE_KINDS = text("""
    INSERT INTO webhook_kind AS known (sender_id, kind, count, first_at, last_at, last_event_id)
    SELECT * FROM (
        SELECT s.sender_id, s.kind, s.times, s.at, s.at AS last_at, s.event_id
        FROM unnest(CAST(:sender_id AS bigint[]), CAST(:kind AS text[]), CAST(:times AS bigint[]),
                    CAST(:event_id AS bigint[]), CAST(:at AS timestamptz[])) AS s(sender_id, kind, times, event_id, at)
        ORDER BY s.sender_id, s.kind
    ) seen
    ON CONFLICT (sender_id, kind) DO UPDATE SET
        count = known.count + excluded.count, first_at = LEAST(known.first_at, excluded.first_at),
        last_at = GREATEST(known.last_at, excluded.last_at),
        last_event_id = GREATEST(known.last_event_id, excluded.last_event_id)
""")


def kinds(session: Session, sender_id: int | None) -> Sequence[Row[Any]]:
    """Kinds of content that the engine does not act on, the newest first."""
    return session.execute(_KINDS, {"sender_id": sender_id}).all()


_KINDS = text(f"""
    SELECT sender.name AS sender, e.kind, e.count, e.first_at, e.last_at, e.last_event_id
    FROM webhook_kind e JOIN sender ON sender.id = e.sender_id WHERE {_OF_SENDER} ORDER BY e.last_at DESC, e.kind
""")


class Look(NamedTuple):
    """As of when, and over which time, the health of webhooks is looked at.

    silence  age from which a message that was accepted should have been reported
    window   how far before that acceptances are looked at, and how far before now arrivals
    """

    now: datetime
    silence: timedelta
    window: timedelta

    @property
    def values(self) -> dict[str, datetime]:
        """The parameters of the statement."""
        until = self.now - self.silence
        return {"now": self.now, "until": until, "since": until - self.window, "lately": self.now - self.window}


def health(session: Session, look: Look) -> Sequence[Row[Any]]:
    """Of every sender: when it was last heard, what waits, how late webhooks are applied, what nobody reported on."""
    return session.connection().exec_driver_sql(_HEALTH, look.values).all()


async def read_health(connection: Connection, look: Look) -> list[tuple[Any, ...]]:
    """The same, for the receiver."""
    cursor = await connection.execute(_HEALTH.encode(), look.values)
    return await cursor.fetchall()


_HEALTH = """
    WITH waiting AS (
        SELECT sender_id, count(*) AS waiting, min(received_at) AS oldest_waiting_at
        FROM webhook_event WHERE processed_at IS NULL GROUP BY sender_id
    ), applied AS (
        SELECT sender_id, count(*) AS received,
               EXTRACT(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY processed_at - received_at)) AS lag_p50_s,
               EXTRACT(epoch FROM max(processed_at - received_at)) AS lag_max_s
        FROM (
            SELECT sender_id, processed_at, received_at FROM webhook_event
            WHERE received_at BETWEEN %(lately)s AND %(now)s AND NOT asked ORDER BY received_at DESC LIMIT 20000
        ) latest WHERE processed_at IS NOT NULL GROUP BY sender_id
    ), sent AS (
        SELECT sender_id, count(*) AS accepted,
               count(*) FILTER (WHERE asked_at IS NULL
                                AND COALESCE(sent_at, delivered_at, read_at, failed_at) IS NOT NULL) AS reported
        FROM message WHERE accepted_at >= %(since)s AND accepted_at < %(until)s AND held_at IS NULL GROUP BY sender_id
    ), parked AS (
        SELECT sender_id, count(*) AS problems FROM webhook_event
        WHERE error IS NOT NULL AND dismissed_at IS NULL GROUP BY sender_id
    )
    SELECT s.id, s.name AS sender, s.last_webhook_at, COALESCE(w.waiting, 0) AS waiting, w.oldest_waiting_at,
           COALESCE(a.received, 0) AS received, CAST(a.lag_p50_s AS float) AS lag_p50_s,
           CAST(a.lag_max_s AS float) AS lag_max_s, COALESCE(m.accepted, 0) AS accepted,
           COALESCE(m.reported, 0) AS reported, COALESCE(p.problems, 0) AS problems
    FROM sender s LEFT JOIN waiting w ON w.sender_id = s.id LEFT JOIN applied a ON a.sender_id = s.id
    LEFT JOIN sent m ON m.sender_id = s.id LEFT JOIN parked p ON p.sender_id = s.id
    ORDER BY s.name
"""

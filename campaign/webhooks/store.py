"""The SQL of webhooks: the inbox, and the messages that a batch touches."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import CursorResult, Row, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from campaign.webhooks.authenticity import SenderSecrets
from campaign.webhooks.connection import Connection

APPLIER_LOCK = 0x77_68_61_70
"""Key of the advisory lock that lets one applier at a time through."""


async def load_senders(connection: Connection) -> list[SenderSecrets]:
    """All senders, with the names of the variables that hold their secrets."""
    cursor = await connection.execute("SELECT id, name, provider, app_secret_env, webhook_token_env FROM sender")
    return [SenderSecrets(*row) for row in await cursor.fetchall()]


async def insert_events(connection: Connection, sender_ids: Sequence[int], bodies: Sequence[bytes]) -> None:
    """Store webhooks as they were received; on an autocommit connection they are durable when this returns."""
    await connection.execute(_INSERT_EVENTS, (list(sender_ids), list(bodies)))


_INSERT_EVENTS = b"""
    INSERT INTO webhook_event (sender_id, body)
    SELECT * FROM unnest(%b::bigint[], %b::bytea[]) AS arrived(sender_id, body)
"""


class StoredWebhook(NamedTuple):
    """A webhook of the inbox that was not applied yet. `asked`: we asked for it, so it did not come by itself."""

    id: int
    sender_id: int
    provider: str
    received_at: datetime
    body: bytes
    asked: bool = False


def lock_inbox(session: Session) -> bool:
    """Take the applier's place until the end of the transaction; False when another has it."""
    return bool(session.execute(_LOCK_INBOX, {"key": APPLIER_LOCK}).scalar_one())


_LOCK_INBOX = text("SELECT pg_try_advisory_xact_lock(:key)")


def unprocessed(session: Session, *, limit: int, most_bytes: int) -> list[StoredWebhook]:
    """The oldest webhooks that wait, in order of arrival: at most `limit`, and at least one within `most_bytes`."""
    values = {"limit": limit, "most_bytes": most_bytes}
    return [StoredWebhook(*row) for row in _read_binary(session, _UNPROCESSED, values)]


_UNPROCESSED = """
    SELECT e.id, e.sender_id, sender.provider, e.received_at, e.body, e.asked
    FROM (
        SELECT id, sender_id, received_at, body, asked,
               sum(octet_length(body)) OVER (ORDER BY id) - octet_length(body) AS bytes_before
        FROM webhook_event WHERE processed_at IS NULL ORDER BY id LIMIT %(limit)s
    ) e JOIN sender ON sender.id = e.sender_id
    WHERE e.bytes_before < %(most_bytes)s
    ORDER BY e.id
"""


def _read_binary(session: Session, statement: str, values: Mapping[str, Any]) -> list[Any]:
    """Rows as the database has them: as text, a body has twice its length, to be written and read."""
    driver: Any = session.connection().connection.driver_connection
    try:
        with driver.cursor(binary=True) as cursor:
            return list(cursor.execute(statement, values).fetchall())
    except psycopg.OperationalError as error:
        raise OperationalError(statement, dict(values), error) from error


class Processed(NamedTuple):
    """What became of one webhook: events found in it, how many are not ours, and what could not be read.

    hides  a delivery status may be among what could not be read
    """

    id: int
    received_at: datetime
    events: int
    unmatched: int
    error: str | None = None
    hides: bool | None = None


def mark_processed(session: Session, processed: Sequence[Processed], now: datetime) -> None:
    """Take webhooks out of the inbox; one that is applied again keeps the time at which it left first."""
    arrivals = [each.received_at for each in processed]
    span = {"now": str(now), "first": str(min(arrivals)), "last": str(max(arrivals))}
    # Nearly all are clean, and those need little to be said of.
    clean = [each for each in processed if each.error is None and not each.unmatched]
    others = [each for each in processed if each.error is not None or each.unmatched]
    if clean:
        counts = {"id": _array([each.id for each in clean]), "events": _array([each.events for each in clean])}
        _run(session, _MARK_CLEAN, counts | span)
    if others:
        rows = [(each.id, each.events, each.unmatched, each.error, each.hides) for each in others]
        _run(session, _MARK_PROCESSED, _arrays(_PROCESSED_COLUMNS, rows) | span)


# The span names the partitions. The planner, not told how many there are, goes by the key: it takes the newest arrivals
# for few, and would look for each of them in all of the batch.
_WITHIN = "e.id = p.id AND e.received_at BETWEEN %(first)s::timestamptz AND %(last)s::timestamptz"

_MARK_CLEAN = f"""
    UPDATE webhook_event e
    SET processed_at = COALESCE(e.processed_at, %(now)s::timestamptz), events = p.events, unmatched = 0, error = NULL,
        hides = NULL
    FROM unnest((SELECT %(id)s::bigint[]), (SELECT %(events)s::int[])) AS p(id, events)
    WHERE {_WITHIN}
"""

_PROCESSED_COLUMNS = {"id": "bigint", "events": "int", "unmatched": "int", "error": "text", "hides": "boolean"}
_MARK_PROCESSED = f"""
    UPDATE webhook_event e
    SET processed_at = COALESCE(e.processed_at, %(now)s::timestamptz),
        events = p.events, unmatched = p.unmatched, error = p.error, hides = p.hides
    FROM unnest({", ".join(f"(SELECT %({name})s::{type_}[])" for name, type_ in _PROCESSED_COLUMNS.items())})
        AS p({", ".join(_PROCESSED_COLUMNS)})
    WHERE {_WITHIN}
"""


def reopen_unmatched(session: Session, wait: timedelta, since: datetime, now: datetime) -> int:
    """Webhooks with reports that found no message, back into the inbox; how many.

    wait   from the arrival: one that was applied so long after it has had its second hearing
    since  arrivals before it are left alone
    """
    return len(session.execute(_REOPEN_UNMATCHED, {"wait": wait, "since": since, "now": now}).all())


_REOPEN_UNMATCHED = text("""
    UPDATE webhook_event e SET processed_at = NULL
    WHERE e.unmatched > 0 AND e.received_at BETWEEN :since AND CAST(:now AS timestamptz) - CAST(:wait AS interval)
      AND e.processed_at < e.received_at + CAST(:wait AS interval)
    RETURNING 1
""")


def note_heard(session: Session, heard: Mapping[int, datetime]) -> None:
    """Keep when each sender was last heard of."""
    session.execute(_NOTE_HEARD, {"ids": list(heard), "at": list(heard.values())})


_NOTE_HEARD = text("""
    UPDATE sender SET last_webhook_at = GREATEST(last_webhook_at, heard.at)
    FROM unnest(CAST(:ids AS bigint[]), CAST(:at AS timestamptz[])) AS heard(id, at)
    WHERE sender.id = heard.id AND (last_webhook_at IS NULL OR last_webhook_at < heard.at)
""")


def senders_of_one_secret(session: Session, sender_ids: Iterable[int]) -> dict[int, set[int]]:
    """For each sender, those whose webhooks prove their origin by the same secret, itself included.

    One app posts the events of all its numbers to one address, whichever sender that is named after.
    """
    known = accounts_of_one_secret(session, sender_ids)
    return {sender_id: {each.sender_id for each in others} for sender_id, others in known.items()}


class KnownAccount(NamedTuple):
    """A sender and the account that it belongs to; `waba_id` as the platform names the account, where we know it."""

    sender_id: int
    waba_id: str | None
    account: str


def accounts_of_one_secret(session: Session, sender_ids: Iterable[int]) -> dict[int, list[KnownAccount]]:
    """For each sender, those whose webhooks prove their origin by the same secret, with their accounts."""
    found: dict[int, list[KnownAccount]] = {}
    for sender_id, *known in session.execute(_OF_ONE_SECRET, {"ids": list(sender_ids)}):
        found.setdefault(sender_id, []).append(KnownAccount(*known))
    return found


_OF_ONE_SECRET = text("""
    SELECT s.id, other.id, other.waba_id, other.account
    FROM sender s JOIN sender other ON other.id = s.id OR (
        other.provider = s.provider
        AND CASE WHEN s.provider = 'cloud' THEN other.app_secret_env = s.app_secret_env
                 ELSE other.webhook_token_env = s.webhook_token_env END
    )
    WHERE s.id = ANY(:ids)
""")


def lock_touched(session: Session, wamids: Iterable[str], message_ids: Iterable[int]) -> Sequence[Row[Any]]:
    """The messages that events may be about, by wamid of any attempt or by id, locked in the order of their ids.

    returns  rows of MESSAGE_COLUMNS, then template_id, campaign_id, sender_id and attempt
    """
    return _run(session, _LOCK_TOUCHED, {"wamids": _array(wamids), "ids": _array(message_ids)}).all()


PROGRESS_COLUMNS: Mapping[str, str] = {
    "id": "bigint",
    "state": "text",
    "wamid": "text",
    "sent_at": "timestamptz",
    "delivered_at": "timestamptz",
    "read_at": "timestamptz",
    "category": "text",
    "billable": "boolean",
    "pricing_model": "text",
    "pricing_type": "text",
    "user_id": "text",
    "expires_at": "timestamptz",
}
"""What an ordinary report changes, with types; `id` is the key."""

TURN_COLUMNS: Mapping[str, str] = {
    "due_at": "timestamptz",
    "retries": "smallint",
    "reason": "text",
    "claimed_at": "timestamptz",
    "accepted_at": "timestamptz",
    "held_at": "timestamptz",
    "failed_at": "timestamptz",
    "error_code": "int",
    "error_text": "text",
}
"""What changes besides when a message fails, waits for another try, or is taken back from waiting."""

MESSAGE_COLUMNS: Mapping[str, str] = {**PROGRESS_COLUMNS, **TURN_COLUMNS}

_LOCK_TOUCHED = f"""
    WITH touched AS (
        SELECT id FROM message WHERE wamid = ANY(%(wamids)s::text[]) AND wamid IS NOT NULL
        UNION SELECT message_id FROM attempt WHERE wamid = ANY(%(wamids)s::text[]) AND wamid IS NOT NULL
        UNION SELECT unnest(%(ids)s::bigint[])
    )
    SELECT {", ".join(f"m.{name}" for name in MESSAGE_COLUMNS)}, m.template_id, m.campaign_id, m.sender_id, m.attempt
    FROM touched JOIN message m ON m.id = touched.id
    ORDER BY m.id FOR UPDATE OF m
"""


def attempts_of(session: Session, message_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """The superseded attempts of messages."""
    return session.execute(_ATTEMPTS, {"ids": list(message_ids)}).all()


_ATTEMPTS = text("""
    SELECT message_id, number, ended_as, wamid, claimed_at, accepted_at, held_at, sent_at, delivered_at, read_at,
           failed_at, error_code, error_text, ended_at
    FROM attempt WHERE message_id = ANY(:ids) ORDER BY message_id, number
""")


def campaigns_of(session: Session, campaign_ids: Iterable[int]) -> Sequence[Row[Any]]:
    """Id, state, category and deadline of campaigns, their own template, and each template's time to live by its id."""
    return session.execute(_CAMPAIGNS, {"ids": list(campaign_ids)}).all()


_CAMPAIGNS = text("""
    SELECT c.id, c.state, c.category, c.deadline_at, c.template_id,
           (SELECT jsonb_object_agg(t.id, t.ttl_seconds) FROM template t
            WHERE t.id = ANY(c.template_id || c.template_ids
                             || ARRAY(SELECT CAST(jsonb_object_keys(c.former) AS bigint)))) AS ttls
    FROM campaign c WHERE c.id = ANY(:ids)
""")

ATTEMPT_COLUMNS: Mapping[str, str] = {
    "message_id": "bigint",
    "number": "smallint",
    "ended_as": "text",
    "wamid": "text",
    "claimed_at": "timestamptz",
    "accepted_at": "timestamptz",
    "held_at": "timestamptz",
    "sent_at": "timestamptz",
    "delivered_at": "timestamptz",
    "read_at": "timestamptz",
    "failed_at": "timestamptz",
    "error_code": "int",
    "error_text": "text",
    "ended_at": "timestamptz",
}
"""The columns of a superseded attempt, in order, with their types; message and number are the key."""


def save_progress(session: Session, rows: Sequence[Sequence[Any]]) -> None:
    """Write what ordinary reports change; each row has PROGRESS_COLUMNS in order."""
    _run(session, _SAVE_PROGRESS, _arrays(PROGRESS_COLUMNS, rows))


def save_messages(session: Session, rows: Sequence[Sequence[Any]]) -> None:
    """Write all that a merge may change; each row has MESSAGE_COLUMNS in order."""
    _run(session, _SAVE_MESSAGES, _arrays(MESSAGE_COLUMNS, rows))


def save_attempts(session: Session, rows: Sequence[Sequence[Any]]) -> None:
    """Write superseded attempts, new or known; each row has ATTEMPT_COLUMNS in order."""
    _run(session, _SAVE_ATTEMPTS, _arrays(ATTEMPT_COLUMNS, rows))


def drop_attempts(session: Session, keys: Sequence[tuple[int, int]]) -> None:
    """Remove superseded attempts by message and number: they are live again, in the message's own row."""
    ids, numbers = zip(*keys, strict=True)
    session.execute(_DROP_ATTEMPTS, {"ids": list(ids), "numbers": list(numbers)})


def _run(session: Session, statement: str, parameters: Mapping[str, str]) -> CursorResult[Any]:
    """Straight to the driver, for the statements that carry something of every event."""
    return session.connection().exec_driver_sql(statement, dict(parameters))


def _arrays(columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> dict[str, str]:
    return {name: _array(values) for name, values in zip(columns, zip(*rows, strict=True), strict=True)}


def _array(values: Iterable[Any]) -> str:
    """An array as PostgreSQL writes it. The driver takes ten times as long, most of what a merge would cost."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    # Numbers and booleans, and instants with their offset: nothing that needs a quote, but the space in an instant.
    return f'"{value}"' if isinstance(value, datetime) else str(value)


def _unnest(columns: Mapping[str, str]) -> str:
    arrays = ", ".join(f"%({name})s::{type_}[]" for name, type_ in columns.items())
    return f"unnest({arrays}) AS new({', '.join(columns)})"


def _update(columns: Mapping[str, str]) -> str:
    assignments = ", ".join(f"{name} = new.{name}" for name in columns if name != "id")
    return f"UPDATE message SET {assignments} FROM {_unnest(columns)} WHERE message.id = new.id"


_SAVE_PROGRESS = _update(PROGRESS_COLUMNS)
_SAVE_MESSAGES = _update(MESSAGE_COLUMNS)

_SAVE_ATTEMPTS = f"""
    INSERT INTO attempt ({", ".join(ATTEMPT_COLUMNS)}) SELECT * FROM {_unnest(ATTEMPT_COLUMNS)}
    ON CONFLICT (message_id, number)
    DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in ATTEMPT_COLUMNS)}
"""

_DROP_ATTEMPTS = text("""
    DELETE FROM attempt USING unnest(CAST(:ids AS bigint[]), CAST(:numbers AS smallint[])) AS gone(id, number)
    WHERE attempt.message_id = gone.id AND attempt.number = gone.number
""")


def people_of(session: Session, message_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Identity and phone of the people that messages go to, by message."""
    rows = session.execute(_PEOPLE, {"ids": list(message_ids)}) if message_ids else ()
    return {message_id: (identity, phone) for message_id, identity, phone in rows}


_PEOPLE = text("SELECT id, phone_identity, phone_e164 FROM message WHERE id = ANY(:ids)")


def spare_marketing(session: Session, message_ids: Sequence[int], until: datetime) -> None:
    """Note whom the platform spares marketing: until their message is tried again, or until an instant."""
    session.execute(_SPARE_MARKETING, {"ids": list(message_ids), "until": until})


_SPARE_MARKETING = text("""
    INSERT INTO marketing_cap (phone_identity, until)
    SELECT m.phone_identity, max(CASE WHEN m.state = 'queued' THEN m.due_at ELSE CAST(:until AS timestamptz) END)
    FROM message m WHERE m.id = ANY(:ids) GROUP BY m.phone_identity ORDER BY m.phone_identity
    ON CONFLICT (phone_identity) DO UPDATE SET until = GREATEST(marketing_cap.until, excluded.until)
""")


def lift_disproved(session: Session, identities: Sequence[str]) -> None:
    """Lift the bans that reports of failure put on people who were reached all the same."""
    if identities:
        session.execute(_LIFT_DISPROVED, {"identities": list(identities)})


_LIFT_DISPROVED = text("""
    DELETE FROM suppression
    WHERE phone_identity = ANY(:identities) AND reason = 'not_on_whatsapp' AND source = 'webhook'
""")

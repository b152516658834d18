"""The SQL of erasure. Every statement covers one table, and takes one person out of it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from campaign.consent.seal_store import ERASURE_DIGEST_SQL
from campaign.contacts.person_in_list import Way
from models.audience import Upload

ONE_AT_A_TIME = 4_815_162_343
"""Key of the advisory lock at which erasures take turns: each is chained to the one before."""
BODIES_AT_ONCE = 200
ROWS_AT_ONCE = 5_000


def begin_erasure(session: Session) -> None:
    """Take turns, and allow the ledger to be changed until the transaction ends."""
    session.execute(text("SET LOCAL statement_timeout = '30min'"))
    session.execute(text("SET LOCAL lock_timeout = '60s'"))
    session.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
    session.execute(text("SET LOCAL campaign.erasing = 'on'"))


def next_erasure(session: Session) -> int:
    """Draw the number of an erasure."""
    return int(session.execute(text("SELECT nextval(pg_get_serial_sequence('erasure', 'id'))")).scalar_one())


def earlier_erasures(session: Session, subject: str) -> list[int]:
    """Erasures of the same person; those of one instant are of one person's numbers."""
    statement = text(
        "SELECT id FROM erasure WHERE erased_at IN (SELECT erased_at FROM erasure WHERE subject = :subject) ORDER BY id"
    )
    return list(session.scalars(statement, {"subject": subject}))


def ids_of(session: Session, known: Sequence[str], until: datetime | None) -> Row[Any]:
    """What else tells of a person: ids of their messages, and the ids under which the platform knows them and those.

    until  only of what was there then
    """
    return session.execute(_IDS, {"known": list(known), "until": until}).one()


def held_by_somebody(session: Session, identities: Sequence[str]) -> set[str]:
    """Those of some numbers that a contact, or what somebody said, stands under."""
    return set(session.scalars(_HELD, {"identities": list(identities)}))


_HELD = text("""
    SELECT identity FROM unnest(CAST(:identities AS text[])) AS identity
    WHERE EXISTS (SELECT FROM contact WHERE phone_identity = identity)
       OR EXISTS (SELECT FROM consent_event WHERE phone_identity = identity)
""")


def others_with(session: Session, user_ids: Sequence[str], identities: Sequence[str]) -> set[str]:
    """Those of some user ids that numbers beside these are known by too."""
    return set(session.scalars(_OTHERS_WITH, {"user_ids": list(user_ids), "identities": list(identities)}))


_OTHERS_WITH = text("""
    SELECT DISTINCT user_id FROM known_user WHERE user_id = ANY(:user_ids) AND phone_identity <> ALL(:identities)
""")


# Of a number that somebody else has now, what was there before.
_IN_TIME = "<= COALESCE(CAST(:until AS timestamptz), 'infinity')"
_STILL_THEIRS = "CAST(:until AS timestamptz) IS NULL"

# One index probe per campaign: there is no index on the person alone, which would cost every import.
_THEIRS = f"""
    theirs AS (
        SELECT found.* FROM campaign CROSS JOIN LATERAL (
            SELECT id, wamid, wa_id, user_id, state, phone_identity LIKE 'erased:%' AS late FROM message
            WHERE campaign_id = campaign.id AND phone_identity = ANY(:known) AND queued_at {_IN_TIME} OFFSET 0) AS found
    )"""
_IDS = text(f"""
    WITH {_THEIRS}
    SELECT ARRAY(SELECT id FROM theirs) AS message_ids,
           ARRAY(SELECT wamid FROM theirs WHERE wamid IS NOT NULL
                 UNION SELECT attempt.wamid FROM attempt JOIN theirs ON theirs.id = attempt.message_id
                       WHERE attempt.wamid IS NOT NULL
                 UNION SELECT wamid FROM opt_out_confirmation
                       WHERE phone_identity = ANY(:known) AND created_at {_IN_TIME} AND wamid IS NOT NULL) AS wamids,
           ARRAY(SELECT DISTINCT wa_id FROM theirs WHERE late AND wa_id IS NOT NULL) AS late_wa_ids,
           ARRAY(SELECT wa_id FROM theirs WHERE NOT late AND wa_id IS NOT NULL
                 UNION SELECT wa_id FROM contact
                       WHERE phone_identity = ANY(:known) AND created_at {_IN_TIME} AND wa_id IS NOT NULL) AS wa_ids,
           ARRAY(SELECT user_id FROM contact
                 WHERE phone_identity = ANY(:known) AND created_at {_IN_TIME} AND user_id IS NOT NULL
                 UNION SELECT user_id FROM theirs WHERE user_id IS NOT NULL
                 UNION SELECT user_id FROM known_user
                       WHERE phone_identity = ANY(:known) AND created_at {_IN_TIME}) AS user_ids,
           (SELECT count(*) FROM theirs
            WHERE state IN ('sending', 'uncertain', 'accepted', 'held', 'sent')) AS on_their_way
""")

# `:pseudonym` is the same in every table, so that what belongs together still does.
STATEMENTS: Mapping[str, str] = {
    "contact": f"DELETE FROM contact WHERE phone_identity = ANY(:known) AND created_at {_IN_TIME}",
    "known_user": f"""
        DELETE FROM known_user WHERE (phone_identity = ANY(:known) AND created_at {_IN_TIME})
            OR user_id = ANY(:user_ids) OR user_id = ANY(:digits)
    """,
    "consent_event": f"""
        UPDATE consent_event SET phone_identity = :pseudonym, phone_e164 = '', proof = NULL, salt = NULL,
               source = CASE WHEN source ~ :pattern THEN 'erased' ELSE source END,
               recorded_by = CASE WHEN recorded_by ~ :pattern THEN 'erased' ELSE recorded_by END,
               erasure_id = :erasure_id
        WHERE (phone_identity = :identity AND occurred_at {_IN_TIME}) OR phone_identity = ANY(:user_ids)
    """,
    "suppression": f"DELETE FROM suppression WHERE phone_identity = ANY(:known) AND created_at {_IN_TIME}",
    "suppression_event": f"""
        UPDATE suppression_event SET phone_identity = :pseudonym, phone_e164 = '', source = 'erased', why = NULL
        WHERE phone_identity = :identity AND recorded_at {_IN_TIME}
    """,
    "marketing_cap": f"DELETE FROM marketing_cap WHERE phone_identity = ANY(:known) AND {_STILL_THEIRS}",
    # Still counted for the messaging limit.
    "recipient_use": f"""
        UPDATE recipient_use SET phone_identity = :pseudonym WHERE phone_identity = :identity AND last_at {_IN_TIME}
    """,
    "campaign_exclusion": f"DELETE FROM campaign_exclusion WHERE phone_identity = :identity AND {_STILL_THEIRS}",
    "opt_out_confirmation": f"""
        UPDATE opt_out_confirmation SET phone_identity = :pseudonym, phone_e164 = '', proof = 'erased ' || id,
               wamid = NULL, error_text = NULL, state = CASE state WHEN 'waiting' THEN 'too_late' ELSE state END
        WHERE phone_identity = ANY(:known) AND created_at {_IN_TIME}
    """,
    "reply": """
        UPDATE reply SET inbound_id = 'erased ' || id, text = NULL, payload = NULL
        WHERE message_id = ANY(:message_ids)
    """,
    "attempt": """
        UPDATE attempt SET wamid = NULL, error_text = CASE WHEN error_text ~ :pattern THEN 'erased' ELSE error_text END
        WHERE message_id = ANY(:message_ids)
    """,
    "message": """
        UPDATE message
        SET phone_identity = CASE WHEN phone_identity = :identity THEN :pseudonym ELSE phone_identity END,
            phone_e164 = 'erased', name = NULL, parameters = '{}'::jsonb, wa_id = NULL, wamid = NULL, user_id = NULL,
            error_text = CASE WHEN error_text ~ :pattern THEN 'erased' ELSE error_text END,
            reason = CASE state WHEN 'queued' THEN 'erased' ELSE reason END,
            state = CASE state WHEN 'queued' THEN 'skipped' ELSE state END
        WHERE id = ANY(:message_ids)
    """,
    "sequence_person": f"""
        UPDATE sequence_person SET phone_identity = :pseudonym, parameters = '{{}}'::jsonb,
               ended_as = COALESCE(ended_as, 'erased'), ended_at = COALESCE(ended_at, now())
        WHERE phone_identity = :identity AND moved_at {_IN_TIME}
    """,
}
"""Table to the statement that takes a person out of it, in the order in which they run.

Binds: identity, known (the identity, the pseudonyms of earlier erasures and the platform's ids), user_ids (those ids),
digits (the spellings of all the numbers), until (when the number was left to somebody else; None: it is theirs),
pseudonym, erasure_id, message_ids, and pattern, a regular expression that finds the phone in whatever spelling.
"""


FREE_TEXT: Sequence[tuple[str, str]] = (
    ("idempotency_key", "answer"),
    ("notice", "body"),
    ("notice", "last_error"),
    ("draft", "content"),
    ("audit_entry", "subject"),
    ("audit_entry", "before"),
    ("audit_entry", "after"),
    ("background_job", "title"),
    ("background_job", "result"),
    ("background_job", "error"),
    ("audience_import", "file_name"),
    ("audience_import", "columns"),
    ("audience_import", "phone_column"),
    ("audience_import", "reading"),
    ("audience_import", "warnings"),
    ("upload", "file_name"),
    ("campaign", "mapping"),
    ("campaign", "state_text"),
    ("schedule", "request"),
    ("schedule_run", "text"),
    ("contact", "name"),
    ("contact", "attributes"),
    ("reply", "text"),
    ("reply", "payload"),
    ("suppression", "source"),
    ("suppression_event", "source"),
    ("suppression_event", "why"),
)
"""Table and column in which anybody may have written anything: texts, or JSON."""


def texts_like(session: Session, table: str, column: str, pattern: str) -> list[Row[Any]]:
    """Where a column matches: `place` of the row, and its `value`.

    locks  the rows until the caller commits, so that their places hold
    """
    statement = f"SELECT ctid::text AS place, {column} AS value FROM {table} WHERE {column}::text ~ :pattern FOR UPDATE"
    return list(session.execute(text(statement), {"pattern": pattern}))


def replace_text(session: Session, table: str, column: str, place: str, value: Any) -> None:
    """Put another value there."""
    kind = "text" if isinstance(value, str) else "jsonb"
    written = value if isinstance(value, str) else json.dumps(value)
    session.execute(
        text(f"UPDATE {table} SET {column} = CAST(:value AS {kind}) WHERE ctid = CAST(:place AS tid)"),
        {"value": written, "place": place},
    )


def erase_from(session: Session, table: str, values: Mapping[str, Any]) -> int:
    """Run the statement of one table; how many rows it changed."""
    return session.execute(text(STATEMENTS[table]), dict(values)).rowcount  # type: ignore[attr-defined, no-any-return]


def rejected_like(session: Session, tail: str) -> list[Row[Any]]:
    """Rejected rows among whose digits, in whatever script and with whatever between them, a number's last ones are."""
    return list(session.execute(_REJECTED, {"like": f"%{tail}%", "tail": tail}))


_REJECTED = text("""
    SELECT import_id, row_number, raw, text FROM rejected_row
    WHERE regexp_replace(translate(raw::text || ' ' || text, '０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹',
                                   '012345678901234567890123456789'), '[^0-9]', '', 'g') LIKE :like
""")


def empty_rejected(session: Session, rows: Sequence[tuple[int, int]]) -> None:
    """Leave of rejected rows their number and reason, and of their columns the names."""
    import_ids, numbers = zip(*rows, strict=True)
    session.execute(_EMPTY_REJECTED, {"imports": list(import_ids), "numbers": list(numbers)})


_EMPTY_REJECTED = text("""
    UPDATE rejected_row
    SET raw = (SELECT COALESCE(jsonb_object_agg(key, 'erased'), '{}'::jsonb) FROM jsonb_object_keys(raw) AS key),
        text = 'The person was erased.'
    FROM unnest(CAST(:imports AS bigint[]), CAST(:numbers AS integer[])) AS gone(import_id, row_number)
    WHERE rejected_row.import_id = gone.import_id AND rejected_row.row_number = gone.row_number
""")


def events_like(session: Session, pattern: str, but: Sequence[int]) -> list[Row[Any]]:
    """Consent events with texts that match, but those that some erasures have marked."""
    return list(session.execute(_EVENTS_LIKE, {"pattern": pattern, "but": list(but)}))


_EVENTS_LIKE = text("""
    SELECT id, source, proof, recorded_by FROM consent_event
    WHERE (source ~ :pattern OR proof ~ :pattern OR recorded_by ~ :pattern)
      AND (erasure_id IS NULL OR erasure_id <> ALL(:but))
    ORDER BY id
""")


def replace_event_texts(session: Session, erasure_id: int, events: Sequence[tuple[int, str, str | None, str]]) -> None:
    """Put other texts (source, proof, recorded by) into events, and the mark of the erasure that asks for it.

    The salt goes too: with it, whoever tries phone after phone could tell which one had stood there.
    """
    ids, sources, proofs, by = map(list, zip(*events, strict=True))
    values = {"erasure_id": erasure_id, "ids": ids, "sources": sources, "proofs": proofs, "by": by}
    session.execute(_REPLACE_EVENT_TEXTS, values)


_REPLACE_EVENT_TEXTS = text("""
    UPDATE consent_event SET source = told.source, proof = told.proof, recorded_by = told.recorded_by, salt = NULL,
           erasure_id = :erasure_id
    FROM unnest(CAST(:ids AS bigint[]), CAST(:sources AS text[]), CAST(:proofs AS text[]), CAST(:by AS text[]))
         AS told(id, source, proof, recorded_by)
    WHERE consent_event.id = told.id
""")


def webhooks_with(session: Session, marks: Sequence[str], until: datetime | None = None) -> list[int]:
    """Ids of webhooks in whose body any of the marks stands, of those that came until then."""
    needles = [mark.encode() for mark in marks]
    return list(session.scalars(_WEBHOOKS, {"needles": needles, "until": until}))


_WEBHOOKS = text(f"""
    SELECT id FROM webhook_event
    WHERE received_at {_IN_TIME}
      AND EXISTS (SELECT FROM unnest(CAST(:needles AS bytea[])) AS needle WHERE position(needle IN body) > 0)
    ORDER BY id
""")


def bodies(session: Session, ids: Sequence[int]) -> dict[int, bytes]:
    """Bodies of webhooks by id."""
    rows = session.execute(text("SELECT id, body FROM webhook_event WHERE id = ANY(:ids)"), {"ids": list(ids)})
    return {row.id: bytes(row.body) for row in rows}


def replace_bodies(session: Session, bodies_by_id: Mapping[int, bytes]) -> None:
    """Put other bodies in the place of webhooks'."""
    session.execute(
        text("""
            UPDATE webhook_event SET body = told.body
            FROM unnest(CAST(:ids AS bigint[]), CAST(:bodies AS bytea[])) AS told(id, body)
            WHERE webhook_event.id = told.id
        """),
        {"ids": list(bodies_by_id), "bodies": list(bodies_by_id.values())},
    )


def lists_with(session: Session, message_ids: Sequence[int], rejected: Sequence[int]) -> list[Row[Any]]:
    """The uploads in which a person stood: campaign, file, digest."""
    statement = text("""
        SELECT campaign.name AS campaign, listed.file_name, listed.sha256
        FROM audience_import AS listed JOIN campaign ON campaign.id = listed.campaign_id
        WHERE listed.id = ANY(:imports) OR listed.campaign_id IN (SELECT campaign_id FROM message WHERE id = ANY(:ids))
        ORDER BY campaign.id
    """)
    return list(session.execute(statement, {"ids": list(message_ids), "imports": sorted(set(rejected))}))


def all_uploads(session: Session) -> list[Upload]:
    """Every upload, locked until the caller commits, so that two erasures do not rewrite one file at once."""
    return list(session.scalars(select(Upload).order_by(Upload.sha256).with_for_update()))


def ways_of_reading(session: Session) -> dict[str, list[Way]]:
    """How each upload was read, by SHA-256; each way once."""
    found: dict[str, list[Way]] = {}
    for sha256, *way in session.execute(_WAYS):
        found.setdefault(sha256, []).append(Way(*way))
    return found


_WAYS = text("""
    SELECT DISTINCT listed.sha256, listed.phone_column, listed.reading ->> 'sheet', campaign.region
    FROM audience_import AS listed JOIN campaign ON campaign.id = listed.campaign_id
    WHERE listed.sha256 IN (SELECT sha256 FROM upload) ORDER BY 1, 2, 3, 4
""")


def add_erasure(session: Session, values: Mapping[str, Any]) -> None:
    """Write an erasure down, chained to the one before; its digest is made where the row is."""
    session.execute(_ADD_ERASURE, dict(values))


_ADD_ERASURE = text(f"""
    INSERT INTO erasure (id, subject, key_id, reason, erased_by, erased_at, removed, manifest, previous, digest)
    SELECT erasure.*, {ERASURE_DIGEST_SQL}
    FROM (SELECT CAST(:id AS bigint) AS id, :subject AS subject, :key_id AS key_id, :reason AS reason,
                 :erased_by AS erased_by, CAST(:erased_at AS timestamptz) AS erased_at,
                 CAST(:removed AS jsonb) AS removed, CAST(:manifest AS bytea) AS manifest,
                 CAST(:previous AS bytea) AS previous) AS erasure
""")

"""The SQL of reports."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from campaign.costs.countries import COUNTRY_PREFIX

FETCHED_AT_ONCE = 5000


def recipients(session: Session, campaign_id: int) -> Iterator[Row[Any]]:
    """Messages and rejected rows of a campaign in the order of the list, through a server-side cursor.

    Instants are texts in ISO 8601, UTC, in milliseconds.
    """
    return _streamed(session, _RECIPIENTS, campaign_id)


_TIMES = ("queued", "accepted", "held", "sent", "delivered", "read", "failed", "expired")
_AS_WRITTEN = ", ".join(
    f"to_char({name}_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"+00:00\"') AS {name}_at" for name in _TIMES
)
# Instants come as the report writes them: to read and write eight of them a row would cost more than all the rest.
# Either side has columns of its own; a rejected row brings what was uploaded instead.
_RECIPIENTS = text(f"""
    SELECT row_number, phone_e164, wa_id, name, state, reason, error_code, error_text, attempt, wamid, {_AS_WRITTEN},
           category, billable, pricing_model, pricing_type, user_id, NULL::jsonb AS raw
    FROM message WHERE campaign_id = :campaign_id
    UNION ALL
    SELECT rejected_row.row_number, NULL, NULL, NULL, 'refused', rejected_row.reason, NULL, rejected_row.text, 0, NULL,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, rejected_row.raw
    FROM rejected_row JOIN audience_import ON audience_import.id = rejected_row.import_id
    WHERE audience_import.campaign_id = :campaign_id
    ORDER BY row_number
""")


def rejected(session: Session, campaign_id: int) -> Iterator[Row[Any]]:
    """Row number, reason, words and raw values of the rejected rows in the order of the list."""
    return _streamed(session, _REJECTED, campaign_id)


_REJECTED = text("""
    SELECT rejected_row.row_number, rejected_row.file_row, rejected_row.reason, rejected_row.text, rejected_row.raw
    FROM rejected_row JOIN audience_import ON audience_import.id = rejected_row.import_id
    WHERE audience_import.campaign_id = :campaign_id ORDER BY rejected_row.row_number
""")


def _streamed(session: Session, statement: Any, campaign_id: int) -> Iterator[Row[Any]]:
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    options = {"stream_results": True, "yield_per": FETCHED_AT_ONCE}
    yield from session.execute(statement, {"campaign_id": campaign_id}, execution_options=options)


def states(session: Session, campaign_id: int, since: datetime) -> Sequence[Row[Any]]:
    """For each state: messages, how many of them were requested after `since`, and when the last queued one is due."""
    return session.execute(_STATES, {"campaign_id": campaign_id, "since": since}).all()


_STATES = text("""
    SELECT state, count(*) AS messages, count(*) FILTER (WHERE claimed_at > :since) AS recent,
           max(due_at) FILTER (WHERE state = 'queued') AS last_due_at
    FROM message WHERE campaign_id = :campaign_id GROUP BY state
""")


def figures(session: Session, campaign_id: int) -> Sequence[Row[Any]]:
    """Messages of a campaign counted by outcome, country, template, error and hour, all of one instant.

    returns  rows with `section` (outcome, country, template, error, hour), the values that it groups by (the others
             NULL), and of the messages: how many, how many taken, sent, delivered, read, failed; `phone` is one of them
    """
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    return session.execute(_FIGURES, {"campaign_id": campaign_id}).all()


# Grouping sets: one pass over the messages, so that every section tells of the same instant.
_FIGURES = text(f"""
    SELECT CASE WHEN GROUPING(state) = 0 THEN 'outcome' WHEN GROUPING(prefix) = 0 THEN 'country'
                WHEN GROUPING(template_id) = 0 THEN 'template' WHEN GROUPING(error_code) = 0 THEN 'error'
                ELSE 'hour' END AS section,
           state, reason, template_id, error_code, hour, min(phone COLLATE "C") AS phone,
           count(*) AS messages, count(taken_at) AS taken, count(sent_at) AS sent, count(delivered_at) AS delivered,
           count(read_at) AS read, count(*) FILTER (WHERE failed) AS failed
    FROM (
        SELECT state, reason, phone_e164 AS phone, {COUNTRY_PREFIX.format(phone="phone_e164")} AS prefix,
               COALESCE(template_id, (SELECT template_id FROM campaign WHERE id = :campaign_id)) AS template_id,
               CASE WHEN state IN ('failed', 'dropped') THEN error_code END AS error_code,
               state IN ('failed', 'dropped') AS failed,
               date_trunc('hour', COALESCE(accepted_at, held_at, sent_at, delivered_at, read_at), 'UTC') AS hour,
               COALESCE(accepted_at, held_at, sent_at, delivered_at, read_at) AS taken_at,
               COALESCE(sent_at, delivered_at, read_at) AS sent_at,
               COALESCE(delivered_at, read_at) AS delivered_at, read_at
        FROM message WHERE campaign_id = :campaign_id
    ) AS m
    GROUP BY GROUPING SETS ((state, reason), (prefix), (template_id), (error_code), (hour))
""")


def refused(session: Session, campaign_id: int) -> Sequence[Row[Any]]:
    """Rejected rows of a campaign's list by reason; they never change."""
    return session.execute(_REFUSED, {"campaign_id": campaign_id}).all()


_REFUSED = text("""
    SELECT rejected_row.reason, count(*) AS rows
    FROM rejected_row JOIN audience_import ON audience_import.id = rejected_row.import_id
    WHERE audience_import.campaign_id = :campaign_id GROUP BY rejected_row.reason ORDER BY rows DESC, reason
""")

PERCENTILES = (50, 90, 95, 99)


def times(session: Session, campaign_id: int) -> Row[Any]:
    """Seconds from handing over to delivery and to reading: `delivered` and `read`, each by PERCENTILES or NULL."""
    return session.execute(_DURATIONS, {"campaign_id": campaign_id, "shares": [p / 100 for p in PERCENTILES]}).one()


# The platform tells whole seconds: what it reports may seem to precede our own clock's instant.
_DURATIONS = text("""
    SELECT percentile_cont(CAST(:shares AS float8[])) WITHIN GROUP (ORDER BY to_delivery) AS delivered,
           percentile_cont(CAST(:shares AS float8[])) WITHIN GROUP (ORDER BY to_reading) AS read
    FROM (
        SELECT EXTRACT(epoch FROM GREATEST(COALESCE(delivered_at, read_at), handed_over_at) - handed_over_at)
                   AS to_delivery,
               CASE WHEN read_at IS NOT NULL
                    THEN EXTRACT(epoch FROM GREATEST(read_at, handed_over_at) - handed_over_at) END AS to_reading
        FROM (
            SELECT delivered_at, read_at, COALESCE(accepted_at, held_at, claimed_at, sent_at) AS handed_over_at
            FROM message WHERE campaign_id = :campaign_id AND COALESCE(delivered_at, read_at) IS NOT NULL
        ) AS reached
        WHERE handed_over_at IS NOT NULL
    ) AS timed
""")


def templates_by_id(session: Session, template_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Name and language of templates."""
    rows = session.execute(_TEMPLATES, {"ids": list(template_ids)})
    return {id_: (name, language) for id_, name, language in rows}


_TEMPLATES = text("SELECT id, name, language FROM template WHERE id = ANY(:ids)")


def replies(session: Session, campaign_id: int) -> Iterator[Row[Any]]:
    """Replies to a campaign with the row that they answer, in the order in which they came.

    The user id of the person is the one that reports of the message name, else the newest that they are known by.
    """
    return _streamed(session, _REPLIES, campaign_id)


_REPLIES = text("""
    SELECT m.row_number, m.phone_e164, m.name, m.state, r.kind, r.text, r.payload, r.opts_out, r.attributed_by,
           r.received_at, m.wamid, COALESCE(m.user_id, known.user_id, contact.user_id) AS user_id
    FROM reply r JOIN message m ON m.id = r.message_id
    LEFT JOIN LATERAL (
        SELECT user_id FROM known_user
        WHERE phone_identity = m.phone_identity AND user_id !~ '^[0-9]+$' ORDER BY created_at DESC, user_id LIMIT 1
    ) AS known ON m.user_id IS NULL
    LEFT JOIN contact ON contact.phone_identity = m.phone_identity AND m.user_id IS NULL
    WHERE r.campaign_id = :campaign_id ORDER BY r.received_at, r.id
""")


def opted_out(session: Session, campaign_id: int) -> Sequence[Row[Any]]:
    """People who withdrew consent in answer to a campaign, each once: `how` they did, and how many."""
    return session.execute(_OPTED_OUT, {"campaign_id": campaign_id}).all()


_OPTED_OUT = text("""
    SELECT how, count(*) AS people FROM (
        SELECT DISTINCT ON (message_id) message_id, how FROM (
            SELECT message_id, kind AS how, received_at AS at FROM reply
            WHERE campaign_id = :campaign_id AND opts_out
            UNION ALL
            SELECT id, 'refused by WhatsApp (131050)', failed_at FROM message
            WHERE campaign_id = :campaign_id AND error_code = 131050 AND state = 'failed'
        ) AS said ORDER BY message_id, at
    ) AS first GROUP BY how ORDER BY people DESC, how
""")


def campaign_of_wamid(session: Session, wamids: Sequence[str]) -> int | None:
    """The campaign that messages belong to, by the first wamid that is known."""
    return session.execute(_OF_WAMID, {"wamids": list(wamids)}).scalar()


_OF_WAMID = text("""
    SELECT campaign_id FROM (
        SELECT campaign_id FROM message WHERE wamid = ANY(:wamids)
        UNION ALL
        SELECT m.campaign_id FROM attempt a JOIN message m ON m.id = a.message_id WHERE a.wamid = ANY(:wamids)
    ) AS known LIMIT 1
""")


def came_since(session: Session, campaign_id: int, since: datetime) -> bool:
    """Whether anything may have changed a campaign's figures since an instant: it ran on, a webhook or price came."""
    found: bool = session.execute(_CAME_SINCE, {"campaign_id": campaign_id, "since": since}).scalar_one()
    return found


_CAME_SINCE = text("""
    SELECT c.state NOT IN ('completed', 'cancelled') OR c.ended_at >= :since
        OR EXISTS (SELECT FROM webhook_event WHERE received_at >= CAST(:since AS timestamptz) - interval '1 day'
                   AND (received_at >= :since OR processed_at >= :since))
        OR EXISTS (SELECT FROM erasure WHERE erased_at >= :since)
        OR EXISTS (SELECT FROM price WHERE created_at >= :since)
    FROM campaign c WHERE c.id = :campaign_id
""")


def snapshot_at(session: Session) -> datetime:
    """The instant of the transaction, by the database's clock."""
    instant: datetime = session.execute(text("SELECT now()")).scalar_one()
    return instant


def failures(session: Session, campaign_id: int) -> Sequence[Row[Any]]:
    """Per error code and words: messages that stand there for it, and earlier attempts that ended with it."""
    return session.execute(_FAILURES, {"campaign_id": campaign_id}).all()


_FAILURES = text("""
    SELECT error_code, max(error_text) AS example, sum(ended) AS messages, sum(repeated) AS attempts
    FROM (
        SELECT error_code, error_text, 1 AS ended, 0 AS repeated FROM message
        WHERE campaign_id = :campaign_id AND state IN ('failed', 'dropped')
        UNION ALL
        SELECT attempt.error_code, attempt.error_text, 0, 1
        FROM attempt JOIN message ON message.id = attempt.message_id
        WHERE message.campaign_id = :campaign_id AND attempt.ended_as IN ('failed', 'refused')
    ) AS failure
    GROUP BY error_code ORDER BY messages DESC, attempts DESC, error_code
""")


def listing(session: Session, campaign_id: int) -> Row[Any] | None:
    """Columns, phone column and number of rows of the list that a campaign was created from."""
    return session.execute(_LISTING, {"campaign_id": campaign_id}).one_or_none()


_LISTING = text("""
    SELECT columns, phone_column, row_count, rejected_count FROM audience_import WHERE campaign_id = :campaign_id
""")


def pace(session: Session, campaign_id: int) -> Row[Any]:
    """Id, state, reason, own rate and the sender's rate of a campaign."""
    return session.execute(_PACE, {"campaign_id": campaign_id}).one()


_PACE = text("""
    SELECT c.id, c.name, c.state, c.state_reason, c.rate_mps, s.rate_mps AS sender_rate_mps
    FROM campaign c JOIN sender s ON s.id = c.sender_id WHERE c.id = :campaign_id
""")

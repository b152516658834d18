"""The SQL of reports."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

FETCHED_AT_ONCE = 5000


def recipients(session: Session, campaign_id: int) -> Iterator[Row[Any]]:
    """Messages and rejected rows of a campaign in the order of the list, through a server-side cursor."""
    return _streamed(session, _RECIPIENTS, campaign_id)


# Either side has columns of its own; a rejected row brings what was uploaded instead.
_RECIPIENTS = text("""
    SELECT row_number, phone_e164, wa_id, name, state, reason, error_code, error_text, attempt, wamid, queued_at,
           accepted_at, held_at, sent_at, delivered_at, read_at, failed_at, expired_at, category, billable,
           NULL::jsonb AS raw
    FROM message WHERE campaign_id = :campaign_id
    UNION ALL
    SELECT rejected_row.row_number, NULL, NULL, NULL, 'refused', rejected_row.reason, NULL, rejected_row.text, 0, NULL,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, rejected_row.raw
    FROM rejected_row JOIN audience_import ON audience_import.id = rejected_row.import_id
    WHERE audience_import.campaign_id = :campaign_id
    ORDER BY row_number
""")


def rejected(session: Session, campaign_id: int) -> Iterator[Row[Any]]:
    """Row number, reason, words and raw values of the rejected rows in the order of the list."""
    return _streamed(session, _REJECTED, campaign_id)


_REJECTED = text("""
    SELECT rejected_row.row_number, rejected_row.reason, rejected_row.text, rejected_row.raw
    FROM rejected_row JOIN audience_import ON audience_import.id = rejected_row.import_id
    WHERE audience_import.campaign_id = :campaign_id ORDER BY rejected_row.row_number
""")


def _streamed(session: Session, statement: Any, campaign_id: int) -> Iterator[Row[Any]]:
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    options = {"stream_results": True, "yield_per": FETCHED_AT_ONCE}
    yield from session.execute(statement, {"campaign_id": campaign_id}, execution_options=options)


def states(session: Session, campaign_id: int, since: datetime) -> Sequence[Row[Any]]:
    """For each state of a campaign: messages, and how many of them were requested after `since`."""
    return session.execute(_STATES, {"campaign_id": campaign_id, "since": since}).all()


_STATES = text("""
    SELECT state, count(*) AS messages, count(*) FILTER (WHERE claimed_at > :since) AS recent
    FROM message WHERE campaign_id = :campaign_id GROUP BY state
""")


def outcomes(session: Session, campaign_id: int) -> Sequence[Row[Any]]:
    """State, reason and number of messages, then of rejected rows, of a campaign."""
    return session.execute(_OUTCOMES, {"campaign_id": campaign_id}).all()


_OUTCOMES = text("""
    SELECT 'refused' AS state, rejected_row.reason, count(*) AS rows
    FROM rejected_row JOIN audience_import ON audience_import.id = rejected_row.import_id
    WHERE audience_import.campaign_id = :campaign_id GROUP BY rejected_row.reason
    UNION ALL
    SELECT state, reason, count(*) FROM message WHERE campaign_id = :campaign_id GROUP BY state, reason
    ORDER BY state, rows DESC, reason
""")


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

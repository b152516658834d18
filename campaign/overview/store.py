"""The SQL of overviews: counts kept per campaign, and campaigns page by page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


def campaigns_to_count(session: Session, now: datetime) -> list[int]:
    """Ids of launched campaigns whose count is due, longest waiting first.

    A count is put off by twenty times what the last one took, 2 s at least: so that counting takes a twentieth of one
    core at most. What has ended is counted ever more rarely, since only late reports still change it.
    """
    return list(session.scalars(_TO_COUNT, {"now": now}))


_TO_COUNT = text("""
    SELECT c.id FROM campaign c LEFT JOIN campaign_tally t ON t.campaign_id = c.id
    WHERE c.launched_at IS NOT NULL AND (
        t.campaign_id IS NULL
        OR t.counted_at < CAST(:now AS timestamptz) - GREATEST(
            interval '2 s', t.took_ms * interval '20 ms',
            CASE WHEN c.ended_at < t.counted_at
                 THEN LEAST(interval '1 day', (CAST(:now AS timestamptz) - c.ended_at) / 10) END
        )
    )
    ORDER BY t.counted_at NULLS FIRST LIMIT 50
""")


def is_counted(session: Session, campaign_id: int) -> bool:
    """Whether a campaign was counted at least once."""
    found = session.execute(text("SELECT 1 FROM campaign_tally WHERE campaign_id = :id"), {"id": campaign_id})
    return found.first() is not None


def count_states(session: Session, campaign_id: int) -> Sequence[Row[Any]]:
    """For each state of a campaign: `state`, `messages`, and the first and last id of them."""
    return session.execute(_COUNT_STATES, {"campaign_id": campaign_id}).all()


_COUNT_STATES = text("""
    SELECT m.state, count(*) AS messages, min(m.id) AS first, max(m.id) AS last
    FROM message m WHERE m.campaign_id = :campaign_id GROUP BY m.state
""")


def keep_counts(session: Session, values: Mapping[str, Any]) -> None:
    """Keep the counts of one campaign over what was kept before."""
    session.execute(_KEEP_COUNTS, values)


_KEEP_COUNTS = text("""
    INSERT INTO campaign_tally (campaign_id, counts, first_message_id, last_message_id, counted_at, took_ms, series)
    VALUES (:campaign_id, CAST(:counts AS jsonb), :first, :last, :now, :took_ms, '[]')
    ON CONFLICT (campaign_id) DO UPDATE SET
        counts = excluded.counts, first_message_id = excluded.first_message_id,
        last_message_id = excluded.last_message_id, counted_at = excluded.counted_at, took_ms = excluded.took_ms
""")


def series_due(session: Session, campaign_id: int, now: datetime) -> Row[Any] | None:
    """When a campaign was launched and ended, if its chart is due again: after 10 s, or twenty times what it took."""
    return session.execute(_SERIES_DUE, {"campaign_id": campaign_id, "now": now}).one_or_none()


_SERIES_DUE = text("""
    SELECT c.launched_at, c.ended_at FROM campaign c JOIN campaign_tally t ON t.campaign_id = c.id
    WHERE c.id = :campaign_id AND (
        t.series_at IS NULL
        OR t.series_at < CAST(:now AS timestamptz) - GREATEST(interval '10 s', t.series_ms * interval '20 ms')
    )
""")


def count_series(session: Session, campaign_id: int, since: datetime, bucket_s: float) -> list[dict[str, Any]]:
    """Messages accepted, delivered, read and failed per bucket of time; empty buckets are left out.

    since  start of the first bucket; what came earlier is counted in it
    """
    values = {"campaign_id": campaign_id, "since": since, "bucket_s": bucket_s}
    return [dict(row) for row in session.execute(_COUNT_SERIES, values).mappings()]


_COUNT_SERIES = text("""
    SELECT to_char(
               CAST(:since AS timestamptz) + bucket * make_interval(secs => :bucket_s), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
           ) AS at,
           count(*) FILTER (WHERE what = 1) AS accepted, count(*) FILTER (WHERE what = 2) AS delivered,
           count(*) FILTER (WHERE what = 3) AS read, count(*) FILTER (WHERE what = 4) AS failed
    FROM (
        SELECT step.what,
               GREATEST(0, floor(extract(epoch FROM step.at - CAST(:since AS timestamptz)) / :bucket_s)) AS bucket
        FROM message m CROSS JOIN LATERAL (
            VALUES (1, COALESCE(m.accepted_at, m.held_at)), (2, COALESCE(m.delivered_at, m.read_at)), (3, m.read_at),
                   (4, CASE WHEN m.state IN ('failed', 'dropped') THEN COALESCE(m.failed_at, m.claimed_at) END)
        ) AS step(what, at)
        WHERE m.campaign_id = :campaign_id AND step.at IS NOT NULL
    ) AS steps
    GROUP BY bucket ORDER BY bucket
""")


def keep_series(session: Session, campaign_id: int, series_json: str, *, now: datetime, took_ms: int) -> None:
    """Keep the chart of one campaign."""
    values = {"campaign_id": campaign_id, "series": series_json, "now": now, "took_ms": took_ms}
    session.execute(_KEEP_SERIES, values)


_KEEP_SERIES = text("""
    UPDATE campaign_tally SET series = CAST(:series AS jsonb), series_at = :now, series_ms = :took_ms
    WHERE campaign_id = :campaign_id
""")


def campaigns(
    session: Session, *, search: str | None, states: Sequence[str] | None, before_id: int | None, limit: int
) -> Sequence[Row[Any]]:
    """Campaigns with sender, template, list and last count, newest first. One statement whatever the page holds."""
    values = {"search": search and f"%{literal(search)}%", "states": states, "before_id": before_id, "limit": limit}
    return session.execute(_CAMPAIGNS, values | {"name": None}).all()


def one_campaign(session: Session, name: str) -> Row[Any] | None:
    """The same of one campaign."""
    values = {"search": None, "states": None, "before_id": None, "limit": 1, "name": name}
    return session.execute(_CAMPAIGNS, values).one_or_none()


_CAMPAIGNS = text("""
    SELECT c.id, c.name, c.state, c.state_reason, c.state_text, c.category, c.created_at, c.launched_at, c.ended_at,
           c.start_at, c.deadline_at, c.rate_mps, s.name AS sender, s.rate_mps AS sender_rate_mps, s.id AS sender_id,
           t.name AS template, t.language, a.row_count, a.message_count, a.rejected_count, a.file_name,
           y.counts, y.counted_at, y.series, y.series_at
    FROM campaign c
    JOIN sender s ON s.id = c.sender_id
    JOIN template t ON t.id = c.template_id
    LEFT JOIN audience_import a ON a.campaign_id = c.id
    LEFT JOIN campaign_tally y ON y.campaign_id = c.id
    WHERE (CAST(:name AS text) IS NULL OR c.name = :name)
      AND (CAST(:search AS text) IS NULL OR c.name ILIKE :search)
      AND (CAST(:states AS text[]) IS NULL OR c.state = ANY(:states))
      AND (CAST(:before_id AS bigint) IS NULL OR c.id < :before_id)
    ORDER BY c.id DESC LIMIT :limit
""")


def literal(search: str) -> str:
    """A search text in which nothing stands for anything else."""
    return search.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


UNREACHED = ("failed", "dropped", "expired", "skipped")
"""States of messages that reached nobody."""


def errors(session: Session, campaign_id: int, limit: int) -> Sequence[Row[Any]]:
    """What messages of a campaign failed of: error_code, reason, an example of the words, messages; most first."""
    return session.execute(_ERRORS, {"campaign_id": campaign_id, "limit": limit}).all()


_ERRORS = text("""
    SELECT error_code, reason, state, max(error_text) AS example, count(*) AS messages
    FROM message
    WHERE campaign_id = :campaign_id AND state IN ('failed', 'dropped', 'expired', 'skipped')
    GROUP BY error_code, reason, state ORDER BY messages DESC LIMIT :limit
""")


def retries_due(session: Session, campaign_id: int, now: datetime) -> Sequence[Row[Any]]:
    """Messages that wait for a later try: reason, how many, the earliest and the latest time."""
    return session.execute(_RETRIES_DUE, {"campaign_id": campaign_id, "now": now}).all()


_RETRIES_DUE = text("""
    SELECT COALESCE(reason, 'later') AS reason, count(*) AS messages, min(due_at) AS first, max(due_at) AS last
    FROM message WHERE campaign_id = :campaign_id AND state = 'queued' AND due_at > :now
    GROUP BY 1 ORDER BY 2 DESC
""")

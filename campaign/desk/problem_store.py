"""The SQL of problems: each statement reads a short table, or through an index that holds nothing but problems."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from campaign.desk.store import LIVE
from models.template import SENDABLE_STATUSES


def paused_for_people(session: Session, reasons: Sequence[str]) -> Sequence[Row[Any]]:
    """Campaigns that stand still for one of these reasons."""
    return session.execute(_PAUSED, {"reasons": list(reasons)}).all()


_PAUSED = text("""
    SELECT id, name, state_reason AS reason, state_text AS text, paused_at AS since
    FROM campaign WHERE state = 'paused' AND state_reason = ANY(:reasons) ORDER BY paused_at
""")


def long_in_doubt(session: Session, before: datetime) -> Sequence[Row[Any]]:
    """Campaigns with messages claimed before an instant that are still in doubt."""
    return session.execute(_IN_DOUBT, {"before": before}).all()


_IN_DOUBT = text("""
    SELECT c.id, c.name, c.uncertain_policy AS reason, count(*) AS messages, min(m.claimed_at) AS since
    FROM message m JOIN campaign c ON c.id = m.campaign_id
    WHERE m.state = 'uncertain' AND m.claimed_at < :before GROUP BY c.id, c.name, c.uncertain_policy
""")


def unsendable_templates(session: Session) -> Sequence[Row[Any]]:
    """Templates that the platform would not take any more, and the live campaigns that use them."""
    return session.execute(_UNSENDABLE, {"sendable": sorted(SENDABLE_STATUSES)}).all()


_UNSENDABLE = text(f"""
    SELECT t.id, t.name || ' (' || t.language || ')' AS name, t.status, count(*) AS campaigns,
           string_agg(c.name, ', ' ORDER BY c.name) AS names, max(t.synced_at) AS since
    FROM campaign c CROSS JOIN LATERAL unnest(ARRAY[c.template_id] || c.template_ids) AS used(id)
    JOIN template t ON t.id = used.id
    WHERE c.state IN {LIVE} AND NOT t.status = ANY(:sendable) GROUP BY t.id
""")


def failed_runs(session: Session, since: datetime) -> Sequence[Row[Any]]:
    """The newest run of each schedule, where it was missed or failed since an instant."""
    return session.execute(_FAILED_RUNS, {"since": since}).all()


_FAILED_RUNS = text("""
    SELECT s.name, newest.state, newest.text, newest.run_at AS since
    FROM schedule s CROSS JOIN LATERAL (
        SELECT state, text, run_at FROM schedule_run WHERE schedule_id = s.id ORDER BY run_at DESC LIMIT 1
    ) AS newest
    WHERE newest.state IN ('missed', 'failed') AND newest.run_at >= :since
""")


def silent_since(session: Session, before: datetime) -> datetime | None:
    """The oldest thing that the engine should have done before an instant and has not, such as beat's own sign of life;
    None when it keeps up, or was never started."""
    since: datetime | None = session.execute(_SILENT, {"before": before}).scalar_one()
    return since


_SILENT = text("""
    SELECT min(due) FROM (
        SELECT min(t.counted_at) AS due FROM campaign c JOIN campaign_tally t ON t.campaign_id = c.id
        WHERE c.state = 'running' AND t.counted_at + t.took_ms * interval '60 ms' < :before
        UNION ALL SELECT min(start_at) FROM campaign WHERE state = 'scheduled' AND start_at < :before
        UNION ALL SELECT min(next_run_at) FROM schedule WHERE state = 'active' AND next_run_at < :before
        UNION ALL SELECT min(at) FROM heartbeat WHERE at < :before
    ) AS late
""")


def last_verification(session: Session, subject: str) -> Row[Any] | None:
    """What the last verification of the ledger came to: `at`, `actor`, `after`."""
    statement = text("SELECT at, actor, after FROM audit_entry WHERE subject = :subject ORDER BY id DESC LIMIT 1")
    return session.execute(statement, {"subject": subject}).one_or_none()


def count_waiting(session: Session, reasons: Sequence[str]) -> int:
    """How many things wait for a person, of those that cost next to nothing to count."""
    return int(session.execute(_COUNT_WAITING, {"reasons": list(reasons)}).scalar_one())


_COUNT_WAITING = text("""
    SELECT (SELECT count(*) FROM campaign WHERE state = 'paused' AND state_reason = ANY(:reasons))
         + (SELECT count(*) FROM approval a JOIN campaign c ON c.id = a.campaign_id
            WHERE a.approved_at IS NULL AND c.state = 'draft')
         + (SELECT count(*) FROM sender WHERE state IN ('restricted', 'disabled'))
         + (SELECT count(*) FROM consent_watch WHERE fault_count + standing_count > 0)
         + (SELECT count(*) FROM (
                SELECT 1 FROM webhook_event WHERE error IS NOT NULL AND dismissed_at IS NULL LIMIT 100
            ) AS unread)
""")

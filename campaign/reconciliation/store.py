"""The SQL of the sweeps: each statement takes a bounded batch, oldest first, by an index made for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaign.reconciliation.absence import Second, Unanswered
from models.message import AttemptEnd
from models.sender import ProviderKind
from models.states import OPEN_STATES, CampaignState, MessageState, Signal, campaign_may_move, sources


def lock_sweep(session: Session, name: str) -> bool:
    """Take the place of a sweep until the end of the transaction; False when another process has it."""
    return bool(session.execute(_LOCK, {"name": f"sweep {name}"}).scalar_one())


_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext(:name))")


def _listed(states: Iterable[MessageState]) -> str:
    # Written out, so that the planner sees that the partial indexes fit.
    return ", ".join(f"'{state.value}'" for state in states)


def end_leases(session: Session, now: datetime, limit: int) -> int:
    """Messages whose lease ran out become uncertain; how many."""
    return len(session.execute(_END_LEASES, {"now": now, "limit": limit}).all())


_END_LEASES = text(f"""
    WITH late AS (
        SELECT id FROM message WHERE state IN ({_listed(sources(Signal.LEASE_RAN_OUT))}) AND lease_until < :now
        ORDER BY lease_until LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE message m SET state = '{MessageState.UNCERTAIN.value}', uncertain_at = :now, lease_until = NULL,
                         reason = '{Signal.LEASE_RAN_OUT.value}'
    FROM late WHERE m.id = late.id RETURNING 1
""")


def drained_until(session: Session, now: datetime) -> datetime:
    """Until when every webhook received has been applied: the arrival of the oldest that waits, or now."""
    oldest = session.execute(_OLDEST_WAITING).scalar_one_or_none()
    return now if oldest is None else min(now, oldest)


_OLDEST_WAITING = text("SELECT received_at FROM webhook_event WHERE processed_at IS NULL ORDER BY id LIMIT 1")


def expire(session: Session, passed: datetime, now: datetime, limit: int) -> int:
    """Messages that were taken and whose time to live ended before `passed` count as dropped; how many."""
    return len(session.execute(_EXPIRE, {"passed": passed, "now": now, "limit": limit}).all())


_EXPIRE = text(f"""
    WITH silent AS (
        SELECT m.id FROM campaign c CROSS JOIN LATERAL (
            SELECT id FROM message
            WHERE campaign_id = c.id AND state IN ({_listed(sources(Signal.TTL_PASSED))}) AND expires_at < :passed
            ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED
        ) m LIMIT :limit
    )
    UPDATE message m SET state = '{MessageState.EXPIRED.value}', expired_at = :now,
                         reason = '{Signal.TTL_PASSED.value}'
    FROM silent WHERE m.id = silent.id RETURNING 1
""")


def unanswered(session: Session, claimed_before: datetime, limit: int) -> dict[int, list[Unanswered]]:
    """Uncertain messages claimed before an instant, oldest first, by sender.

    Left out are senders whose provider does not bring callback data back: their silence proves nothing.
    """
    rows = session.execute(_UNANSWERED, {"claimed_before": claimed_before, "limit": limit})
    found: dict[int, list[Unanswered]] = {}
    for sender_id, message_id, claimed_at in rows:
        found.setdefault(sender_id, []).append(Unanswered(message_id, claimed_at))
    return found


_UNANSWERED = text(f"""
    SELECT sender.id, m.id, m.claimed_at
    FROM sender CROSS JOIN LATERAL (
        SELECT id, claimed_at FROM message
        WHERE state IN ({_listed(sources(Signal.ABSENCE_PROVEN))}) AND sender_id = sender.id
          AND claimed_at < :claimed_before
        ORDER BY claimed_at LIMIT :limit
    ) m
    WHERE sender.provider <> '{ProviderKind.D360_ONPREM.value}'
    ORDER BY sender.id, m.claimed_at
""")


def stream(session: Session, sender_id: int, since: datetime) -> list[Second]:
    """What became of the messages of a sender that were accepted after an instant, by second. Held ones left out."""
    rows = session.execute(_STREAM, {"sender_id": sender_id, "since": since})
    return [Second(*row) for row in rows]


_STREAM = text("""
    SELECT date_trunc('second', accepted_at) AS start, count(*),
           count(*) FILTER (WHERE COALESCE(sent_at, delivered_at, read_at, failed_at) IS NOT NULL)
    FROM message WHERE sender_id = :sender_id AND accepted_at >= :since AND held_at IS NULL
    GROUP BY start ORDER BY start
""")


def requeue_absent(session: Session, proven: Sequence[Unanswered], now: datetime) -> int:
    """Queue messages again whose request provably never arrived, their attempt kept as superseded; how many.

    A message of a cancelled campaign is skipped instead. One that changed meanwhile is left alone.
    """
    values = {
        "ids": [each.message_id for each in proven],
        "claimed": [each.claimed_at for each in proven],
        "now": now,
    }
    return len(session.execute(_REQUEUE_ABSENT, values).all())


_REQUEUE_ABSENT = text(f"""
    WITH proven AS (
        SELECT m.id, m.campaign_id, m.attempt, m.claimed_at, m.error_code, m.error_text
        FROM unnest(CAST(:ids AS bigint[]), CAST(:claimed AS timestamptz[])) AS p(id, claimed_at)
        JOIN message m ON m.id = p.id AND m.claimed_at = p.claimed_at
        WHERE m.state IN ({_listed(sources(Signal.ABSENCE_PROVEN))})
        ORDER BY m.id FOR UPDATE OF m
    ), kept AS (
        INSERT INTO attempt (message_id, number, ended_as, error_code, error_text, claimed_at, ended_at)
        SELECT id, attempt, '{AttemptEnd.ABSENT.value}', error_code, error_text, claimed_at, :now FROM proven
        ON CONFLICT DO NOTHING
    )
    UPDATE message m SET
        state = CASE c.state WHEN '{CampaignState.CANCELLED.value}' THEN '{MessageState.SKIPPED.value}'
                             ELSE '{MessageState.QUEUED.value}' END,
        reason = CASE c.state WHEN '{CampaignState.CANCELLED.value}' THEN '{CampaignState.CANCELLED.value}'
                              ELSE '{Signal.ABSENCE_PROVEN.value}' END,
        due_at = :now, claimed_at = NULL, lease_until = NULL, uncertain_at = NULL, expires_at = NULL
    FROM proven JOIN campaign c ON c.id = proven.campaign_id
    WHERE m.id = proven.id RETURNING 1
""")


def skip_past_deadline(session: Session, now: datetime, limit: int) -> int:
    """Messages that were not sent by their campaign's deadline are skipped; how many."""
    return len(session.execute(_SKIP_PAST_DEADLINE, {"now": now, "limit": limit}).all())


_SKIP_PAST_DEADLINE = text(f"""
    WITH late AS (
        SELECT m.id FROM campaign c CROSS JOIN LATERAL (
            SELECT id FROM message WHERE campaign_id = c.id AND state = '{MessageState.QUEUED.value}'
            ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
        ) m
        WHERE c.deadline_at <= :now AND c.state IN ('running', 'paused', 'settling') LIMIT :limit
    )
    UPDATE message m SET state = '{MessageState.SKIPPED.value}', reason = 'deadline'
    FROM late WHERE m.id = late.id RETURNING 1
""")


def move_campaigns(session: Session, source: CampaignState, target: CampaignState, now: datetime) -> list[int]:
    """Campaigns in `source` whose messages say that they are in `target`; ids of those moved."""
    if not campaign_may_move(source, target):
        raise ValueError(f"a campaign does not go from {source} to {target}")
    statement = _MOVES[source, target]
    return list(session.scalars(statement, {"source": source.value, "target": target.value, "now": now}))


def _none_in(states: Iterable[MessageState]) -> str:
    # One probe per state, each by the partial index of that state.
    probes = (
        f"NOT EXISTS (SELECT 1 FROM message m WHERE m.campaign_id = c.id AND m.state = '{s.value}')" for s in states
    )
    return " AND ".join(probes)


_NOTHING_TO_SEND = _none_in((MessageState.QUEUED, MessageState.SENDING))
_NOTHING_OPEN = _none_in(sorted(OPEN_STATES))

_CONDITIONS = {
    (CampaignState.RUNNING, CampaignState.SETTLING): _NOTHING_TO_SEND,
    # Whoever paused a campaign wants nothing sent: it moves only when there is nothing left that could be.
    (CampaignState.PAUSED, CampaignState.SETTLING): _NOTHING_OPEN,
    (CampaignState.SETTLING, CampaignState.RUNNING): f"NOT ({_none_in([MessageState.QUEUED])})",
    (CampaignState.SETTLING, CampaignState.COMPLETED): _NOTHING_OPEN,
}

_MOVES = {
    move: text(f"""
        UPDATE campaign c SET state = :target, state_reason = NULL, state_text = NULL,
            ended_at = CASE WHEN :target = '{CampaignState.COMPLETED.value}' THEN CAST(:now AS timestamptz) END
        WHERE c.state = :source AND {condition} RETURNING c.id
    """)
    for move, condition in _CONDITIONS.items()
}

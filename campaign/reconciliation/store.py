"""The SQL of the sweeps: each statement takes a bounded batch, oldest first, by an index made for it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from campaign.reconciliation.absence import Second, Unanswered
from campaign.reconciliation.hearing import Stretch
from models.campaign import UncertainPolicy
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


class Claimed(NamedTuple):
    """When a message was claimed: from an instant on, and before another."""

    since: datetime
    until: datetime


def unanswered(
    session: Session, claimed: Claimed, limit: int, sender_ids: Sequence[int] | None = None
) -> dict[int, list[Unanswered]]:
    """Uncertain messages of a time, at most `limit` of each sender, oldest first, by sender; of all senders or some.

    Left out are senders whose provider does not bring callback data back: their silence proves nothing. Left out, too,
    are campaigns whose owner wants to be asked, and messages that were claimed before a webhook came that could not be
    read and may hold a status: it may be theirs.
    """
    values = claimed._asdict() | {"limit": limit, "senders": None if sender_ids is None else list(sender_ids)}
    found: dict[int, list[Unanswered]] = {}
    for sender_id, *message in session.execute(_UNANSWERED, values):
        found.setdefault(sender_id, []).append(Unanswered(*message))
    return found


# One app posts the events of all its numbers to one address, whichever sender that is named after.
BLIND_UNTIL = """
    SELECT COALESCE(max(e.received_at), '-infinity') AS until FROM webhook_event e JOIN sender other
        ON other.id = e.sender_id AND (other.id = sender.id OR other.app_secret_env = sender.app_secret_env
                                       OR other.webhook_token_env = sender.webhook_token_env)
    WHERE e.error IS NOT NULL AND e.dismissed_at IS NULL AND e.hides
"""

_UNANSWERED = text(f"""
    SELECT sender.id, m.id, m.claimed_at, m.template_id
    FROM sender CROSS JOIN LATERAL ({BLIND_UNTIL}) blind CROSS JOIN LATERAL (
        SELECT message.id, message.claimed_at, COALESCE(message.template_id, campaign.template_id) AS template_id
        FROM message JOIN campaign ON campaign.id = message.campaign_id
        WHERE message.state IN ({_listed(sources(Signal.ABSENCE_PROVEN))}) AND message.sender_id = sender.id
          AND message.claimed_at >= :since AND message.claimed_at < :until AND message.claimed_at > blind.until
          AND campaign.uncertain_policy <> '{UncertainPolicy.ASK.value}'
        ORDER BY message.claimed_at LIMIT :limit
    ) m
    WHERE sender.provider <> '{ProviderKind.D360_ONPREM.value}'
      AND (CAST(:senders AS bigint[]) IS NULL OR sender.id = ANY(CAST(:senders AS bigint[])))
    ORDER BY sender.id, m.claimed_at
""")


class OldDoubt(NamedTuple):
    """A sender with messages long in doubt: the claim of the oldest, and when they were last looked at."""

    sender_id: int
    claimed_at: datetime
    looked_at: datetime | None


def old_doubts(session: Session, claimed_before: datetime) -> list[OldDoubt]:
    """Senders with uncertain messages that were claimed before an instant."""
    return [OldDoubt(*row) for row in session.execute(_OLD_DOUBTS, {"claimed_before": claimed_before})]


_OLD_DOUBTS = text(f"""
    SELECT sender.id, m.claimed_at, sender.doubts_looked_at FROM sender CROSS JOIN LATERAL (
        SELECT claimed_at FROM message
        WHERE state IN ({_listed(sources(Signal.ABSENCE_PROVEN))}) AND sender_id = sender.id
          AND claimed_at < :claimed_before
        ORDER BY claimed_at LIMIT 1
    ) m
""")


def note_look(session: Session, sender_ids: Sequence[int], now: datetime) -> None:
    """Remember when the messages of senders long in doubt were looked at."""
    session.execute(_NOTE_LOOK, {"ids": list(sender_ids), "now": now})


_NOTE_LOOK = text("UPDATE sender SET doubts_looked_at = :now WHERE id = ANY(:ids)")


def unprovable(session: Session, claimed_before: datetime, limit: int) -> list[Unanswered]:
    """Uncertain messages claimed before an instant about which nothing can be proven, and whose owner chose to risk it.

    These are of providers that do not bring callback data back, in campaigns with the policy to resend.
    """
    rows = session.execute(_UNPROVABLE, {"claimed_before": claimed_before, "limit": limit})
    return [Unanswered(*row) for row in rows]


_UNPROVABLE = text(f"""
    SELECT m.id, m.claimed_at
    FROM sender CROSS JOIN LATERAL (
        SELECT message.id, message.claimed_at
        FROM message JOIN campaign ON campaign.id = message.campaign_id
        WHERE message.state = '{MessageState.UNCERTAIN.value}'
          AND message.sender_id = sender.id AND message.claimed_at < :claimed_before
          AND campaign.uncertain_policy = '{UncertainPolicy.RESEND.value}'
        ORDER BY message.claimed_at LIMIT :limit
    ) m
    WHERE sender.provider = '{ProviderKind.D360_ONPREM.value}'
    ORDER BY m.claimed_at LIMIT :limit
""")


def stream(session: Session, sender_id: int, since: datetime) -> list[Second]:
    """What became of the messages of a sender that were accepted after an instant, by second. Held ones left out.

    What Meta's history told says nothing of the webhooks: a message that was asked about counts as not reported.
    """
    rows = session.execute(_STREAM, {"sender_id": sender_id, "since": since})
    return [Second(*row) for row in rows]


# The subquery is fenced off (OFFSET): of an expression over a column the planner expects as many groups as rows, and
# would sort a million of them.
_STREAM = text("""
    SELECT start, count(*), count(*) FILTER (WHERE reported)
    FROM (
        SELECT date_bin('1 second', accepted_at, '2000-01-01 00:00+00') AS start,
               asked_at IS NULL AND COALESCE(sent_at, delivered_at, read_at, failed_at) IS NOT NULL AS reported
        FROM message WHERE sender_id = :sender_id AND accepted_at >= :since AND held_at IS NULL OFFSET 0
    ) accepted
    GROUP BY start ORDER BY start
""")


def heard(session: Session, sender_id: int, since: datetime) -> tuple[list[Stretch], list[Stretch]]:
    """When webhooks of a sender came, and when a receiver stood ready, from an instant on."""
    arrivals: list[Stretch] = []
    pulses: list[Stretch] = []
    for is_pulse, *stretch in session.execute(_HEARD, {"sender_id": sender_id, "since": since}):
        (pulses if is_pulse else arrivals).append(Stretch(*stretch))
    return arrivals, pulses


# Here whoever is taken for one too many proves too much: only what the same secret proves is of one address.
_HEARD = text(f"""
    SELECT sender_id IS NULL, since_at, until_at FROM hearing
    WHERE until_at >= :since AND (sender_id IS NULL OR sender_id IN (
        SELECT other.id FROM sender s JOIN sender other ON other.id = s.id OR (
            other.provider = s.provider
            AND CASE WHEN s.provider = '{ProviderKind.CLOUD.value}' THEN other.app_secret_env = s.app_secret_env
                     ELSE other.webhook_token_env = s.webhook_token_env END
        ) WHERE s.id = :sender_id
    ))
""")


def held_until(session: Session, template_ids: Iterable[int]) -> dict[int, datetime | None]:
    """Of templates of which messages were held: until when, as far as we were told; None where some still are."""
    rows = session.execute(_HELD_UNTIL, {"ids": sorted(set(template_ids))})
    return {template_id: None if held else ended_at for template_id, held, ended_at in rows if held or ended_at}


# A campaign that has completed holds nothing.
_HELD_UNTIL = text(f"""
    SELECT t.id, EXISTS (
        SELECT 1 FROM campaign c CROSS JOIN LATERAL (
            SELECT 1 FROM message m
            WHERE m.campaign_id = c.id AND m.state = '{MessageState.HELD.value}'
              AND COALESCE(m.template_id, c.template_id) = t.id LIMIT 1
        ) m WHERE c.state <> '{CampaignState.COMPLETED.value}'
    ), t.hold_ended_at
    FROM template t WHERE t.id = ANY(:ids)
""")


def requeue(session: Session, proven: Sequence[Unanswered], signal: Signal, now: datetime) -> int:
    """Queue uncertain messages again, their attempt kept as superseded; how many.

    A message of a cancelled campaign is skipped instead. One that changed meanwhile is left alone.

    signal  ABSENCE_PROVEN when the request provably never arrived, SEND_AGAIN when somebody takes the risk
    """
    values = {
        "signal": signal.value,
        "ended_as": ENDS[signal].value,
        "ids": [each.message_id for each in proven],
        "claimed": [each.claimed_at for each in proven],
        "now": now,
    }
    return len(session.execute(_REQUEUE, values).all())


ENDS = {Signal.ABSENCE_PROVEN: AttemptEnd.ABSENT, Signal.SEND_AGAIN: AttemptEnd.SENT_AGAIN}
"""How an attempt is kept that was superseded while uncertain."""

_REQUEUE = text(f"""
    WITH proven AS (
        SELECT m.id, m.campaign_id, m.attempt, m.claimed_at, m.error_code, m.error_text
        FROM unnest(CAST(:ids AS bigint[]), CAST(:claimed AS timestamptz[])) AS p(id, claimed_at)
        JOIN message m ON m.id = p.id AND m.claimed_at = p.claimed_at
        WHERE m.state IN ({_listed(sources(Signal.ABSENCE_PROVEN))})
        ORDER BY m.id FOR UPDATE OF m
    ), kept AS (
        INSERT INTO attempt (message_id, number, ended_as, error_code, error_text, claimed_at, ended_at)
        SELECT id, attempt, :ended_as, error_code, error_text, claimed_at, :now FROM proven
        ON CONFLICT DO NOTHING
    )
    UPDATE message m SET
        state = CASE c.state WHEN '{CampaignState.CANCELLED.value}' THEN '{MessageState.SKIPPED.value}'
                             ELSE '{MessageState.QUEUED.value}' END,
        reason = CASE c.state WHEN '{CampaignState.CANCELLED.value}' THEN '{CampaignState.CANCELLED.value}'
                              ELSE :signal END,
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


def stuck_holds(session: Session, held_before: datetime) -> Sequence[Row[Any]]:
    """Campaigns with messages that are held since before an instant, and since when; the oldest first."""
    return session.execute(_STUCK_HOLDS, {"before": held_before}).all()


_STUCK_HOLDS = text(f"""
    SELECT c.id AS campaign_id, c.name, m.held_at FROM campaign c CROSS JOIN LATERAL (
        SELECT held_at FROM message
        WHERE campaign_id = c.id AND state = '{MessageState.HELD.value}' AND held_at < :before
        ORDER BY held_at LIMIT 1
    ) m ORDER BY m.held_at
""")


_INDEXED: Mapping[frozenset[MessageState], str] = {
    frozenset({MessageState.QUEUED}): "due_at, id",
    frozenset({MessageState.SENDING}): "lease_until",
    frozenset({MessageState.UNCERTAIN}): "sender_id, claimed_at",
    frozenset(sources(Signal.TTL_PASSED)): "expires_at",
}
"""States that share a partial index, and its order."""


def _none_in(states: Iterable[MessageState]) -> str:
    # One probe per partial index: asking state by state would walk a million of one to find none of another. The order
    # is that of the index, or the planner reads the whole table where nearly every message is in these states.
    wanted = frozenset(states)
    groups = [group for group in _INDEXED if group & wanted]
    if frozenset[MessageState]().union(*groups) != wanted:
        raise ValueError(f"no indexes cover just {sorted(wanted)}")
    probes = (
        f"(SELECT 1 FROM message m WHERE m.campaign_id = c.id AND m.state IN ({_listed(sorted(group))}) "
        f"ORDER BY {_INDEXED[group]} LIMIT 1) IS NULL"
        for group in groups
    )
    return " AND ".join(probes)


_NOTHING_TO_SEND = _none_in((MessageState.QUEUED, MessageState.SENDING))
_NOTHING_OPEN = _none_in(sorted(OPEN_STATES))

# A step of a sequence waits for who comes from the step before.
_NOBODY_TO_COME = """NOT EXISTS (
    SELECT 1 FROM sequence_step st JOIN sequence q ON q.id = st.sequence_id AND q.state IN ('running', 'paused')
    WHERE st.campaign_id = c.id AND st.number > 1
)"""

_NOT_PAUSED_AS_A_STEP = """NOT EXISTS (
    SELECT 1 FROM sequence_step st JOIN sequence q ON q.id = st.sequence_id AND q.state = 'paused'
    WHERE st.campaign_id = c.id
)"""

_CONDITIONS = {
    (CampaignState.RUNNING, CampaignState.SETTLING): _NOTHING_TO_SEND,
    # Whoever paused a campaign wants nothing sent: it moves only when there is nothing left that could be.
    (CampaignState.PAUSED, CampaignState.SETTLING): f"{_NOTHING_OPEN} AND {_NOBODY_TO_COME}",
    (CampaignState.SETTLING, CampaignState.RUNNING): (
        f"NOT ({_none_in([MessageState.QUEUED])}) AND {_NOT_PAUSED_AS_A_STEP}"
    ),
    (CampaignState.SETTLING, CampaignState.COMPLETED): f"{_NOTHING_OPEN} AND {_NOBODY_TO_COME}",
}

_MOVES = {
    move: text(f"""
        UPDATE campaign c SET state = :target, state_reason = NULL, state_text = NULL,
            ended_at = CASE WHEN :target = '{CampaignState.COMPLETED.value}' THEN CAST(:now AS timestamptz) END
        WHERE c.state = :source AND {condition} RETURNING c.id
    """)
    for move, condition in _CONDITIONS.items()
}

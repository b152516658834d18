"""The SQL of variants. Which variant a message is of, its template says."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from models import Variant, WinnerRule
from models.states import MessageState


def variants_of(session: Session, campaign_id: int) -> list[Variant]:
    """The variants of a campaign in the order in which they were given."""
    return list(session.scalars(select(Variant).where(Variant.campaign_id == campaign_id).order_by(Variant.number)))


def figures(session: Session, campaign_id: int) -> Sequence[Row[Any]]:
    """Name, share, template, language, and of its messages: all, sent, delivered, read, failed; people who replied."""
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    return session.execute(_FIGURES, {"campaign_id": campaign_id}).all()


# A STOP is no answer to a message that one would want more of.
_REPLIED = (
    """(SELECT true FROM reply r WHERE r.message_id = m.id AND r.kind <> 'preference' AND NOT r.opts_out LIMIT 1)"""
)

_FIGURES = text(f"""
    SELECT v.name, v.share, t.name AS template, t.language, count(m.id) AS messages,
           count(*) FILTER (WHERE m.attempt > 0) AS sent,
           count(COALESCE(m.delivered_at, m.read_at)) AS delivered, count(m.read_at) AS read,
           count(*) FILTER (WHERE m.state IN ('failed', 'dropped')) AS failed,
           count({_REPLIED}) AS replied
    FROM variant v JOIN campaign c ON c.id = v.campaign_id JOIN template t ON t.id = v.template_id
    LEFT JOIN message m ON m.campaign_id = c.id AND COALESCE(m.template_id, c.template_id) = v.template_id
    WHERE v.campaign_id = :campaign_id GROUP BY v.number, v.name, v.share, t.name, t.language ORDER BY v.number
""")


class DueSample(NamedTuple):
    """A sample whose wait is over."""

    campaign_id: int
    measure: str
    confidence: int


def due_samples(session: Session, now: datetime) -> list[DueSample]:
    """Samples whose wait is over, of which no winner was looked for yet.

    locks  their campaigns until the caller commits; those that another process holds are left to it
    """
    return [DueSample(*row) for row in session.execute(_DUE, {"now": now})]


_DUE = text("""
    SELECT c.id, w.measure, w.confidence FROM campaign c JOIN winner_rule w ON w.campaign_id = c.id
    WHERE w.decided_at IS NULL AND c.state = 'paused' AND c.state_reason = 'canary' AND c.canary_until <= :now
    ORDER BY c.id FOR NO KEY UPDATE OF c SKIP LOCKED
""")


class SampleArm(NamedTuple):
    """One variant in a sample: people taken, written to, with it on their device, who read it, who replied."""

    name: str
    taken: int
    sent: int
    delivered: int
    read: int
    replied: int


def sample_of(session: Session, campaign_id: int) -> list[SampleArm]:
    """What became of a sample, by variant."""
    return [SampleArm(*row) for row in session.execute(_SAMPLE, {"campaign_id": campaign_id})]


_SAMPLE = text(f"""
    SELECT v.name, count(m.id), count(*) FILTER (WHERE m.attempt > 0), count(COALESCE(m.delivered_at, m.read_at)),
           count(m.read_at), count({_REPLIED})
    FROM campaign c JOIN variant v ON v.campaign_id = c.id
    LEFT JOIN (SELECT m.* FROM campaign same CROSS JOIN LATERAL unnest(same.canary_ids) AS taken(id)
               JOIN message m ON m.id = taken.id WHERE same.id = :campaign_id) m
         ON COALESCE(m.template_id, c.template_id) = v.template_id
    WHERE c.id = :campaign_id GROUP BY v.number, v.name ORDER BY v.number
""")


def keep_decision(session: Session, campaign_id: int, winner: str | None, words: str, now: datetime) -> bool:
    """Write down what was decided; False when it was before."""
    statement = text("""
        UPDATE winner_rule SET decided_at = :now, winner = :winner, text = :words
        WHERE campaign_id = :campaign_id AND decided_at IS NULL RETURNING 1
    """)
    values: Mapping[str, Any] = {"campaign_id": campaign_id, "winner": winner, "words": words, "now": now}
    return session.execute(statement, values).first() is not None


def give_winner(session: Session, campaign_id: int, winner: str) -> int:
    """Let everybody who was not written to yet get the winner; how many got another variant before.

    locks  their messages until the caller commits
    """
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    return int(session.execute(_GIVE, {"campaign_id": campaign_id, "winner": winner}).scalar_one())


_GIVE = text(f"""
    WITH given AS (
        UPDATE message m SET template_id = v.template_id, parameters = COALESCE((
            SELECT jsonb_object_agg(substr(key, length(v.name) + 2), value)
            FROM jsonb_each(m.parameters) WHERE starts_with(key, v.name || '/')), '{{}}')
        FROM variant v JOIN campaign c ON c.id = v.campaign_id
        WHERE v.campaign_id = :campaign_id AND v.name = :winner AND m.campaign_id = c.id
          AND m.state = '{MessageState.QUEUED.value}' AND m.attempt = 0
          AND COALESCE(m.template_id, c.template_id) <> v.template_id
          AND COALESCE(m.template_id, c.template_id) IN (SELECT template_id FROM variant WHERE campaign_id = c.id)
        RETURNING 1
    )
    SELECT count(*) FROM given
""")


def close_undecided(session: Session, now: datetime, words: str) -> int:
    """Rules whose campaign has gone on for everybody before a decision, or has ended, decide nothing; how many."""
    statement = text("""
        UPDATE winner_rule w SET decided_at = :now, text = :words FROM campaign c
        WHERE c.id = w.campaign_id AND w.decided_at IS NULL
          AND c.launched_at IS NOT NULL AND (c.canary_left IS NULL OR c.state IN ('completed', 'cancelled'))
        RETURNING 1
    """)
    return len(session.execute(statement, {"now": now, "words": words}).all())


def rule_of(session: Session, campaign_id: int) -> WinnerRule | None:
    """The winner rule of a campaign, if it has one."""
    return session.get(WinnerRule, campaign_id)

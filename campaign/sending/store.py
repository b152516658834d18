"""The SQL of sending: which senders have work, claims, and what became of them."""

import json
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from campaign.consent.exclusion_store import EXCLUDED_SQL
from campaign.consent.store import WITHHELD_SQL
from campaign.sending.arrays import array_literal, text_array_literal
from models import Campaign, RecipientUse, Sender, Template
from models.campaign import Campaign as CampaignRow
from models.campaign import Priority
from models.sender import SenderState
from models.states import TRANSITIONS, CampaignState, MessageState, PauseReason, Signal

MAY_SEND = (SenderState.CONNECTED.value, SenderState.FLAGGED.value)


@dataclass(frozen=True, slots=True)
class Claimed:
    """One message under a lease; the claim is committed."""

    id: int
    campaign_id: int
    attempt: int
    phone_e164: str
    parameters: Mapping[str, str]
    retries: int
    phone_identity: str
    template_id: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an attempt taught us at once, ready to be written. Times aware, UTC."""

    message_id: int
    attempt: int
    signal: Signal
    at: datetime
    wamid: str | None = None
    wa_id: str | None = None
    expires_at: datetime | None = None
    due_at: datetime | None = None
    punished: bool = False
    reason: str | None = None
    error_code: int | None = None
    error_text: str | None = None


def senders_with_work(session: Session, now: datetime) -> list[int]:
    """Ids of senders that may send and have a message due in a running campaign. One index probe per campaign."""
    return list(session.scalars(_SENDERS_WITH_WORK, {"now": now, "may_send": list(MAY_SEND)}))


_SENDERS_WITH_WORK = text("""
    SELECT DISTINCT c.sender_id
    FROM campaign c JOIN sender s ON s.id = c.sender_id AND s.state = ANY(:may_send)
    WHERE c.state = 'running'
      AND EXISTS (SELECT 1 FROM message m WHERE m.campaign_id = c.id AND m.state = 'queued' AND m.due_at <= :now)
""")


def running_campaigns(session: Session, sender_id: int) -> list[tuple[CampaignRow, Template]]:
    """The running campaigns of a sender with their templates."""
    rows = session.execute(
        select(Campaign, Template)
        .join(Template, Template.id == Campaign.template_id)
        .where(Campaign.sender_id == sender_id, Campaign.state == CampaignState.RUNNING)
        .order_by(Campaign.id)
    )
    return [(campaign, template) for campaign, template in rows]


def templates_by_id(session: Session, ids: Collection[int]) -> dict[int, Template]:
    """Templates by id."""
    if not ids:
        return {}
    return {template.id: template for template in session.scalars(select(Template).where(Template.id.in_(ids)))}


def find_sender(session: Session, sender_id: int) -> Sender | None:
    """A sender by id, when it may send."""
    sender = session.get(Sender, sender_id)
    return sender if sender is not None and sender.state in MAY_SEND else None


def claim_due(
    session: Session,
    shares: Mapping[int, int],
    *,
    limit: int,
    now: datetime,
    lease: timedelta,
    leaves_within: timedelta = timedelta(0),
) -> tuple[list[Claimed], int]:
    """Claim messages that are due: the write-ahead before any request leaves. Commit before sending.

    shares   campaign id to the most it may give now; campaigns take turns by priority, each oldest due first
    leaves_within  what is claimed may leave so late; nothing is claimed that a deadline or a closing comes before
    returns  at most `limit` messages, and how many others were looked at: withheld by the gate (skipped with their
             reason), or put off since the platform spares their person marketing for now, or their window is closed
    writes   state, attempt + 1, claimed_at and lease_until of the messages returned
    locks    the rows considered, SKIP LOCKED, until the caller commits
    """
    values = {
        "now": now,
        "lease_until": now + lease,
        "may_send": list(MAY_SEND),
        "weights": json.dumps(WEIGHTS),
        "gone_by": now + leaves_within,
    }
    block = max(1, limit // FEW_CAMPAIGNS) if len(shares) > FEW_CAMPAIGNS else 1
    rows = _claim(session, values, shares, limit, Turns(block, block, math.ceil(limit / block)))
    if len(rows) < limit < len(shares) * block:
        # Not all were asked, or not for all they have.
        rows += _claim(session, values, _left(shares, rows), limit - len(rows), Turns())
    if len(rows) < limit:
        # Some had less than their turns: what they leave goes to those that may have more.
        given = Counter(row.campaign_id for row in rows)
        left = {id_: most for id_, most in _left(shares, rows).items() if given[id_] >= Turns().spare}
        rows += _claim(session, values, left, limit - len(rows), Turns(spare=limit)) if left else []
    claimed = [Claimed(*row[:-1]) for row in rows if row.state == MessageState.SENDING]
    return claimed, len(rows) - len(claimed)


FEW_CAMPAIGNS = 12
"""Where more are running a claim asks about so many, drawn anew each time, for several messages each: a message costs
the same with a hundred campaigns as with one."""


class Turns(NamedTuple):
    """How campaigns take turns: for `block` messages at a time, `asked` of them at most (None: all).

    spare  so many messages more than its part of the limit the head start may bring a campaign
    """

    block: int = 1
    spare: int = 1
    asked: int | None = None


def _left(shares: Mapping[int, int], rows: Sequence[Any]) -> dict[int, int]:
    given = Counter(row.campaign_id for row in rows)
    return {id_: most - given[id_] for id_, most in shares.items() if most > given[id_]}


def _claim(
    session: Session, values: Mapping[str, Any], shares: Mapping[int, int], limit: int, turns: Turns
) -> list[Any]:
    given = {"campaigns": array_literal(list(shares)), "shares": array_literal(list(shares.values())), "limit": limit}
    return list(session.execute(_CLAIM, {**values, **given, **turns._asdict()}).all())


_OF_DUE = ("due.phone_identity", "due.category", "CAST(:now AS timestamptz)")
_WITHHELD = f"COALESCE({WITHHELD_SQL(*_OF_DUE)}, {EXCLUDED_SQL(*_OF_DUE, campaign_id='due.campaign_id')})"

# One probe of the primary key; a person whom the platform spares marketing waits, whichever campaign it was about.
_CAPPED_UNTIL = """(
    SELECT cap.until FROM marketing_cap cap WHERE cap.phone_identity = due.phone_identity AND cap.until > :now
)"""

# One probe of the primary key. Where no opening is written down, nobody is written to; a later claim asks again.
_OPENS_AT = """COALESCE((
    SELECT o.opens_at FROM opening o
    WHERE o.campaign_id = due.campaign_id AND o.zone_group = due.zone_group AND o.closes_at > :gone_by
    ORDER BY o.closes_at LIMIT 1
), CAST(:now AS timestamptz) + interval '1 hour')"""

WEIGHTS = {Priority.LOW.value: 1, Priority.NORMAL.value: 4, Priority.HIGH.value: 16}
"""While all are busy, a campaign of one priority gives so many messages for one of a low campaign."""

# The turn comes first in the order: with two campaigns of one priority, each gives its oldest, then each its second.
# One of weight 4 has four turns for every turn of weight 1. The head start is drawn anew for each claim: where claims
# are small, the lowest would otherwise never come to its first turn. While all are busy none comes to more than its
# part of the limit by weight, and a little, so no more rows than that are locked. With many campaigns a turn is a block
# of messages, and those whose first turn would come too late for the limit are not asked.
_CLAIM = text(f"""
    WITH due AS (
        SELECT q.id, q.phone_identity, q.zone_group, share.campaign_id, share.category, share.deadline_at,
               (ceil(row_number() OVER (PARTITION BY share.campaign_id ORDER BY q.due_at, q.id)
                     / CAST(:block AS float)) - share.head_start) / share.weight AS turn
        FROM (
            SELECT c.id AS campaign_id, c.category, c.deadline_at, given.head_start, w.weight,
                   CAST(LEAST(given.most, floor(:limit * w.weight / sum(w.weight) OVER ()) + :spare) AS int) AS most
            FROM (SELECT campaign_id, most, random() AS head_start
                  FROM unnest(CAST(:campaigns AS bigint[]), CAST(:shares AS int[])) AS given(campaign_id, most)
                  OFFSET 0) AS given
            JOIN campaign c ON c.id = given.campaign_id AND c.state = 'running'
            JOIN sender s ON s.id = c.sender_id AND s.state = ANY(:may_send)
            CROSS JOIN LATERAL (SELECT CAST(CAST(:weights AS jsonb) ->> c.priority AS float)) AS w(weight)
            ORDER BY (1 - given.head_start) / w.weight LIMIT :asked
        ) AS share
        CROSS JOIN LATERAL (
            SELECT m.id, m.phone_identity, m.due_at, m.zone_group
            FROM message m
            WHERE m.campaign_id = share.campaign_id AND m.state = 'queued' AND m.due_at <= :now
            ORDER BY m.due_at, m.id
            LIMIT share.most
            FOR UPDATE SKIP LOCKED
        ) q
    ), chosen AS MATERIALIZED (
        SELECT due.id,
               CASE WHEN due.deadline_at <= :gone_by THEN 'deadline' ELSE {_WITHHELD} END AS withheld,
               CASE WHEN due.category = 'marketing' THEN {_CAPPED_UNTIL} END AS capped_until,
               CASE WHEN due.zone_group IS NOT NULL THEN {_OPENS_AT} END AS opens_at
        FROM due ORDER BY turn, id LIMIT :limit
    ), judged AS (
        SELECT id, withheld, capped_until, opens_at,
               CASE WHEN withheld IS NOT NULL THEN 'skipped' WHEN capped_until IS NOT NULL OR opens_at > :now
                    THEN 'queued' ELSE 'sending' END AS state
        FROM chosen
    )
    UPDATE message m
    SET state = j.state,
        attempt = m.attempt + CASE WHEN j.state = 'sending' THEN 1 ELSE 0 END,
        claimed_at = CASE WHEN j.state = 'sending' THEN CAST(:now AS timestamptz) ELSE m.claimed_at END,
        lease_until = CASE WHEN j.state = 'sending' THEN CAST(:lease_until AS timestamptz) END,
        due_at = CASE WHEN j.state = 'queued' THEN GREATEST(j.capped_until, j.opens_at) ELSE m.due_at END,
        reason = CASE WHEN j.state <> 'queued' THEN j.withheld
                      WHEN j.capped_until IS NOT NULL THEN 'retry_increasing' ELSE m.reason END
    FROM judged j WHERE m.id = j.id
    RETURNING m.id, m.campaign_id, m.attempt, m.phone_e164, m.parameters, m.retries, m.phone_identity,
              m.template_id, m.state
""")


def record_outcomes(session: Session, outcomes: Sequence[Recorded]) -> int:
    """Write what attempts taught us, in one statement.

    A webhook may have been faster: then the state stays where the table of moves leaves it, and only what was unknown
    is filled in. An attempt that a newer one superseded changes nothing here.

    returns  how many messages changed
    locks    the messages, in the order of their ids
    """
    if not outcomes:
        return 0
    ordered = sorted(outcomes, key=_BY_MESSAGE)
    columns = zip(*map(_VALUES, ordered), strict=True)
    written = {name: _array(name, values) for name, values in zip(_COLUMNS, columns, strict=True)}
    changed: int = session.execute(_RECORD, written).scalar_one()
    return changed


def _array(name: str, values: Sequence[Any]) -> str:
    if values.count(None) == len(values):
        return "{}"  # `unnest` fills a shorter column up with NULL
    return array_literal(values) if name in _ARRAY_TYPES else text_array_literal(values)


_COLUMNS = [field.name for field in fields(Recorded)]
_VALUES = attrgetter(*_COLUMNS)
_BY_MESSAGE = attrgetter("message_id")

RECORD_SIGNALS = (
    Signal.ACCEPT,
    Signal.HOLD,
    Signal.REFUSE,
    Signal.RETRY_LATER,
    Signal.NO_ANSWER,
    Signal.NOT_SENT,
)


def _target_sql() -> str:
    """The table of moves as a CASE, so that Python and SQL cannot drift."""
    whens = [
        f"WHEN o.signal = '{t.on.value}' AND m.state = '{t.source.value}' THEN '{t.target.value}'"
        for t in TRANSITIONS
        if t.on in RECORD_SIGNALS
    ]
    return f"CASE {' '.join(whens)} ELSE m.state END"


_ARRAY_TYPES: Mapping[str, str] = {
    "message_id": "bigint",
    "attempt": "smallint",
    "at": "timestamptz",
    "expires_at": "timestamptz",
    "due_at": "timestamptz",
    "punished": "boolean",
    "error_code": "int",
}
_ARRAYS = ", ".join(f"CAST(:{name} AS {_ARRAY_TYPES.get(name, 'text')}[])" for name in _COLUMNS)

# What an earlier attempt failed of no longer matters once the platform has taken the message.
_TAKEN = "t.signal IN ('accept', 'hold') AND t.state NOT IN ('failed', 'dropped')"

_RECORD = text(f"""
    WITH outcome AS (
        SELECT * FROM unnest({_ARRAYS}) AS o({", ".join(_COLUMNS)})
    ), target AS (
        SELECT o.*, {_target_sql()} AS state, m.claimed_at
        FROM outcome o JOIN message m ON m.id = o.message_id AND m.attempt = o.attempt AND m.state <> 'queued'
        ORDER BY m.id FOR UPDATE OF m
    ), moved AS (
        UPDATE message m SET
            state = t.state,
            attempt = m.attempt - CASE WHEN t.signal = 'not_sent' AND t.state = 'queued' THEN 1 ELSE 0 END,
            retries = m.retries + CASE WHEN t.punished AND t.state = 'queued' THEN 1 ELSE 0 END,
            due_at = CASE WHEN t.state = 'queued' THEN COALESCE(t.due_at, m.due_at) ELSE m.due_at END,
            lease_until = NULL,
            claimed_at = CASE WHEN t.state = 'queued' THEN NULL ELSE m.claimed_at END,
            uncertain_at = CASE WHEN t.state = 'uncertain' THEN COALESCE(m.uncertain_at, t.at) ELSE NULL END,
            wamid = COALESCE(m.wamid, t.wamid),
            wa_id = COALESCE(t.wa_id, m.wa_id),
            accepted_at = CASE WHEN t.signal = 'accept' THEN LEAST(m.accepted_at, t.at) ELSE m.accepted_at END,
            held_at = CASE WHEN t.signal = 'hold' THEN LEAST(m.held_at, t.at) ELSE m.held_at END,
            failed_at = CASE WHEN t.state = 'failed' THEN LEAST(m.failed_at, t.at) ELSE m.failed_at END,
            expires_at = COALESCE(m.expires_at, t.expires_at),
            reason = CASE WHEN {_TAKEN} THEN NULL ELSE COALESCE(t.reason, m.reason) END,
            error_code = CASE WHEN {_TAKEN} THEN NULL ELSE COALESCE(t.error_code, m.error_code) END,
            error_text = CASE WHEN {_TAKEN} THEN NULL ELSE COALESCE(t.error_text, m.error_text) END
        FROM target t WHERE m.id = t.message_id
        RETURNING t.*
    ), superseded AS (
        INSERT INTO attempt (message_id, number, ended_as, error_code, error_text, claimed_at, ended_at)
        SELECT message_id, attempt, 'refused', error_code, error_text, claimed_at, at
        FROM moved WHERE signal = 'retry_later' AND state = 'queued'
        ON CONFLICT DO NOTHING
    )
    SELECT count(*) FROM moved
""")


def skip_of_cancelled(session: Session, message_ids: Collection[int]) -> None:
    """Withhold those of messages put back just now whose campaign was cancelled while they were claimed.

    locks  their campaigns, shared: a cancellation under way ends before, or finds them queued
    """
    campaigns = "SELECT DISTINCT campaign_id FROM message WHERE id = ANY(CAST(:ids AS bigint[]))"
    session.execute(
        text(f"""
            WITH known AS (SELECT id, state FROM campaign WHERE id IN ({campaigns}) ORDER BY id FOR SHARE)
            UPDATE message m SET state = 'skipped', reason = 'cancelled' FROM known
            WHERE m.id = ANY(CAST(:ids AS bigint[])) AND m.campaign_id = known.id
              AND known.state = 'cancelled' AND m.state = 'queued'
        """),
        {"ids": array_literal(list(message_ids))},
    )


def lock_portfolio(session: Session, portfolio: str) -> None:
    """Let one transaction at a time count and claim within a messaging limit; the lock goes with the transaction."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"portfolio {portfolio}"})


def recipients_counted(session: Session, portfolio: str, now: datetime) -> int:
    """People who count for a portfolio's messaging limit at `now`."""
    counted = select(func.count()).where(RecipientUse.portfolio == portfolio, RecipientUse.last_at > now - DAY)
    return session.execute(counted).scalar_one()


def count_recipients(session: Session, portfolio: str, identities: Sequence[str], now: datetime) -> None:
    """Count people for a portfolio's messaging limit, but for those inside an open service window."""
    session.execute(_COUNT_RECIPIENTS, {"portfolio": portfolio, "identities": list(identities), "now": now, "day": DAY})


DAY = timedelta(hours=24)

_COUNT_RECIPIENTS = text("""
    INSERT INTO recipient_use (portfolio, phone_identity, last_at)
    SELECT :portfolio, person.identity, :now
    FROM unnest(CAST(:identities AS text[])) AS person(identity)
    WHERE NOT EXISTS (
        SELECT 1 FROM contact c
        WHERE c.phone_identity = person.identity
          AND c.last_inbound_at > CAST(:now AS timestamptz) - CAST(:day AS interval)
    )
    ORDER BY person.identity
    ON CONFLICT (portfolio, phone_identity) DO UPDATE SET last_at = excluded.last_at
""")


def senders_out_of_tier(session: Session) -> list[Sender]:
    """Senders with campaigns that wait for their portfolio's messaging limit."""
    waiting = select(Campaign.sender_id).where(
        Campaign.state == CampaignState.PAUSED, Campaign.state_reason == PauseReason.TIER_EXHAUSTED
    )
    return list(session.scalars(select(Sender).where(Sender.id.in_(waiting))))


def running_ids(session: Session, sender_id: int) -> list[int]:
    """Ids of a sender's running campaigns."""
    of_sender = select(Campaign.id).where(Campaign.sender_id == sender_id, Campaign.state == CampaignState.RUNNING)
    return list(session.scalars(of_sender))

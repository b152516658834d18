"""The SQL of replies."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

CLOCK_SKEW = timedelta(seconds=5)
"""The platform's clock is in whole seconds, and need not be ours: an answer may seem to precede its message."""


class HeardReply(NamedTuple):
    """An answer before it is known what it answers.

    sender_id    at whose address it was posted
    identity     of the person, where the phone is known
    wamid        the message that it refers to
    campaign_id  that its payload names
    """

    inbound_id: str
    sender_id: int
    identity: str | None
    wamid: str | None
    campaign_id: int | None
    kind: str
    text: str | None
    payload: str | None
    opts_out: bool
    at: datetime


def add_replies(session: Session, heard: Sequence[HeardReply], window: timedelta) -> int:
    """Write the answers that belong to a campaign of a sender whose webhooks prove their origin by the same secret.

    returns  how many are new; one that is known, or belongs to no campaign, changes nothing
    """
    columns = dict(zip(HeardReply._fields, map(list, zip(*heard, strict=True)), strict=True))
    return len(session.execute(_ADD_REPLIES, columns | {"window": window, "skew": CLOCK_SKEW}).all())


_ADD_REPLIES = text("""
    WITH heard AS (
        SELECT * FROM unnest(
            CAST(:inbound_id AS text[]), CAST(:sender_id AS bigint[]), CAST(:identity AS text[]),
            CAST(:wamid AS text[]), CAST(:campaign_id AS bigint[]), CAST(:kind AS text[]), CAST(:text AS text[]),
            CAST(:payload AS text[]), CAST(:opts_out AS boolean[]), CAST(:at AS timestamptz[])
        ) AS h(inbound_id, sender_id, identity, wamid, campaign_id, kind, text, payload, opts_out, at)
    ),
    trusted AS (
        SELECT s.id AS of_id, other.id AS sender_id
        FROM sender s JOIN sender other ON other.id = s.id OR (
            other.provider = s.provider
            AND CASE WHEN s.provider = 'cloud' THEN other.app_secret_env = s.app_secret_env
                     ELSE other.webhook_token_env = s.webhook_token_env END
        )
        WHERE s.id = ANY(CAST(:sender_id AS bigint[]))
    ),
    found AS (
        SELECT h.inbound_id, 1 AS place, 'context' AS attributed_by, m.id, m.campaign_id, m.sender_id, m.claimed_at
        FROM heard h JOIN message m ON m.wamid = h.wamid
        UNION ALL
        SELECT h.inbound_id, 1, 'context', m.id, m.campaign_id, m.sender_id, m.claimed_at
        FROM heard h JOIN attempt a ON a.wamid = h.wamid JOIN message m ON m.id = a.message_id
        UNION ALL
        SELECT h.inbound_id, 2, 'payload', m.id, m.campaign_id, m.sender_id, m.claimed_at
        FROM heard h JOIN message m ON m.campaign_id = h.campaign_id AND m.phone_identity = h.identity
        UNION ALL
        SELECT h.inbound_id, 3, 'window', m.id, m.campaign_id, m.sender_id, m.claimed_at
        FROM heard h JOIN trusted t ON t.of_id = h.sender_id
        JOIN campaign c ON c.sender_id = t.sender_id AND c.launched_at <= h.at + CAST(:skew AS interval)
             AND (c.ended_at IS NULL OR c.ended_at >= h.at - CAST(:window AS interval))
        JOIN message m ON m.campaign_id = c.id AND m.phone_identity = h.identity
        WHERE m.attempt > 0
          AND m.claimed_at BETWEEN h.at - CAST(:window AS interval) AND h.at + CAST(:skew AS interval)
    )
    INSERT INTO reply (inbound_id, campaign_id, message_id, kind, text, payload, attributed_by, opts_out, received_at)
    SELECT DISTINCT ON (h.inbound_id) h.inbound_id, f.campaign_id, f.id, h.kind, h.text, h.payload, f.attributed_by,
           h.opts_out, h.at
    FROM heard h JOIN found f ON f.inbound_id = h.inbound_id
    JOIN trusted t ON t.of_id = h.sender_id AND t.sender_id = f.sender_id
    ORDER BY h.inbound_id, f.place, f.claimed_at DESC NULLS LAST, f.id
    ON CONFLICT (inbound_id) DO NOTHING
    RETURNING 1
""")


class ReplyCount(NamedTuple):
    """Replies to a campaign of one kind: how many, of how many people, and how many of them opted out."""

    kind: str
    replies: int
    people: int
    opted_out: int


def count_replies(session: Session, campaign_id: int) -> list[ReplyCount]:
    """Replies to a campaign by kind, the most frequent first."""
    return [ReplyCount(*row) for row in session.execute(_COUNT, {"campaign_id": campaign_id})]


_COUNT = text("""
    SELECT kind, count(*) AS replies, count(DISTINCT message_id) AS people,
           count(DISTINCT message_id) FILTER (WHERE opts_out) AS opted_out
    FROM reply WHERE campaign_id = :campaign_id GROUP BY kind ORDER BY 2 DESC, 1
""")


class Replied(NamedTuple):
    """People who answered a campaign in words or by a button, their replies, and people who opted out in any way."""

    people: int
    replies: int
    opted_out: int


def people_who_replied(session: Session, campaign_id: int) -> Replied:
    """How many people answered a campaign."""
    return Replied(*session.execute(_PEOPLE, {"campaign_id": campaign_id}).one())


def replies_words(found: Replied) -> str | None:
    """`167 people replied; 99 opted out in answer.`, or nothing where nobody answered."""
    if not found.people and not found.opted_out:
        return None
    replied = "1 person replied" if found.people == 1 else f"{found.people:,} people replied"
    return f"{replied}; {found.opted_out:,} opted out in answer."


_PEOPLE = text("""
    SELECT count(DISTINCT message_id) FILTER (WHERE kind <> 'preference') AS people,
           count(*) FILTER (WHERE kind <> 'preference') AS replies,
           count(DISTINCT message_id) FILTER (WHERE opts_out) AS opted_out
    FROM reply WHERE campaign_id = :campaign_id
""")

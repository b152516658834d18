"""The SQL of proof: for each message of a campaign, the consent event that was in force when it was claimed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

FETCHED_AT_ONCE = 5_000


def proofs(session: Session, campaign_id: int, identity: str | None, now: datetime) -> Iterator[Row[Any]]:
    """Messages in the order of the list, each with what allowed it, through a server-side cursor.

    identity  only this person's
    """
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    values = {"campaign_id": campaign_id, "identity": identity, "now": now}
    options = {"stream_results": True, "yield_per": FETCHED_AT_ONCE}
    yield from session.execute(_PROOFS, values, execution_options=options)


# An event counts when it was known by then: one that was recorded later proves nothing about the claim. Half a second
# is between the clocks of the engine, which claims, and of the database, which records.
_PROOFS = text("""
    SELECT message.row_number, message.phone_e164 AS phone, campaign.category, message.state, message.reason,
           message.attempt AS requests, message.claimed_at, message.wamid,
           event.id AS event_id, event.action, event.category AS event_category, event.source, event.proof,
           event.occurred_at, event.recorded_by, event.recorded_at,
           seal.id AS seal_id, encode(seal.digest, 'hex') AS seal_digest
    FROM message JOIN campaign ON campaign.id = message.campaign_id
    LEFT JOIN LATERAL (
        SELECT * FROM consent_event AS said
        WHERE said.phone_identity = message.phone_identity AND said.category IN (campaign.category, 'all')
          AND said.recorded_at <= COALESCE(message.claimed_at, CAST(:now AS timestamptz)) + interval '500 ms'
          AND said.occurred_at <= COALESCE(message.claimed_at, CAST(:now AS timestamptz))
        ORDER BY said.occurred_at DESC, said.action DESC, said.id DESC LIMIT 1
    ) AS event ON true
    LEFT JOIN LATERAL (
        SELECT sealed.id, sealed.digest FROM consent_seal AS sealed
        WHERE sealed.first_id <= event.id ORDER BY sealed.first_id DESC LIMIT 1
    ) AS seal ON EXISTS (SELECT FROM consent_seal AS range WHERE range.id = seal.id AND range.last_id >= event.id)
    WHERE message.campaign_id = :campaign_id
      AND (CAST(:identity AS text) IS NULL OR message.phone_identity = :identity)
    ORDER BY message.row_number
""")

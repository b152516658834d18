"""Many rows at once, made by the database itself."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from models import Campaign
from tests.factories import make_campaign, make_sender, make_template

MESSAGES = text("""
    INSERT INTO message (campaign_id, sender_id, row_number, phone_identity, phone_e164, name, parameters, state,
                         due_at, queued_at)
    SELECT :campaign, :sender, n, '52' || (5500000000 + n), '+52' || (5500000000 + n), 'Ann',
           '{"body.1": "Ann", "body.2": "15%"}', 'queued', now() - interval '1 minute', now()
    FROM generate_series(:first + 1, :first + :count) n
""")
CONSENT = text("""
    INSERT INTO consent_event (phone_identity, phone_e164, category, action, source, occurred_at, recorded_by)
    SELECT '52' || (5500000000 + n), '+52' || (5500000000 + n), 'marketing', 'opt_in', 'bench',
           now() - interval '1 day', 'bench'
    FROM generate_series(:first + 1, :first + :count) n
""")


def bulk_campaign(session: Session, count: int, *, name: str, **sender_values: Any) -> Campaign:
    """A running campaign of `count` consenting, invented people with a sender of its own."""
    sender = make_sender(session, name, **sender_values)
    campaign = make_campaign(session, sender, make_template(session, sender, account=name), name)
    fill_campaign(session, campaign, count)
    return campaign


def fill_campaign(session: Session, campaign: Campaign, count: int, first: int = 0) -> None:
    """Add `count` consenting, invented people, due now; `first` is how many were added before."""
    people = {"count": count, "first": first}
    session.execute(MESSAGES, {"campaign": campaign.id, "sender": campaign.sender_id} | people)
    session.execute(CONSENT, people)
    session.execute(text("ANALYZE message, consent_event"))

"""Everything that is held of one person, as they may ask to see it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.consent import suppressions
from campaign.consent.ledger import PersonRecord, show
from campaign.contacts import store
from campaign.contacts.changed_numbers import other_numbers
from models.people import Contact

_OF_CONTACT = ("name", "region", "time_zone", "wa_id", "user_id", "last_inbound_at", "created_at", "updated_at")
_OF_EVENT = ("id", "category", "action", "source", "proof", "occurred_at", "recorded_by", "recorded_at")
_OF_BAN = ("category", "reason", "source", "until", "created_at")
_OF_CHANGE = ("action", "category", "reason", "source", "until", "why", "recorded_by", "recorded_at")


def person(session: Session, phone_text: str, *, now: datetime, region: str | None = None) -> Mapping[str, Any]:
    """Contact, attributes, consent, suppressions, messages and replies of one person, and their other numbers.

    raises  UsageError when the phone cannot be read
    """
    record: PersonRecord = show(session, phone_text, now=now, region=region)
    identity = record.phone.identity
    contact = session.scalar(select(Contact).where(Contact.phone_identity == identity))
    changes = suppressions.history(session, record.phone.e164)
    others = other_numbers(session, record.phone)
    return {
        "phone": record.phone.e164,
        "contact": None if contact is None else {name: getattr(contact, name) for name in _OF_CONTACT},
        "attributes": {} if contact is None else contact.attributes,
        "other_numbers": [asdict(each) for each in others.known],
        "perhaps_theirs": [{"phone": phone} for phone in others.perhaps],
        "known_as": [dict(row._mapping) for row in store.known_as(session, identity)],
        "may_write": {name: getattr(how, "reason", "allowed") for name, how in record.decisions.items()},
        "consent": [{name: getattr(event, name) for name in _OF_EVENT} for event in record.events],
        "suppressions": [{name: getattr(ban, name) for name in _OF_BAN} for ban in record.suppressions],
        "suppression_history": [{name: getattr(change, name) for name in _OF_CHANGE} for change in changes],
        "messages": [dict(row._mapping) for row in store.messages_to(session, identity)],
        "replies": [dict(row._mapping) for row in store.replies_of(session, identity)],
        "erased_at": record.erased_at,
    }

"""Events and bans for tests, and ways to look at what is recorded."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.consent.gate import Allowed
from campaign.consent.ledger import show
from models.people import ConsentEvent, Suppression
from tests.factories import NOON

ANA, BOB, EVA = "+525555551234", "+12025550143", "+447700900123"


def event(phone: str, action: str, occurred_at: datetime, category: str = "marketing") -> ConsentEvent:
    return ConsentEvent(
        phone_identity=phone.lstrip("+"),
        phone_e164=phone,
        category=category,
        action=action,
        source="test",
        occurred_at=occurred_at,
        recorded_by="test",
    )


def ban(phone: str, category: str, until: datetime | None, reason: str = "manual") -> Suppression:
    return Suppression(
        phone_identity=phone.lstrip("+"),
        phone_e164=phone,
        category=category,
        reason=reason,
        source="test",
        until=until,
    )


def recorded(session: Session) -> list[tuple[str, str, str, str]]:
    """Every event as phone, category, action and source, in the order of their entry."""
    columns = (ConsentEvent.phone_e164, ConsentEvent.category, ConsentEvent.action, ConsentEvent.source)
    return [tuple(row) for row in session.execute(select(*columns).order_by(ConsentEvent.id))]


def allowed(session: Session, phone: str, now: datetime = NOON + timedelta(days=1)) -> set[str]:
    """The categories in which a person may be written to."""
    decisions = show(session, phone, now=now).decisions
    return {category.value for category, decision in decisions.items() if decision == Allowed()}

"""Rows for tests: each function adds one thing with sensible values and takes what matters as keywords."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models import Campaign, ConsentEvent, Message, Sender, Template
from models.states import CampaignState, MessageState

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TEXT_COMPONENTS: list[dict[str, Any]] = [
    {"type": "BODY", "text": "Hi {{1}}, your code saves {{2}} until Sunday."},
    {"type": "FOOTER", "text": "Reply STOP to opt out"},
]


def make_sender(session: Session, name: str = "shop", **given: Any) -> Sender:
    """A connected Cloud sender of 80 messages a second."""
    values: dict[str, Any] = {
        "provider": "cloud",
        "base_url": "http://127.0.0.1:9/v23.0",
        "phone_number_id": "100000000000020",
        "waba_id": "100000000000010",
        "account": "100000000000010",
        "portfolio": "100000000000010",
        "token_env": "TEST_TOKEN",
        "app_secret_env": "TEST_APP_SECRET",
        "webhook_token_env": "TEST_VERIFY_TOKEN",
        "rate_mps": 80,
    }
    sender = Sender(name=name, **values | given)
    session.add(sender)
    session.flush()
    return sender


def make_template(session: Session, sender: Sender, name: str = "spring_sale", **given: Any) -> Template:
    """An approved marketing template with two positional values."""
    values: dict[str, Any] = {
        "account": sender.account,
        "language": "en_US",
        "category": "marketing",
        "status": "APPROVED",
        "parameter_format": "POSITIONAL",
        "components": TEXT_COMPONENTS,
        "synced_at": NOON,
    }
    template = Template(name=name, **values | given)
    session.add(template)
    session.flush()
    return template


def make_campaign(session: Session, sender: Sender, template: Template, name: str = "spring", **given: Any) -> Campaign:
    """A running campaign."""
    values: dict[str, Any] = {
        "category": template.category,
        "mapping": {"body.1": {"column": "name"}, "body.2": {"text": "15%"}},
        "state": CampaignState.RUNNING,
        "launched_at": NOON,
        # The phones of fiction are American.
        "us_marketing": True,
    }
    campaign = Campaign(name=name, sender_id=sender.id, template_id=template.id, **values | given)
    session.add(campaign)
    session.flush()
    return campaign


def fiction_phone(number: int) -> str:
    """A phone of the ranges reserved for fiction: +1 NPA 555 01XX, one hundred per area code."""
    area, last = divmod(number, 100)
    return f"+1{AREA_CODES[area]}55501{last:02d}"


AREA_CODES = [
    code for code in range(201, 990) if code % 100 // 10 != 9 and code % 100 != 11 and code not in {710, 456, 500}
]


def make_messages(session: Session, campaign: Campaign, count: int, *, first: int = 0, **given: Any) -> list[int]:
    """`count` messages of a campaign, due at noon, to phones of fiction; ids in row order."""
    phones = [fiction_phone(first + number) for number in range(count)]
    common = {
        "campaign_id": campaign.id,
        "sender_id": campaign.sender_id,
        "name": "Ann",
        "parameters": {"body.1": "Ann", "body.2": "15%"},
        "state": MessageState.QUEUED,
        "due_at": NOON,
        "queued_at": NOON,
    } | given
    rows = [
        common | {"row_number": first + number + 1, "phone_identity": phone.lstrip("+"), "phone_e164": phone}
        for number, phone in enumerate(phones)
    ]
    return (
        list(session.scalars(insert(Message).returning(Message.id, sort_by_parameter_order=True), rows)) if rows else []
    )


def grant(session: Session, phones: Sequence[str], category: str = "marketing", **given: Any) -> None:
    """An opt-in for each phone, a day before noon."""
    values = {
        "category": category,
        "action": "opt_in",
        "source": "test",
        "occurred_at": NOON - timedelta(days=1),
        "recorded_by": "test",
    } | given
    session.execute(insert(ConsentEvent), [values | {"phone_identity": p.lstrip("+"), "phone_e164": p} for p in phones])


def withdraw(session: Session, phones: Sequence[str], category: str = "marketing", **given: Any) -> None:
    """An opt-out for each phone, an hour before noon."""
    grant(session, phones, category, **{"action": "opt_out", "occurred_at": NOON - timedelta(hours=1)} | given)

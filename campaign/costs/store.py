"""The SQL of costs."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaign.consent.store import WITHHELD_SQL
from campaign.costs.card_file import CardLine
from campaign.costs.countries import COUNTRY_PREFIX
from models.price import Price
from models.states import OPEN_STATES, MessageState


def prices(session: Session) -> Sequence[Price]:
    """Every price of the rate card, by place, category and first day."""
    in_order = select(Price).order_by(Price.place, Price.category, Price.valid_from)
    return session.scalars(in_order, execution_options={"populate_existing": True}).all()


def save_prices(session: Session, lines: Sequence[CardLine]) -> None:
    """Write prices; one of the same place, category and first day takes the new values."""
    statement = insert(Price)
    changed = {name: statement.excluded[name] for name in ("countries", "amount", "currency", "valid_to")}
    session.execute(
        statement.on_conflict_do_update(index_elements=["place", "category", "valid_from"], set_=changed),
        [asdict(line) | {"countries": list(line.countries)} for line in lines],
    )


def forget_prices(session: Session) -> None:
    """Empty the rate card."""
    session.execute(delete(Price).execution_options(synchronize_session=False))


class ToSend(NamedTuple):
    """Messages that would leave now, to one country in one category: one of the phones, and whether each has an open
    service window."""

    phone: str
    category: str
    window_open: bool
    messages: int


def to_send(session: Session, campaign_id: int, category: str, now: datetime, ask_windows: bool) -> list[ToSend]:
    """The queued messages of a campaign that pass the gate, counted.

    category     of the campaign, by which the gate asks; a message is priced by that of its own template
    ask_windows  whether an open service window makes a difference to utility messages
    """
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    values = {"campaign_id": campaign_id, "category": category, "now": now, "ask": ask_windows}
    return [ToSend(*row) for row in session.execute(_TO_SEND, values)]


_TO_SEND = text(f"""
    SELECT min(phone), category, window_open, count(*) FROM (
        SELECT m.phone_e164 COLLATE "C" AS phone, COALESCE(t.category, :category) AS category,
               {COUNTRY_PREFIX.format(phone="m.phone_e164")} AS prefix,
               CASE WHEN :ask AND COALESCE(t.category, :category) = 'utility'
                    THEN EXISTS (SELECT FROM contact WHERE contact.phone_identity = m.phone_identity
                                 AND contact.last_inbound_at > CAST(:now AS timestamptz) - interval '24 hours')
                    ELSE false END AS window_open,
               {WITHHELD_SQL("m.phone_identity", ":category", ":now")} AS withheld
        FROM message m LEFT JOIN template t ON t.id = m.template_id
        WHERE m.campaign_id = :campaign_id AND m.state = '{MessageState.QUEUED.value}'
    ) AS gated
    WHERE withheld IS NULL GROUP BY prefix, category, window_open ORDER BY 4 DESC
""")


class Billed(NamedTuple):
    """Messages of one country, one fate and one day: what they were to be, and what the platform made of them.

    planned  the category of the template; `billed` is the platform's pricing category, where it said one
    fate     withheld, open, undelivered; delivered: free, charged, or unsaid
    day      of the delivery, UTC
    kind     the platform's pricing type of what was delivered, `model` its pricing model, where it said them
    """

    phone: str
    planned: str
    billed: str | None
    fate: str
    day: date | None
    messages: int
    kind: str | None = None
    model: str | None = None


FREE_TYPES = ("free_customer_service", "free_entry_point")
"""Pricing types that cost nothing, whatever else is said of the message. Source: platform.md D.3."""


def billed(session: Session, campaign_id: int) -> list[Billed]:
    """Every message of a campaign, counted by country, category, fate, day, and how the platform prices it."""
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    return [Billed(*row) for row in session.execute(_BILLED, {"campaign_id": campaign_id})]


_FREE = ", ".join(f"'{each}'" for each in FREE_TYPES)
_OPEN = ", ".join(f"'{state.value}'" for state in sorted(OPEN_STATES))
_BILLED = text(f"""
    SELECT min(phone), planned, billed, fate, day, count(*), kind, model FROM (
        SELECT m.phone_e164 COLLATE "C" AS phone, {COUNTRY_PREFIX.format(phone="m.phone_e164")} AS prefix,
               COALESCE(t.category, c.category) AS planned,
               CASE WHEN reached_at IS NOT NULL THEN m.category END AS billed,
               CASE WHEN reached_at IS NOT NULL THEN m.pricing_type END AS kind,
               CASE WHEN reached_at IS NOT NULL THEN m.pricing_model END AS model,
               CASE WHEN reached_at IS NOT NULL
                    THEN CASE m.billable AND COALESCE(m.pricing_type, '') NOT IN ({_FREE})
                         WHEN true THEN 'charged' WHEN false THEN 'free' ELSE 'unsaid' END
                    WHEN m.state = '{MessageState.SKIPPED.value}' THEN 'withheld'
                    WHEN m.state IN ({_OPEN}) THEN 'open' ELSE 'undelivered' END AS fate,
               (reached_at AT TIME ZONE 'UTC')::date AS day
        FROM message m JOIN campaign c ON c.id = m.campaign_id LEFT JOIN template t ON t.id = m.template_id
             CROSS JOIN LATERAL (SELECT COALESCE(m.delivered_at, m.read_at) AS reached_at) AS r
        WHERE m.campaign_id = :campaign_id
    ) AS each_message
    GROUP BY prefix, planned, billed, fate, day, kind, model
""")

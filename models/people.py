"""People: contacts, what they agreed to, and who must not be written to."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, CreatedAt, UtcTime, one_of


class Category(StrEnum):
    """What a message is for; `ALL` only in consent and suppressions."""

    MARKETING = "marketing"
    UTILITY = "utility"
    AUTHENTICATION = "authentication"
    ALL = "all"


class ConsentAction(StrEnum):
    """What a person said."""

    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"


class SuppressionReason(StrEnum):
    """Why a phone is not to be written to."""

    NOT_ON_WHATSAPP = "not_on_whatsapp"
    OPTED_OUT = "opted_out"
    EXPERIMENT = "experiment"
    MANUAL = "manual"


PLAIN_LETTERS = ("áàâäãåéèêëíìîïóòôöõúùûüñç", "aaaaaaeeeeiiiiooooouuuunc")
"""Letters as they are looked for: whoever types jose finds José."""

_SMALL = 'lower("left"(name, 200))'
# Most names are plain, and looking for letters to replace takes longer than all the rest. The lines are broken as
# PostgreSQL breaks them, so that the index is known for the same when schemas are compared.
NAME_WORDS = (
    f"array_to_tsvector(array_remove(string_to_array(\nCASE\n WHEN octet_length(name) = length(name) THEN {_SMALL}\n "
    f"ELSE translate({_SMALL}, '{PLAIN_LETTERS[0]}', '{PLAIN_LETTERS[1]}')\nEND, ' '), ''))"
)
"""The words of a contact's name in small plain letters, so that people are found by how a word begins."""


class Contact(Base):
    """A person, known by the identity that folds the spellings of their phone."""

    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_name_words", text(NAME_WORDS), postgresql_using="gin"),)

    id: Mapped[BigId]
    phone_identity: Mapped[str] = mapped_column(unique=True)
    phone_e164: Mapped[str]
    wa_id: Mapped[str | None]
    user_id: Mapped[str | None] = mapped_column(doc="Business-scoped user id, platform.md F")
    region: Mapped[str | None] = mapped_column(doc="ISO 3166 code of the phone's country")
    time_zone: Mapped[str | None]
    name: Mapped[str | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    last_inbound_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class KnownUser(Base):
    """A business-scoped user id and a person whom it means; each pair once, since neither leads to only one other.

    A message from somebody whose phone is hidden is theirs.
    """

    __tablename__ = "known_user"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    phone_identity: Mapped[str] = mapped_column(primary_key=True, index=True)
    phone_e164: Mapped[str]
    created_at: Mapped[CreatedAt]


class ConsentEvent(Base):
    """One opt-in or opt-out. The newest event decides; nothing is changed or deleted except by erasure."""

    __tablename__ = "consent_event"
    __table_args__ = (
        one_of("category", Category),
        one_of("action", ConsentAction),
        # All that the gate asks of the ledger, in the order in which it asks.
        Index(None, "phone_identity", text("occurred_at DESC"), text("action DESC"), postgresql_include=["category"]),
    )

    id: Mapped[BigId]
    phone_identity: Mapped[str]
    phone_e164: Mapped[str]
    category: Mapped[str]
    action: Mapped[str]
    source: Mapped[str]
    proof: Mapped[str | None]
    occurred_at: Mapped[UtcTime]
    recorded_by: Mapped[str]
    recorded_at: Mapped[CreatedAt]
    salt: Mapped[UUID | None] = mapped_column(
        server_default=func.gen_random_uuid(), doc="Goes into the digest, and away with erasure: no digest is undone"
    )
    erasure_id: Mapped[int | None] = mapped_column(BigInteger, doc="The erasure that took the person out of it")


class Suppression(Base):
    """A ban on writing to a phone, for a category or all, for a time or for good (`until` NULL)."""

    __tablename__ = "suppression"
    __table_args__ = (
        one_of("category", Category),
        one_of("reason", SuppressionReason),
        UniqueConstraint("phone_identity", "category", "reason"),
    )

    id: Mapped[BigId]
    phone_identity: Mapped[str]
    phone_e164: Mapped[str]
    category: Mapped[str]
    reason: Mapped[str]
    source: Mapped[str]
    until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]


class SuppressionAction(StrEnum):
    """What was done to a suppression."""

    ADDED = "added"
    CHANGED = "changed"
    LIFTED = "lifted"


class SuppressionEvent(Base):
    """What was done to a suppression, by whom and why; written by the database itself, append-only."""

    __tablename__ = "suppression_event"
    __table_args__ = (one_of("action", SuppressionAction), Index(None, "phone_identity"))

    id: Mapped[BigId]
    phone_identity: Mapped[str]
    phone_e164: Mapped[str]
    category: Mapped[str]
    reason: Mapped[str]
    source: Mapped[str]
    until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    action: Mapped[str]
    why: Mapped[str | None]
    recorded_by: Mapped[str]
    recorded_at: Mapped[CreatedAt]


class CampaignExclusion(Base):
    """A person whom one campaign leaves out: its quiet list."""

    __tablename__ = "campaign_exclusion"

    campaign_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    )
    phone_identity: Mapped[str] = mapped_column(primary_key=True)

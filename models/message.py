"""What one person is to get in one campaign, and the attempts that a newer one superseded."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, UtcTime, one_of
from models.states import MessageState


class Milestones:
    """The earliest instant at which the platform reported each step, UTC."""

    accepted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    held_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    delivered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    failed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Message(Milestones, Base):
    """One recipient in one campaign: the live attempt.

    Each index serves one reader, and is partial so that a finished message costs nothing:
    claims (queued), the lease sweep (sending), the uncertain sweep, the TTL sweep (handed over), webhooks (wamid).
    """

    __tablename__ = "message"
    __table_args__ = (
        one_of("state", MessageState),
        UniqueConstraint("campaign_id", "phone_identity"),
        Index("ix_message_due", "campaign_id", "due_at", "id", postgresql_where=text("state = 'queued'")),
        Index("ix_message_lease", "lease_until", postgresql_where=text("state = 'sending'")),
        Index("ix_message_uncertain", "sender_id", "claimed_at", postgresql_where=text("state = 'uncertain'")),
        Index(
            "ix_message_ttl",
            "campaign_id",
            "expires_at",
            postgresql_where=text("state IN ('accepted', 'held', 'sent')"),
        ),
        Index("ix_message_held", "campaign_id", "held_at", postgresql_where=text("state = 'held'")),
        # Sweeps ask for what was accepted or claimed of late; a summary of the pages is enough for them and costs the
        # hot path nothing.
        Index("ix_message_recent", "accepted_at", "claimed_at", postgresql_using="brin"),
        Index("ix_message_wamid", "wamid", unique=True, postgresql_where=text("wamid IS NOT NULL")),
        # Pages list whom a campaign did not reach; most messages never get there, and those cost nothing.
        Index(
            "ix_message_unreached",
            "campaign_id",
            "state",
            "id",
            postgresql_where=text("state IN ('failed', 'dropped', 'expired', 'skipped')"),
        ),
    )

    id: Mapped[BigId]
    campaign_id: Mapped[int] = mapped_column(
        BigInteger,
        doc="Must exist and takes its messages along, by triggers per statement: a foreign key is asked for every row",
    )
    sender_id: Mapped[int] = mapped_column(BigInteger, doc="The campaign's, which refers to it")
    template_id: Mapped[int | None] = mapped_column(
        BigInteger, doc="The template in the person's language; NULL is the campaign's own"
    )
    row_number: Mapped[int] = mapped_column(doc="Row of the uploaded list, 1 for the first data row")
    phone_identity: Mapped[str]
    phone_e164: Mapped[str]
    name: Mapped[str | None]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, doc="Slot to text, filled when the list was read")
    state: Mapped[str] = mapped_column(server_default=MessageState.QUEUED)
    due_at: Mapped[UtcTime]
    attempt: Mapped[int] = mapped_column(SmallInteger, server_default="0", doc="Requests made so far")
    retries: Mapped[int] = mapped_column(SmallInteger, server_default="0", doc="Failures that cost a try")
    claimed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), doc="When the TTL has passed")
    wamid: Mapped[str | None]
    wa_id: Mapped[str | None] = mapped_column(doc="The person's id as the platform returned it")
    reason: Mapped[str | None] = mapped_column(doc="Why skipped, failed or waiting, as a code")
    error_code: Mapped[int | None]
    error_text: Mapped[str | None]
    queued_at: Mapped[UtcTime]
    uncertain_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    expired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    asked_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), doc="When Meta's history was asked about it: what it tells is no proof of webhooks"
    )
    zone_group: Mapped[int | None] = mapped_column(
        SmallInteger, doc="Number of the campaign's zone group; NULL may be written to at any hour"
    )
    category: Mapped[str | None] = mapped_column(doc="The platform's pricing category")
    billable: Mapped[bool | None] = mapped_column(doc="The platform's word; NULL while it has not said")
    pricing_model: Mapped[str | None] = mapped_column(doc="PMP, by the message; CBP, by the conversation; as told")
    pricing_type: Mapped[str | None] = mapped_column(doc="regular, free_customer_service, free_entry_point …; as told")
    user_id: Mapped[str | None] = mapped_column(doc="The person's business-scoped user id, where reports name it")


class AttemptEnd(StrEnum):
    """Why an attempt was superseded."""

    REFUSED = "refused"
    FAILED = "failed"
    ABSENT = "absent"
    SENT_AGAIN = "sent_again"


class Attempt(Milestones, Base):
    """A superseded attempt: its wamid stays findable, so that a late report still reaches its message."""

    __tablename__ = "attempt"
    __table_args__ = (
        one_of("ended_as", AttemptEnd),
        Index("ix_attempt_wamid", "wamid", unique=True, postgresql_where=text("wamid IS NOT NULL")),
    )

    message_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    ended_as: Mapped[str]
    wamid: Mapped[str | None]
    error_code: Mapped[int | None]
    error_text: Mapped[str | None]
    claimed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[UtcTime]

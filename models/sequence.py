"""Sequences: several campaigns in a row, and how far each person has come."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, CreatedAt, UtcTime, one_of


class SequenceState(StrEnum):
    """Where a sequence stands. It runs until every person has ended."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Condition(StrEnum):
    """What the message of the step before must have come to."""

    DELIVERED = "delivered"
    READ = "read"
    REPLIED = "replied"
    NOT_READ = "not_read"
    NOT_REPLIED = "not_replied"


class Sequence(Base):
    """Campaigns that follow one another for each person on a list."""

    __tablename__ = "sequence"
    __table_args__ = (one_of("state", SequenceState),)

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default=SequenceState.DRAFT, server_default=SequenceState.DRAFT)
    steps: Mapped[int] = mapped_column(SmallInteger, doc="How many it was made with")
    created_at: Mapped[CreatedAt]
    launched_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SequenceStep(Base):
    """One step, which is a campaign of its own."""

    __tablename__ = "sequence_step"
    __table_args__ = (one_of("condition", Condition),)

    sequence_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("sequence.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, doc="From 1")
    campaign_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"), unique=True)
    condition: Mapped[str | None] = mapped_column(doc="For whom the step is; NULL for the first: everybody on the list")
    delay_s: Mapped[int] = mapped_column(doc="From that, or from the delivery, to the step; seconds")
    patience_s: Mapped[int] = mapped_column(doc="How long after the delivery it is waited for, seconds")
    reply_ends: Mapped[bool] = mapped_column(doc="Whether a reply to this step ends the sequence for the person")


class SequencePerson(Base):
    """One person in a sequence: the step they are at, when they are looked at next, and why they ended."""

    __tablename__ = "sequence_person"
    __table_args__ = (
        # Serves the sweep; who has ended costs nothing.
        Index("ix_sequence_person_look", "sequence_id", "step", "look_at", postgresql_where=text("ended_as IS NULL")),
    )

    sequence_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("sequence.id", ondelete="CASCADE"), primary_key=True
    )
    phone_identity: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(SmallInteger)
    message_id: Mapped[int] = mapped_column(BigInteger, doc="Of that step; a foreign key would be asked for every row")
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, doc="`2/body.1`: values of the steps to come")
    moved_at: Mapped[UtcTime] = mapped_column(doc="When they came to the step")
    look_at: Mapped[UtcTime] = mapped_column(doc="Nothing can fall due before")
    ended_as: Mapped[str | None] = mapped_column(doc="Why they go no further; NULL while they may")
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

"""The inbox: webhooks as they were received, and what was found in them that the engine only counts."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, LargeBinary, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, UtcTime


class WebhookEvent(Base):
    """One POST of a provider, kept as raw bytes; committed before the 200 that acknowledged it.

    Partitioned by the day of arrival, UTC: an old day is dropped as a whole. The partitions stand in the schema
    `inbox`; those of the days to come are made ahead, and a default one takes what has none.
    """

    __tablename__ = "webhook_event"
    __table_args__ = (
        Index("ix_webhook_event_unprocessed", "id", postgresql_where=text("processed_at IS NULL")),
        Index("ix_webhook_event_unmatched", "received_at", postgresql_where=text("unmatched > 0")),
        Index(
            "ix_webhook_event_problem",
            "received_at",
            "id",
            postgresql_where=text("error IS NOT NULL AND dismissed_at IS NULL"),
        ),
        # Arrivals only ever grow, so a summary of the pages finds any range and costs the receiver nothing.
        Index("ix_webhook_event_received_at", "received_at", postgresql_using="brin"),
        {"postgresql_partition_by": "RANGE (received_at)"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sender_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sender.id"))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    # The key of a partitioned table holds what it is partitioned by; the id alone is unique all the same.
    received_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), primary_key=True, doc="By the database's clock"
    )
    processed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    error: Mapped[str | None] = mapped_column(doc="Why it could not be read; kept, counted and shown")
    events: Mapped[int | None] = mapped_column(doc="Events found in it")
    unmatched: Mapped[int | None] = mapped_column(doc="Events of messages that are not ours")
    hides: Mapped[bool | None] = mapped_column(doc="With an error: a delivery status may be among what was not read")
    dismissed_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), doc="When a person looked at the error and let it be"
    )
    asked: Mapped[bool] = mapped_column(
        server_default=false(), doc="We asked for it: it is no proof that webhooks come by themselves"
    )

    # Told to the mapper alone: one row has one id, so that a row is got by it.
    __mapper_args__ = {"primary_key": [id]}  # noqa: RUF012 - SQLAlchemy reads it as a plain dict


class WebhookKind(Base):
    """A kind of content that the engine does not act on, such as an unknown field, and how often a sender had it."""

    __tablename__ = "webhook_kind"

    sender_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sender.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True, doc="Such as status:played or account_alerts:CRITICAL")
    count: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[UtcTime]
    last_at: Mapped[UtcTime]
    last_event_id: Mapped[int] = mapped_column(BigInteger, doc="The newest webhook that held it")


class HearingStretch(Base):
    """A time in which signs came one soon after the other: webhooks of a sender, or the pulse of a receiver.

    What the proof of absence asks: would a report have been heard?
    """

    __tablename__ = "hearing"
    __table_args__ = (Index("ix_hearing_sender", "sender_id", "until_at"),)

    id: Mapped[BigId]
    sender_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("sender.id", ondelete="CASCADE"), doc="Whose webhooks came; NULL: a receiver stood ready"
    )
    since_at: Mapped[UtcTime]
    until_at: Mapped[UtcTime]


class HistoryUse(Base):
    """Questions to Meta's message history about the messages of an account within an hour of the clock."""

    __tablename__ = "history_use"

    account: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[UtcTime]
    calls: Mapped[int]

"""The inbox: webhooks as they were received."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, CreatedAt


class WebhookEvent(Base):
    """One POST of a provider, kept as raw bytes; committed before the 200 that acknowledged it."""

    __tablename__ = "webhook_event"
    __table_args__ = (
        Index("ix_webhook_event_unprocessed", "id", postgresql_where=text("processed_at IS NULL")),
        Index("ix_webhook_event_unmatched", "received_at", postgresql_where=text("unmatched > 0")),
    )

    id: Mapped[BigId]
    sender_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sender.id"))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[CreatedAt]
    processed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    error: Mapped[str | None] = mapped_column(doc="Why it could not be read; kept, counted and shown")
    events: Mapped[int | None] = mapped_column(doc="Events found in it")
    unmatched: Mapped[int | None] = mapped_column(doc="Events of messages that are not ours")

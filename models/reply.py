"""What people answered to campaigns."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, CreatedAt, one_of


class AttributedBy(StrEnum):
    """How a reply was found to be about a campaign."""

    CONTEXT = "context"
    PAYLOAD = "payload"
    WINDOW = "window"


class Reply(Base):
    """One answer of a person to a message of ours: written, tapped, or switched in the app."""

    __tablename__ = "reply"
    __table_args__ = (one_of("attributed_by", AttributedBy), Index(None, "campaign_id", "received_at"))

    id: Mapped[BigId]
    inbound_id: Mapped[str] = mapped_column(unique=True, doc="The platform's id of what came in; told twice, kept once")
    campaign_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("message.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(doc="The platform's word, such as text or button; or preference")
    text: Mapped[str | None]
    payload: Mapped[str | None] = mapped_column(doc="Of a button or a choice from a list")
    attributed_by: Mapped[str]
    opts_out: Mapped[bool] = mapped_column(doc="Whether it withdrew consent")
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), doc="When the person answered")
    created_at: Mapped[CreatedAt]

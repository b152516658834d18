"""Counts of a campaign as of a moment, so that a page costs the same with a million messages as with none."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcTime


class CampaignTally(Base):
    """The messages of one campaign by state, and over time, when they were last counted."""

    __tablename__ = "campaign_tally"

    campaign_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    )
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, doc="State to messages; states without any are left out")
    first_message_id: Mapped[int | None] = mapped_column(BigInteger, doc="Ids of one list lie together")
    last_message_id: Mapped[int | None] = mapped_column(BigInteger)
    counted_at: Mapped[UtcTime]
    took_ms: Mapped[int] = mapped_column(doc="How long the count took; the next one is put off in proportion")
    series: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, doc="Buckets of time: at (UTC), accepted, delivered, read, failed"
    )
    series_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    series_ms: Mapped[int] = mapped_column(server_default="0")

"""A campaign: one template to one audience."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, CreatedAt, one_of
from models.people import Category
from models.states import CampaignState


class HoldPolicy(StrEnum):
    """What to do when the platform holds messages for quality assessment."""

    PAUSE = "pause"
    CONTINUE = "continue"


class Campaign(Base):
    """One template to one audience through one sender."""

    __tablename__ = "campaign"
    __table_args__ = (
        one_of("state", CampaignState),
        one_of("category", Category),
        one_of("hold_policy", HoldPolicy),
        Index(None, "sender_id", "state"),
    )

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(unique=True)
    sender_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sender.id"))
    template_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("template.id"))
    language_column: Mapped[str | None] = mapped_column(doc="Column that says in which language a person is written to")
    template_ids: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), default=list, server_default="{}", doc="The same template in other languages"
    )
    category: Mapped[str] = mapped_column(doc="The template's category, as of the last sync while the campaign runs")
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, doc="Slot to column, constant or fallback, as given")
    region: Mapped[str | None] = mapped_column(doc="Country of phones written without one")
    rate_mps: Mapped[int | None] = mapped_column(doc="Cap below the sender's rate")
    hold_policy: Mapped[str] = mapped_column(default=HoldPolicy.PAUSE, server_default=HoldPolicy.PAUSE)
    state: Mapped[str] = mapped_column(default=CampaignState.DRAFT, server_default=CampaignState.DRAFT)
    state_reason: Mapped[str | None]
    state_text: Mapped[str | None] = mapped_column(doc="The reason in words, and what ends it")
    start_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    deadline_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]
    launched_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

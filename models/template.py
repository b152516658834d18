"""A template: one language of one approved text."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, SmallInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, UtcTime

SENDABLE_STATUSES = frozenset({"APPROVED", "FLAGGED", "REINSTATED"})
"""Statuses with which a template may be sent; an unknown word is not sendable. Source: platform.md B.1."""


class Template(Base):
    """One language of one template, as the platform gave it at the last sync."""

    __tablename__ = "template"
    __table_args__ = (UniqueConstraint("account", "name", "language"),)

    id: Mapped[BigId]
    account: Mapped[str]
    platform_id: Mapped[str | None]
    namespace: Mapped[str | None]
    name: Mapped[str]
    language: Mapped[str]
    category: Mapped[str] = mapped_column(doc="Lower case: marketing, utility or authentication")
    status: Mapped[str] = mapped_column(doc="Upper case, the platform's word")
    quality: Mapped[str | None]
    parameter_format: Mapped[str] = mapped_column(doc="POSITIONAL or NAMED")
    components: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    ttl_seconds: Mapped[int | None]
    hold_ended_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), doc="When a message of it was last found to be held no more"
    )
    doubted_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), doc="When a send or a report last said that it is paused or disabled"
    )
    asked_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), doc="When the platform was last asked about it because of that"
    )
    doubts: Mapped[int] = mapped_column(
        SmallInteger, default=0, server_default="0", doc="Times asked in a row, no message of it accepted in between"
    )
    unpaused_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    synced_at: Mapped[UtcTime]

    @property
    def sendable(self) -> bool:
        """Whether the platform would take a message of it."""
        return self.status in SENDABLE_STATUSES

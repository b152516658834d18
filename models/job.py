"""What the console does in the background, so that it is found again when the process that did it is gone."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, UtcTime


class BackgroundJob(Base):
    """One job of a page. Under way while `ended_at` is NULL and `seen_at` is recent, else it was cut off."""

    __tablename__ = "background_job"
    __table_args__ = (Index(None, "kind", "id"),)

    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(doc="By which a page finds its own, such as templates:shop")
    title: Mapped[str] = mapped_column(doc="In the language of who began it")
    by: Mapped[str]
    began_at: Mapped[UtcTime]
    seen_at: Mapped[UtcTime] = mapped_column(doc="When its process last said that it is at it")
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    result_kind: Mapped[str | None] = mapped_column(doc="What `result` is to be read as")
    result: Mapped[Any | None] = mapped_column(JSONB)
    error: Mapped[str | None]

"""What the platform's limits remember of people: whom it counted for a messaging limit, whom it spares marketing."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcTime


class RecipientUse(Base):
    """A person who counts for a portfolio's messaging limit until 24 h after `last_at`. Source: platform.md E."""

    __tablename__ = "recipient_use"
    __table_args__ = (Index("ix_recipient_use_portfolio_last_at", "portfolio", "last_at"),)

    portfolio: Mapped[str] = mapped_column(primary_key=True)
    phone_identity: Mapped[str] = mapped_column(primary_key=True)
    last_at: Mapped[UtcTime]


class MarketingCap(Base):
    """A person to whom the platform delivers no more marketing for now (131049), whichever campaign it is of."""

    __tablename__ = "marketing_cap"

    phone_identity: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[UtcTime]

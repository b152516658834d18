"""Variants: several templates in one campaign, each to a share of the list, and the rule by which one of them wins."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, DateTime, ForeignKey, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of


class Measure(StrEnum):
    """By what variants are compared."""

    READ = "read"
    REPLY = "reply"


class Variant(Base):
    """One template of a campaign and the share of the list that it goes to."""

    __tablename__ = "variant"
    __table_args__ = (UniqueConstraint("campaign_id", "template_id"),)

    campaign_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, doc="In the order in which they were given, from 1")
    share: Mapped[int] = mapped_column(SmallInteger, doc="Percent of the list")
    template_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("template.id"))


class WinnerRule(Base):
    """What decides which variant the rest of the list gets, and what was decided."""

    __tablename__ = "winner_rule"
    __table_args__ = (one_of("measure", Measure),)

    campaign_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    measure: Mapped[str]
    confidence: Mapped[int] = mapped_column(SmallInteger, doc="Percent")
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    winner: Mapped[str | None] = mapped_column(doc="NULL where no variant won, or nothing is decided yet")
    text: Mapped[str | None] = mapped_column(doc="The decision in words")

"""What a message costs: the rate card."""

from datetime import date
from decimal import Decimal

from sqlalchemy import ARRAY, Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, CreatedAt


class Price(Base):
    """The price of one delivered message of a category, in a country or a market, from a day on."""

    __tablename__ = "price"
    __table_args__ = (UniqueConstraint("place", "category", "valid_from"),)

    id: Mapped[BigId]
    place: Mapped[str] = mapped_column(doc="ISO 3166 code of a country, or the name of a market")
    countries: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default="{}", doc="The countries of a market, by ISO 3166 code"
    )
    category: Mapped[str] = mapped_column(doc="The platform's pricing category, such as marketing")
    amount: Mapped[Decimal] = mapped_column(Numeric(14, 6))
    currency: Mapped[str] = mapped_column(doc="ISO 4217 code")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None] = mapped_column(doc="The last day; NULL is until further notice")
    created_at: Mapped[CreatedAt]

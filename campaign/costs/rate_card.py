"""The rate card: prices as they were imported, and the price of a message on a day."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.orm import Session

from campaign.audience.phone import checked_region
from campaign.costs import store
from campaign.costs.card_file import CATEGORIES, OTHER, CardLine, read_card
from models.price import Price


class Money(NamedTuple):
    """An amount of a currency, and the country or market whose price it is."""

    amount: Decimal
    currency: str
    place: str


class Imported(NamedTuple):
    """What an import did: prices that are new, that changed, and that were known as they are."""

    new: int
    changed: int
    known: int


class RateCard:
    """Prices by country, category and day. Pure.

    A country's own price goes before that of its market, and that before `other`; of several that hold on a day, the
    one that began last counts.
    """

    def __init__(self, prices: Iterable[Price]) -> None:
        self._prices = sorted(prices, key=lambda price: price.valid_from, reverse=True)
        self._found: dict[tuple[str, str, date], Money | None] = {}

    def __bool__(self) -> bool:
        return bool(self._prices)

    def price(self, country: str, category: str, on: date) -> Money | None:
        """The price of one delivered message; None where no line of the card tells it."""
        key = country, category, on
        if key not in self._found:
            self._found[key] = self._find(*key)
        return self._found[key]

    def _find(self, country: str, category: str, on: date) -> Money | None:
        holding = [
            price
            for price in self._prices
            if price.category == category
            and price.valid_from <= on
            and (price.valid_to is None or on <= price.valid_to)
        ]
        own = (price for price in holding if price.place == country)
        market = (price for price in holding if country in price.countries)
        other = (price for price in holding if price.place == OTHER)
        best = next((found for each in (own, market, other) if (found := next(each, None))), None)
        return Money(best.amount, best.currency, best.place) if best else None


def import_card(session: Session, path: Path, *, replace: bool = False) -> Imported:
    """Take the prices of a file; those of the same place, category and first day take the new amount.

    replace  forget every other price
    raises   NotFound, BadList; nothing was changed then
    """
    lines = read_card(path)
    before = {_key(price): _value(price) for price in store.prices(session)}
    if replace:
        store.forget_prices(session)
    store.save_prices(session, lines)
    new = sum(_key(line) not in before for line in lines)
    known = sum(before.get(_key(line)) == _value(line) for line in lines)
    return Imported(new, len(lines) - new - known, known)


def load_card(session: Session) -> RateCard:
    """The rate card as it stands."""
    return RateCard(store.prices(session))


def prices_of(session: Session, country: str, on: date) -> dict[str, Money | None]:
    """The prices of a country on a day, by category.

    raises  UsageError when there is no such country
    """
    code, card = str(checked_region(country)), load_card(session)
    return {category: card.price(code, category, on) for category in CATEGORIES}


def all_prices(session: Session) -> Sequence[Price]:
    """Every price, by place, category and first day."""
    return store.prices(session)


def _key(price: Price | CardLine) -> tuple[str, str, date]:
    return price.place, price.category, price.valid_from


def _value(price: Price | CardLine) -> tuple[object, ...]:
    return price.amount, price.currency, price.valid_to, sorted(price.countries)

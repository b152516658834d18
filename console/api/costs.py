"""`/prices`: the rate card, by which a forecast and a bill are made."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path

from campaign.access import lists
from campaign.access.incoming import path_of
from campaign.access.roles import Act
from campaign.costs.rate_card import all_prices, prices_of
from console.api.door import Acting, Doored, Look
from console.api.repeat import Repeatable
from console.api.shapes import Answer, Body
from console.api.words import UploadId

router = APIRouter(tags=["costs"])

Country = Annotated[str, Path(pattern=r"^[A-Za-z]{2}$", description="ISO 3166")]


class CardIn(Body):
    """A rate card that was uploaded: market_or_country, category, price, currency, valid_from."""

    upload: UploadId
    replace: bool = False


class CardTaken(Answer):
    """Prices that are new, that changed, and that were known."""

    new: int
    changed: int
    known: int


class PriceOut(Answer):
    """One price, of a country or of the countries of a market."""

    place: str
    category: str
    amount: Decimal
    currency: str
    valid_from: date
    valid_to: date | None
    countries: Sequence[str]


class OfCountry(Answer):
    """What one delivered message costs; `place` is the country or market whose price it is."""

    amount: Decimal
    currency: str
    place: str


@router.get("/prices")
def index(session: Look) -> list[PriceOut]:
    """Every price, by place, category and first day."""
    return [PriceOut.model_validate(price) for price in all_prices(session)]


@router.post("/prices/imports")
def import_(body: CardIn, door: Doored, by: Acting, again: Repeatable) -> CardTaken:
    """Take the prices of a list, all of them or none."""

    def do() -> CardTaken:
        path = path_of(door.settings, body.upload)
        done = lists.import_prices(door.sessions, by, path, replace=body.replace)
        return CardTaken(**done._asdict())

    by.require(Act.CHANGE_PRICES)
    return again.answer(CardTaken, body, do)


@router.get("/prices/{country}")
def show(country: Country, session: Look, door: Doored) -> dict[str, OfCountry | None]:
    """What a message to a country costs today, by category; null: no price is known."""
    found = prices_of(session, country.upper(), door.clock().date())
    return {category: OfCountry(**price._asdict()) if price else None for category, price in found.items()}

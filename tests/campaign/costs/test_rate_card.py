"""The price of a message: whose it is, and on which day."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from campaign.costs.rate_card import Money, RateCard, all_prices, import_card, load_card, prices_of
from campaign.errors import BadList, UsageError
from models import Price
from models.session import Sessions, session_scope

DAY = date(2026, 11, 20)


def price(place: str, amount: str, valid_from: date = date(2026, 1, 1), **given: object) -> Price:
    values = {"category": "marketing", "currency": "USD", "countries": [], "valid_to": None} | given
    return Price(place=place, amount=Decimal(amount), valid_from=valid_from, **values)


def amount(card: RateCard, country: str = "MX", on: date = DAY) -> str | None:
    found = card.price(country, "marketing", on)
    return str(found.amount) if found else None


def test_a_country_goes_before_its_market_and_that_before_the_rest() -> None:
    card = RateCard([price("other", "3"), price("Region", "2", countries=["MX", "CO"]), price("MX", "1")])
    assert [amount(card, country) for country in ("MX", "CO", "FR")] == ["1", "2", "3"]
    assert card.price("CO", "marketing", DAY) == Money(Decimal(2), "USD", "Region")


def test_the_price_that_began_last_counts_until_it_ends() -> None:
    card = RateCard(
        [
            price("MX", "1"),
            price("MX", "2", date(2026, 7, 1), valid_to=date(2026, 9, 30)),
            price("MX", "9", date(2027, 1, 1)),
        ]
    )
    days = [date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1), date(2026, 9, 30), date(2026, 10, 1)]
    assert [amount(card, on=day) for day in days] == [None, "1", "2", "2", "1"]


def test_what_is_not_on_the_card_has_no_price() -> None:
    card = RateCard([price("MX", "1")])
    assert (amount(card, "FR"), card.price("MX", "utility", DAY)) == (None, None)
    assert (bool(card), bool(RateCard([]))) == (True, False)


def write(path: Path, *lines: str) -> Path:
    path.write_text("country,category,price,currency,valid_from\n" + "".join(f"{line}\n" for line in lines))
    return path


def test_an_import_adds_and_changes_and_twice_changes_nothing(sessions: Sessions, tmp_path: Path) -> None:
    first = write(tmp_path / "1.csv", "MX,marketing,0.04,USD,2026-01-01", "US,marketing,0.02,USD,2026-01-01")
    second = write(tmp_path / "2.csv", "MX,marketing,0.05,USD,2026-01-01", "US,marketing,0.02,USD,2026-01-01")
    with session_scope(sessions) as session:
        assert import_card(session, first) == (2, 0, 0)
        assert import_card(session, first) == (0, 0, 2)
        assert import_card(session, second) == (0, 1, 1)
    with sessions() as session:
        assert amount(load_card(session)) == "0.050000"


def test_replacing_forgets_what_the_file_does_not_name(sessions: Sessions, tmp_path: Path) -> None:
    first = write(tmp_path / "1.csv", "MX,marketing,0.04,USD,2026-01-01", "US,marketing,0.02,USD,2026-01-01")
    second = write(tmp_path / "2.csv", "MX,marketing,0.05,USD,2026-01-01")
    with session_scope(sessions) as session:
        import_card(session, first)
        assert import_card(session, second, replace=True) == (0, 1, 0)
        assert [(each.place, str(each.amount)) for each in all_prices(session)] == [("MX", "0.050000")]


def test_a_bad_card_changes_nothing(sessions: Sessions, tmp_path: Path) -> None:
    with session_scope(sessions) as session:
        import_card(session, write(tmp_path / "1.csv", "MX,marketing,0.04,USD,2026-01-01"))
    bad = write(tmp_path / "2.csv", "MX,marketing,0.05,USD,2026-01-01", "MX,marketing,free,USD,2026-02-01")
    with session_scope(sessions) as session, pytest.raises(BadList):
        import_card(session, bad, replace=True)
    with sessions() as session:
        assert amount(load_card(session)) == "0.040000"


def test_the_prices_of_a_country(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        session.add(price("other", "0.5"))
        found = prices_of(session, "fr", DAY)
        assert found["marketing"] == Money(Decimal("0.5"), "USD", "other")
        assert found["utility"] is None
        with pytest.raises(UsageError, match="region 'XX' is unknown"):
            prices_of(session, "XX", DAY)

"""Amounts in words: exact, and with two decimals where that is exact."""

from decimal import Decimal

import pytest

from campaign.costs.money import added, amount_words, money_words


@pytest.mark.parametrize(
    ("amount", "words"),
    [("0.040000", "0.04"), ("0.0436", "0.0436"), ("43.6", "43.60"), ("1234567", "1,234,567.00"), ("-0.5", "-0.50")],
)
def test_an_amount_in_words(amount: str, words: str) -> None:
    assert amount_words(Decimal(amount)) == words


def test_sums_in_words() -> None:
    assert money_words({"USD": Decimal(1), "EUR": Decimal("-2")}, signed=True) == "-2.00 EUR and +1.00 USD"
    assert money_words({}) == "nothing"


def test_sums_are_added_by_currency() -> None:
    both = added([{"USD": Decimal("0.1")}, {"USD": Decimal("0.2"), "EUR": Decimal(1)}])
    assert both == {"USD": Decimal("0.3"), "EUR": Decimal(1)}

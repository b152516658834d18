"""Amounts by currency, added and in words. Decimal throughout: no float ever holds money."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

Sums = dict[str, Decimal]
"""Amounts by currency."""


def added(many: Iterable[Mapping[str, Decimal]]) -> Sums:
    """Sums of several, by currency."""
    total: Sums = {}
    for sums in many:
        for currency, amount in sums.items():
            total[currency] = total.get(currency, Decimal(0)) + amount
    return total


def money_words(sums: Mapping[str, Decimal], *, signed: bool = False) -> str:
    """`12.40 EUR and 3.10 USD`."""
    if not sums:
        return "nothing"
    sign = "+" if signed else ""
    return " and ".join(f"{amount_words(amount, sign)} {currency}" for currency, amount in sorted(sums.items()))


def amount_words(amount: Decimal, sign: str = "") -> str:
    """Two decimals, or as many as the amount has."""
    cents = amount.quantize(Decimal("0.01"))
    return f"{cents if cents == amount else amount.normalize():{sign},f}"

"""A rate card as CSV to prices. All of it is usable, or none of it is taken.

    market_or_country, category, price, currency, valid_from, valid_to, countries

`valid_to` and `countries` may be left out. A market is not a country: it names its `countries`, or is `other`, which
is every country that the card does not name.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from campaign.audience.phone import checked_region
from campaign.errors import BadList, NotFound, UsageError

COLUMNS = ("market_or_country", "category", "price", "currency", "valid_from", "valid_to", "countries")
REQUIRED = COLUMNS[:5]
CATEGORIES = ("marketing", "marketing_lite", "utility", "authentication", "authentication-international", "service")
"""The platform's pricing categories. Source: platform.md D.3."""

OTHER = "other"
MOST_BYTES = 5_000_000
HIGHEST = Decimal(10) ** 8
DECIMALS = 6


@dataclass(frozen=True, slots=True)
class CardLine:
    """The price of one delivered message, from a day on; `valid_to` None is until further notice."""

    place: str
    countries: tuple[str, ...]
    category: str
    amount: Decimal
    currency: str
    valid_from: date
    valid_to: date | None = None


class _BadLine(ValueError):
    """A line that cannot be used; the message says why."""


def read_card(path: Path) -> list[CardLine]:
    """The prices of a file.

    raises  NotFound, BadList naming the line and what to do
    """
    found: dict[tuple[str, str, date], int] = {}
    lines: list[CardLine] = []
    for number, cells in _rows(path):
        try:
            line = _line(cells)
            if earlier := found.setdefault((line.place, line.category, line.valid_from), number) - number:
                raise _BadLine(f"says the same place, category and day as line {number + earlier}; keep one of them")
        except (_BadLine, UsageError) as error:
            raise BadList(f"{path} line {number}: {error}; nothing was imported") from None
        lines.append(line)
    if not lines:
        raise BadList(f"{path} has no prices; a line is like MX,marketing,0.04,USD,2026-10-01")
    return _with_countries(path, lines)


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    if path.stat().st_size > MOST_BYTES:
        raise BadList(f"{path} is larger than {MOST_BYTES // 10**6} MB; a rate card has some hundred lines")
    try:
        content = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise BadList(f"{path} is not text in UTF-8; export it as CSV UTF-8") from None
    header = content.partition("\n")[0]
    reader = csv.reader(content.splitlines(), delimiter=";" if header.count(";") > header.count(",") else ",")
    names = [name.strip().lower().replace(" ", "_") for name in next(reader, [])]
    names = ["market_or_country" if name in ("market", "country") else name for name in names]
    if missing := [name for name in REQUIRED if name not in names]:
        raise BadList(f"{path} has no column {missing[0]}; the first line names {','.join(COLUMNS)}")
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, dict(zip(names, map(str.strip, cells), strict=False))


def _line(cells: Mapping[str, str]) -> CardLine:
    if empty := [name for name in REQUIRED if not cells.get(name)]:
        raise _BadLine(f"{empty[0]} is empty; fill it")
    category = cells["category"].lower()
    category = "authentication-international" if category == "authentication_international" else category
    if category not in CATEGORIES:
        raise _BadLine(f"{cells['category']} is no category; choose one of {', '.join(CATEGORIES)}")
    line = CardLine(
        place=_place(cells["market_or_country"]),
        countries=tuple(str(checked_region(code)) for code in cells.get("countries", "").split()),
        category=category,
        amount=_amount(cells["price"]),
        currency=_currency(cells["currency"]),
        valid_from=_day(cells["valid_from"]),
        valid_to=_day(cells["valid_to"]) if cells.get("valid_to") else None,
    )
    if line.valid_to is not None and line.valid_to < line.valid_from:
        raise _BadLine(f"ends on {line.valid_to}, before it begins on {line.valid_from}; correct one of the days")
    return line


def _place(text: str) -> str:
    if len(text) == 2:
        return str(checked_region(text))
    return OTHER if text.lower() == OTHER else text


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise _BadLine(f"{text!r} is no price; write it like 0.0436, with a point") from None
    if not amount.is_finite() or not 0 <= amount < HIGHEST:
        raise _BadLine(f"{text!r} is no price; it is 0 or more, and below {HIGHEST:,}")
    if int(amount.as_tuple().exponent) < -DECIMALS:
        raise _BadLine(f"{text!r} has more than {DECIMALS} decimals; round it")
    return amount


def _currency(text: str) -> str:
    if not (len(text) == 3 and text.isascii() and text.isalpha()):
        raise _BadLine(f"{text!r} is no currency; give its three letters, such as EUR")
    return text.upper()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _BadLine(f"{text!r} is no day; write it like 2026-10-01") from None


def _with_countries(path: Path, lines: list[CardLine]) -> list[CardLine]:
    """Every line of a market with all its countries, wherever the file names them."""
    known: dict[str, set[str]] = {}
    for line in lines:
        known.setdefault(line.place, set()).update(line.countries)
    home: dict[str, str] = {}
    for place, countries in known.items():
        if len(place) > 2 and place != OTHER and not countries:
            raise BadList(f"{path}: market {place} names no countries; list them in a column countries, such as KE GH")
        for country in countries:
            if home.setdefault(country, place) != place:
                raise BadList(f"{path}: {country} is in {home[country]} and in {place}; keep it in one market")
    return [replace(line, countries=tuple(sorted(known[line.place]))) for line in lines]

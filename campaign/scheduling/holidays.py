"""Public holidays of a country or a part of it, from the `holidays` library, year by year."""

from datetime import date
from functools import cache

import holidays

from campaign.errors import UsageError
from campaign.names import listed, nearest


def checked_holidays(code: str) -> str:
    """A country's code in capitals, or country and part such as `DE-BY`.

    raises  UsageError
    """
    country, dash, part = code.strip().upper().partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        raise UsageError(f"--holidays {code!r} is no country; {nearest(country, known)}")
    parts = known[country]
    if dash and part not in parts:
        raise UsageError(
            f"--holidays {code!r}: {country} has no part {part}; known: {listed(parts, most=20) or 'none'}"
        )
    return f"{country}{dash}{part}"


def is_holiday(code: str, day: date) -> bool:
    """Whether a day is a public holiday there; `code` as `checked_holidays` gave it."""
    return day in _of_year(code, day.year)


@cache
def _of_year(code: str, year: int) -> frozenset[date]:
    country, _, part = code.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))

"""Countries and time zones that a form offers, by name in the reader's language."""

from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from babel import Locale

from campaign.audience.phone import checked_region
from campaign.errors import UsageError


@cache
def region_names(language: str) -> Mapping[str, str]:
    """Code to name, by name; only countries that have phones."""
    names = Locale.parse(language).territories
    found = {code: name for code, name in names.items() if len(code) == 2 and code.isalpha() and _has_phones(code)}
    return dict(sorted(found.items(), key=lambda item: item[1].casefold()))


@cache
def zone_names() -> tuple[str, ...]:
    """Every zone of the form Area/City, and UTC."""
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def _has_phones(code: str) -> bool:
    try:
        return checked_region(code) is not None
    except UsageError:
        return False

"""Phones to countries, by the thousand: the database groups by the digits that tell one, one phone of each is read.

Most calling codes are one country's. Where several share one, more digits are needed to tell them apart.
"""

from campaign.audience.phone import Phone, read_phone

UNKNOWN = "unknown"

DIGITS_OF_SHARED_CODES = {"1": 4, "7": 2, "44": 7, "262": 6, "599": 4}
"""Calling codes whose mobile numbers belong to several countries, and how many digits tell which."""

_OTHERS = 3

COUNTRY_PREFIX = (
    "left({phone}, CASE "
    + " ".join(f"WHEN {{phone}} LIKE '+{code}%' THEN {digits + 1}" for code, digits in DIGITS_OF_SHARED_CODES.items())
    + f" ELSE {_OTHERS + 1} END)"
)
"""An SQL expression that is equal for phones of one country; one country may have several values."""


def country_of(phone_e164: str | None) -> str:
    """The ISO 3166 code of a phone's country, or `unknown`."""
    phone = read_phone(phone_e164, None, any_type=True) if phone_e164 else None
    return (phone.region if isinstance(phone, Phone) else None) or UNKNOWN

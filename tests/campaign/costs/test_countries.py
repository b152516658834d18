"""Phones are told apart by country with few digits, and as the library tells them."""

import phonenumbers
import pytest
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumberType
from sqlalchemy import text

from campaign.costs.countries import COUNTRY_PREFIX, DIGITS_OF_SHARED_CODES, UNKNOWN, country_of
from models.session import Sessions

ONE_COUNTRYS_MOBILES = {
    # Shared with places that have no mobiles of their own, or the very same ones.
    *("39", "47", "61", "212", "290", "358", "590"),
}


def prefixes(sessions: Sessions, phones: list[str]) -> list[str]:
    statement = f"SELECT {COUNTRY_PREFIX.format(phone='phone')} FROM unnest(CAST(:phones AS text[])) AS p(phone)"
    with sessions() as session:
        return list(session.scalars(text(statement), {"phones": phones}))


def examples() -> dict[str, str]:
    """A mobile of every region that has an example."""
    found = {}
    for region in phonenumbers.SUPPORTED_REGIONS:
        number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
        if number is not None:
            found[region] = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return found


def test_mobiles_of_two_countries_never_share_a_prefix(sessions: Sessions) -> None:
    by_phone = {phone: country_of(phone) for phone in examples().values()}
    seen: dict[str, str] = {}
    for prefix, (phone, country) in zip(prefixes(sessions, list(by_phone)), by_phone.items(), strict=True):
        assert seen.setdefault(prefix, country) == country, phone


def test_every_calling_code_of_several_countries_was_thought_of() -> None:
    shared = {str(code) for code, regions in COUNTRY_CODE_TO_REGION_CODE.items() if len(regions) > 1}
    assert shared == set(DIGITS_OF_SHARED_CODES) | ONE_COUNTRYS_MOBILES


@pytest.mark.parametrize(
    ("phone", "country"),
    [("+525555550001", "MX"), ("+12025550100", "US"), ("+14165550100", "CA"), ("+447700900000", "GB")],
)
def test_the_country_of_a_phone(phone: str, country: str) -> None:
    assert country_of(phone) == country


@pytest.mark.parametrize("phone", [None, "", "+999123456789", "gone"])
def test_what_is_no_phone_has_no_country(phone: str | None) -> None:
    assert country_of(phone) == UNKNOWN

"""The fast path against the library, over numbers of all regions: it may know less, it never knows otherwise."""

import re
from collections.abc import Iterator
from typing import Any

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from campaign.audience.fast_phone import region_of, with_country_code

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
TYPES = sorted(PhoneNumberType.values())
MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def parsed(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def agree_on(digits: str) -> bool:
    """Hold the fast answer for international digits against the library's; whether there was one."""
    region = region_of(digits)
    if region is None:
        return False
    number = parsed("+" + digits, None)
    assert number is not None
    assert e164(number) == "+" + digits
    assert phonenumbers.is_valid_number(number)
    assert phonenumbers.region_code_for_number(number) == region
    assert phonenumbers.number_type(number) in MOBILE
    return True


def agree_at_home(digits: str, region: str) -> bool:
    """The same for digits as somebody in a region writes them."""
    international = with_country_code(digits, region)
    if international is None or region_of(international) is None:
        return False
    number = parsed(digits, region)
    if number is not None and phonenumbers.is_valid_number(number):
        assert e164(number) == "+" + international
    else:
        # Nothing in this region, so it is another country's with its code and without its plus.
        assert international == digits
    return agree_on(international)


def examples() -> Iterator[tuple[str, PhoneNumber]]:
    for region in REGIONS:
        for kind in TYPES:
            if number := phonenumbers.example_number_for_type(region, kind):
                yield region, number


def spellings(region: str, number: PhoneNumber) -> Iterator[str]:
    national = phonenumbers.national_significant_number(number)
    yield national
    yield f"{number.country_code}{national}"
    yield re.sub(r"\D", "", phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
    yield re.sub(r"\D", "", phonenumbers.format_out_of_country_calling_number(number, region))


def test_example_numbers_of_every_type_in_every_region() -> None:
    for region, number in examples():
        agree_on(e164(number)[1:])
        for spelling in spellings(region, number):
            agree_at_home(spelling, region)
            agree_at_home(spelling, "MX")


def test_most_mobiles_take_the_fast_path() -> None:
    mobiles = [phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE) for region in REGIONS]
    answered = [agree_on(e164(number)[1:]) for number in mobiles if number]
    assert len(answered) > 200
    assert sum(answered) / len(answered) > 0.9


def test_numbers_around_the_examples() -> None:
    """Every example with each of its digits replaced by each other, one dropped and one added."""
    for region in ("MX", "US", "CA", "JM", "AR", "BR", "GB", "GG", "DE", "IT", "RU", "KZ", "NO", "AU", "FI", "MA"):
        for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.TOLL_FREE):
            if number := phonenumbers.example_number_for_type(region, kind):
                for digits in neighbours(e164(number)[1:]):
                    agree_on(digits)
                for digits in neighbours(phonenumbers.national_significant_number(number)):
                    agree_at_home(digits, region)


def neighbours(digits: str) -> Iterator[str]:
    for place in range(len(digits)):
        yield digits[:place] + digits[place + 1 :]
        for digit in "0123456789":
            yield digits[:place] + digit + digits[place + 1 :]
    for digit in "0123456789":
        yield digits + digit
        yield digit + digits


@settings(max_examples=400)
@given(st.data())
def test_numbers_made_from_the_patterns(data: st.DataObject) -> None:
    region = data.draw(st.sampled_from(REGIONS))
    metadata: Any = PhoneMetadata.metadata_for_region(region)
    described = data.draw(st.sampled_from([metadata.general_desc, metadata.mobile, metadata.fixed_line]))
    pattern = described.national_number_pattern if described else None
    if not pattern:
        return
    national = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))
    agree_on(f"{metadata.country_code}{national}")
    agree_at_home(national, region)
    agree_at_home(f"{metadata.country_code}{national}", region)


@settings(max_examples=1000)
@given(st.from_regex(r"[0-9]{1,17}", fullmatch=True), st.sampled_from(REGIONS))
def test_any_digits(digits: str, region: str) -> None:
    agree_on(digits)
    agree_at_home(digits, region)


@pytest.mark.parametrize("digits", ["", "0", "00", "05255512345", "999123456789", "1", "52"])
def test_what_begins_with_no_country_code_is_left_to_the_library(digits: str) -> None:
    assert region_of(digits) is None


def test_an_unknown_region_is_left_to_the_library() -> None:
    assert with_country_code("5555551234", "XX") is None
    assert with_country_code("5555551234", "001") is None

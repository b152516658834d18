"""Phones as lists have them. Numbers are invented: +52 55 5555 XXXX, +1 NPA 555 01XX and +44 7700 900XXX."""

import re
from unittest.mock import patch

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from campaign.audience import phone
from campaign.audience.phone import (
    LANDLINES,
    SERVICES,
    BadPhone,
    Phone,
    checked_region,
    identity_of,
    read_phone,
)
from campaign.audience.reasons import RejectReason as Reason
from campaign.errors import UsageError

MEXICAN = "+525555551234"


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("+525555551234", None),
        ("+52 55 5555 1234", None),
        ("+52-55-5555-1234", "DE"),
        ("(+52) 55.5555.1234", None),
        ("5555551234", "MX"),
        ("55 5555 1234", "MX"),
        ("525555551234", None),
        ("525555551234", "MX"),
        ("52 55 5555 1234", "US"),
        ("00525555551234", None),
        ("00 52 55 5555 1234", "MX"),
        ("+00 52 55 5555 1234", None),
        ("++525555551234", None),
        ("011 52 55 5555 1234", "US"),
        ("0011 52 55 5555 1234", "AU"),
        ("+5215555551234", None),
        ("5215555551234", None),
        ("5215555551234", "MX"),
        ("+52 1 55 5555 1234", "MX"),
        ("+52 044 55 5555 1234", None),
        ("044 55 5555 1234", "MX"),
        ("045 55 5555 1234", "MX"),
        ("01 55 5555 1234", "MX"),
        ("5555551234.0", "MX"),
        ("+525555551234.00", None),
        ("525555551234,0", None),
        ("5.25555551234E+11", None),
        ("5,25555551234E+11", None),
        ("5.25555551234e11", "MX"),
        ("5.555551234E9", "MX"),
        ("525,555,551,234", None),
        ("'+525555551234", None),
        ("’525555551234", None),
        ('="+525555551234"', None),
        ('"5555551234"', "MX"),
        ("+52\u00a055\u202f5555\u20071234", None),
        ("\u200b+52555555\u200d1234\ufeff", None),
        ("\u202a+52 55 5555 1234\u202c", None),
        ("+52 55\u20115555\u20131234", None),
        ("＋５２５５５５５５１２３４", None),
        ("٥٢٥٥٥٥٥٥١٢٣٤", None),
        ("۵۵۵۵۵۵۱۲۳۴", "MX"),
        ("५५५५५५१२३४", "MX"),
        ("whatsapp:+525555551234", None),
        ("tel:+52-55-5555-1234", None),
        ("p:+525555551234", None),
        ("https://wa.me/525555551234", None),
        ("\t+525555551234\r\n", None),
    ],
)  # fmt: skip
def test_damage_that_hides_no_digit_is_undone(text: str, region: str | None) -> None:
    assert read_phone(text, region) == Phone(MEXICAN, "525555551234", "MX")


@pytest.mark.parametrize(
    ("text", "region", "e164", "home"),
    [
        ("+1 (202) 555-0143", None, "+12025550143", "US"),
        ("2025550143", "US", "+12025550143", "US"),
        ("12025550143", "MX", "+12025550143", "US"),
        ("+44 (0)7700 900123", None, "+447700900123", "GB"),
        ("+44(0) 7700 900123", None, "+447700900123", "GB"),
        ("07700 900123", "GB", "+447700900123", "GB"),
        ("(0)7700 900123", "GB", "+447700900123", "GB"),
        ("0044 (0) 7700 900123", "MX", "+447700900123", "GB"),
        ("447700900123", "MX", "+447700900123", "GB"),
        ("+1 604 555 0143", None, "+16045550143", "CA"),
    ],
)  # fmt: skip
def test_numbers_of_other_countries_are_read(text: str, region: str | None, e164: str, home: str) -> None:
    assert read_phone(text, region) == Phone(e164, e164[1:], home)


@pytest.mark.parametrize(
    ("text", "region", "reason", "words"),
    [
        ("", None, Reason.NO_PHONE, "empty"),
        ("  \u200b ", "MX", Reason.NO_PHONE, "empty"),
        ("n/a", "MX", Reason.NO_PHONE, "empty"),
        ("NULL", "MX", Reason.NO_PHONE, "empty"),
        ("-", "MX", Reason.NO_PHONE, "empty"),
        ("+", "MX", Reason.NO_PHONE, "no digits"),
        ("( ) -", "MX", Reason.NO_PHONE, "no digits"),
        ("call me", "MX", Reason.NOT_A_NUMBER, "holds a c e l m"),
        ("+1 800 FLOWERS", None, Reason.NOT_A_NUMBER, "holds E F L O R"),
        ("202-555-0143 x5", "US", Reason.NOT_A_NUMBER, "holds x"),
        ("555555²1234", "MX", Reason.NOT_A_NUMBER, "holds ²"),
        ("5555551234 / 5555555678", "MX", Reason.NOT_A_NUMBER, "more than one number"),
        ("5555551234, 5555555678", "MX", Reason.NOT_A_NUMBER, "more than one number"),
        ("5555551234 y 5555555678", "MX", Reason.NOT_A_NUMBER, "more than one number"),
        ("52+5555551234", "MX", Reason.NOT_A_NUMBER, "+ in the middle"),
        ("5.5E-3", "MX", Reason.NOT_A_NUMBER, "holds E"),
        ("5.25555551234E+3", "MX", Reason.NOT_A_NUMBER, "a fraction"),
        ("5.2155E+11", None, Reason.LOST_DIGITS, "digits lost: 7"),
        ("5,21556E+12", "MX", Reason.LOST_DIGITS, "digits lost: 7"),
        ("5E+11", "MX", Reason.LOST_DIGITS, "digits lost: 11"),
        ("5555551234", None, Reason.NO_COUNTRY, "names no country"),
        ("2025550143", None, Reason.NO_COUNTRY, "names no country"),
        ("07700900123", None, Reason.NO_COUNTRY, "names no country"),
        ("+999 1234 5678", "MX", Reason.BAD_COUNTRY, "no known country code"),
        ("+210 1234 5678", None, Reason.BAD_COUNTRY, "no known country code"),
        ("+52 55 5555 123", None, Reason.TOO_SHORT, "has 9 digits after +52, MX needs 10: 1 too few"),
        ("55 5555", "MX", Reason.TOO_SHORT, "4 too few"),
        ("+44 7700 90012", None, Reason.TOO_SHORT, "1 too few"),
        ("123", "MX", Reason.TOO_SHORT, "has 3 digits"),
        ("+52 55 5555 12345", None, Reason.TOO_LONG, "1 too many"),
        ("+1 202 555 0143 55", None, Reason.TOO_LONG, "2 too many"),
        ("+52 55 5555 5555 5555 5555", None, Reason.TOO_LONG, "15"),
        ("5" * 21, "MX", Reason.TOO_LONG, "has 21 digits"),
        ("+52 05 5555 1234", None, Reason.NOT_VALID, "in no range"),
        ("+1 202 155 0143", None, Reason.NOT_VALID, "in no range"),
        ("+44 20 7946 0123", None, Reason.NOT_MOBILE, "a landline in GB"),
        ("020 7946 0123", "GB", Reason.NOT_MOBILE, "a landline in GB"),
        ("+49 30 23125 123", None, Reason.NOT_MOBILE, "a landline in DE"),
        ("+55 11 3333 4444", None, Reason.NOT_MOBILE, "a landline in BR"),
        ("+39 (0)6 1234567", None, Reason.NOT_MOBILE, "a landline in IT"),
        ("+1 800 555 0143", None, Reason.NOT_MOBILE, "a toll-free number in US"),
        ("+1 900 555 0143", None, Reason.NOT_MOBILE, "a premium-rate number in US"),
        ("+44 843 410 1234", None, Reason.NOT_MOBILE, "a premium-rate number in GB"),
        ("+33 806 00 01 23", None, Reason.NOT_MOBILE, "in FR"),
        ("5555551234", "XX", Reason.BAD_COUNTRY, "region XX does not exist"),
    ],
)  # fmt: skip
def test_whatever_would_have_to_be_guessed_is_refused(
    text: str, region: str | None, reason: Reason, words: str
) -> None:
    found = read_phone(text, region)
    assert isinstance(found, BadPhone)
    assert (found.reason, words in found.text) == (reason, True), found


@pytest.mark.parametrize(
    ("spellings", "identity"),
    [
        (("+525555551234", "+5215555551234", "+52 1 55 5555 1234", "0052 044 55 5555 1234"), "525555551234"),
        (("+5491155501234", "+541155501234", "+54 9 11 5550-1234", "+54 11 15 5550-1234"), "541155501234"),
        (("+5493515550123", "+543515550123", "+54 351 15 555-0123"), "543515550123"),
        (("+5511988880123", "+551188880123", "55 11 8888-0123"), "5511988880123"),
        (("+5582988880123", "+558288880123", "55 82 8888 0123"), "5582988880123"),
    ],
)  # fmt: skip
def test_spellings_of_one_person_have_one_identity(spellings: tuple[str, ...], identity: str) -> None:
    found = [read_phone(spelling, None) for spelling in spellings]
    assert {phone.identity if isinstance(phone, Phone) else phone for phone in found} == {identity}


@pytest.mark.parametrize(
    ("wa_id", "identity"),
    [
        ("5215555551234", "525555551234"),
        ("525555551234", "525555551234"),
        ("5491155501234", "541155501234"),
        ("541155501234", "541155501234"),
        ("558288880123", "5582988880123"),
        ("5582988880123", "5582988880123"),
        ("551133334444", "551133334444"),
        ("12025550143", "12025550143"),
        ("+447700900123", "447700900123"),
        ("", ""),
    ],
)
def test_identity_of_what_the_platform_returns(wa_id: str, identity: str) -> None:
    assert identity_of(wa_id) == identity


def test_old_spellings_that_no_network_knows_any_more_are_mended_in_e164_too() -> None:
    assert read_phone("+5215555551234", None) == read_phone("+525555551234", None)
    assert read_phone("+558288880123", None) == read_phone("+5582988880123", None)
    assert read_phone("(82) 8888-0123", "BR") == read_phone("+5582988880123", None)


def test_argentine_numbers_without_the_nine_are_kept_as_written_and_not_taken_for_landlines() -> None:
    with_nine, without = read_phone("+54 9 11 5550 1234", None), read_phone("11 5550 1234", "AR")
    assert isinstance(with_nine, Phone)
    assert isinstance(without, Phone)
    assert (with_nine.e164, without.e164) == ("+5491155501234", "+541155501234")
    assert with_nine.identity == without.identity


def test_a_national_reading_comes_before_a_foreign_one() -> None:
    # With a plus it would be Peruvian; whoever names Brazil means the area code 51.
    assert read_phone("51988880123", "BR") == Phone("+5551988880123", "5551988880123", "BR")
    assert read_phone("51988880123", "PE") == Phone("+51988880123", "51988880123", "PE")


def test_landlines_are_taken_when_any_type_will_do() -> None:
    assert read_phone("+44 20 7946 0123", None, any_type=True) == Phone("+442079460123", "442079460123", "GB")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("+44 20 7946 0123", LANDLINES),
        ("+49 30 23125 123", LANDLINES),
        ("+1 800 555 0143", SERVICES),
        ("+1 900 555 0143", SERVICES),
        ("+33 806 00 01 23", SERVICES),
    ],
)
def test_an_import_may_take_other_kinds_one_by_one(text: str, kind: frozenset[int]) -> None:
    other = SERVICES if kind is LANDLINES else LANDLINES
    assert isinstance(read_phone(text, None, also=kind), Phone)
    assert isinstance(read_phone(text, None, also=other), BadPhone)


def test_numbers_kept_for_fiction_can_be_rehearsed_with() -> None:
    for last in range(1000):
        assert isinstance(read_phone(f"+44 7700 900{last:03}", None), Phone)


def test_a_region_is_checked_once_for_a_whole_list() -> None:
    assert checked_region(" mx ") == "MX"
    assert checked_region(None) is None
    assert checked_region("") is None
    with pytest.raises(UsageError, match="region 'XX' is unknown; name a country by its two letters"):
        checked_region("XX")


MESS = st.text(alphabet="0123456789+-() ./,eE'\"=xａ٣\u00a0\u200b\x00\n", max_size=24) | st.text(max_size=12)
REGIONS = st.sampled_from([None, "MX", "US", "GB", "AR", "BR", "DE", "IT", "CA", "KZ", "XX"])


@given(MESS, REGIONS)
def test_any_text_is_either_a_phone_or_a_reason(text: str, region: str | None) -> None:
    found = read_phone(text, region)
    if isinstance(found, BadPhone):
        assert found.text
        return
    assert found.e164[0] == "+"
    assert found.e164[1:].isdecimal()
    assert found.identity == identity_of(found.e164) == identity_of(found.identity)
    # What was read reads as itself, in any country.
    assert read_phone(found.e164, region) == found


TAKEN = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.VOIP}


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_plain_numbers_are_read_as_the_library_reads_them(text: str) -> None:
    found = read_phone(text, None)
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        assert isinstance(found, BadPhone)
        return
    if number.country_code in (44, 52, 54, 55):
        return
    valid = phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in TAKEN
    assert isinstance(found, Phone) == valid
    if isinstance(found, Phone):
        assert found.e164 == phonenumbers.format_number(number, PhoneNumberFormat.E164)
        assert found.region == phonenumbers.region_code_for_number(number)


SPACED = st.from_regex(r"\+?[0-9][0-9 -]{5,19}", fullmatch=True) | st.from_regex(
    r"(\+52 ?|00 ?52-|521 |)55 ?[0-9]{4}[ -]?[0-9]{4}", fullmatch=True
)


@given(st.lists(SPACED, max_size=5), REGIONS)
def test_digits_that_are_parted_are_read_as_with_all_care(texts: list[str], region: str | None) -> None:
    with patch.object(phone, "_SPACED", re.compile(r"(?!)")):
        carefully = [read_phone(text, region) for text in texts]
    assert [read_phone(text, region) for text in texts] == carefully

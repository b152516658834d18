"""Text to a phone in E.164 and its identity, or the precise reason why not.

What a spreadsheet or a person did to a number is undone only where no digit has to be guessed; everything else is
refused with a reason. One person may be written in two ways, platform.md F; the identity folds them:

    Mexico     521 + 10 digits (and the old 044, 045, 01)      is 52 + 10 digits
    Argentina  549 + 10 digits                                 is 54 + 10 digits
    Brazil     55 + area + an 8-digit mobile beginning 6 to 9  is 55 + area + 9 + the 8 digits

Mexico's and Brazil's old spellings are no longer valid, so they are mended in E.164 too. Argentina's E.164 stays as
it was written: without the 9, its mobiles and landlines cannot be told apart, so neither is refused as a landline.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberType
from phonenumbers.timezone import UNKNOWN_TIMEZONE as _UNKNOWN_ZONE
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number

from campaign.audience import fast_phone
from campaign.audience.phone_text import digits_in
from campaign.audience.reasons import RejectReason as Reason
from campaign.errors import UsageError

MOBILE_TYPES = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.VOIP})
"""Types that may have WhatsApp; the others are refused by default."""
LANDLINES = frozenset({PhoneNumberType.FIXED_LINE})
SERVICES = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
"""Types that an import may take besides: a shop can have WhatsApp on its landline."""

SHORTEST_INTERNATIONAL = 11
"""Without `+`, shorter digits are as likely a national number of some other country."""

# A pattern that matches nothing, for countries whose spelling never changed.
_AS_IT_IS = (re.compile(r"(?!)"), "")
OLD_SPELLINGS = {
    # Mexico dropped the 1 in 2019 and the trunk prefixes with it; area codes of 2 digits make 10 in all.
    "52": ("52(?:1|01|044|045)([0-9]{10})", r"52\1"),
    # Brazil put a 9 before every mobile between 2012 and 2016; landlines begin with 2 to 5 and keep 8 digits.
    "55": ("55([1-9][0-9])([6-9][0-9]{7})", r"55\g<1>9\2"),
}
"""Country code to the pattern of a whole number as it was once written, and what to write today."""
_OLD = {code: (re.compile(rf"\A{old}\Z"), new) for code, (old, new) in OLD_SPELLINGS.items()}
_OLD_AT_HOME = {"MX": (re.compile(r"\A(?:01|044|045)(\d{10})\Z"), r"\1")}
_SPACED = re.compile(r"\+?\d[\d -]*", re.ASCII)
_UNSPACED = str.maketrans("", "", " -")
"""How most people part digits: nothing else is read into it."""
_ARGENTINE_MOBILE = re.compile(r"\A549(\d{10})\Z")
_FICTION = re.compile(r"447700900\d{3}")
"""Ofcom keeps +44 7700 900000 to 900999 for fiction. Nobody has them, and the library calls them invalid; they pass
so that a list can be rehearsed with numbers that reach nobody."""

_TYPE_NAMES = {
    PhoneNumberType.FIXED_LINE: "a landline",
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.TOLL_FREE: "a toll-free number",
    PhoneNumberType.SHARED_COST: "a shared-cost number",
    PhoneNumberType.PERSONAL_NUMBER: "a personal forwarding number",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.UAN: "a company's service number",
    PhoneNumberType.VOICEMAIL: "a voicemail number",
}


class Phone(NamedTuple):
    """A phone that can be written to. `region` is an ISO 3166 code; `identity` is the same for all its spellings."""

    e164: str
    identity: str
    region: str | None


class BadPhone(NamedTuple):
    """Why a text is no phone that can be written to, as a code and in words for this text."""

    reason: Reason
    text: str


def read_phone(
    text: str, region: str | None, *, any_type: bool = False, also: frozenset[int] = frozenset()
) -> Phone | BadPhone:
    """Read a phone as it stands in a list.

    region    ISO 3166 code of the country of phones written without one; None when unknown
    any_type  takes landlines and service numbers too, as the consent ledger does
    also      takes these types too, such as LANDLINES
    source    platform.md F
    """
    if usual := _usual(text, region):
        return usual
    digits = digits_in(text)
    if isinstance(digits, tuple):
        return BadPhone(*digits)
    # Where no reading makes a phone, the likeliest one says why.
    first: BadPhone | None = None
    for reading, home in _readings(digits, region):
        found = _usual(reading, home) or _read(reading, home, None if any_type else MOBILE_TYPES | also)
        if isinstance(found, Phone):
            return found
        first = first or found
    return first or BadPhone(Reason.NO_COUNTRY, "names no country: write it with + and country code, or name a region")


def identity_of(e164: str) -> str:
    """The digits by which a person is known, the same for every spelling; takes E.164 or a `wa_id`."""
    return _ARGENTINE_MOBILE.sub(r"54\1", _mended(e164.removeprefix("+")))


def zones_of_phone(e164: str) -> tuple[str, ...]:
    """IANA names of the time zones that a phone may be in, in order; none when its number does not tell.

    A number says where it was given out, not where the person is; a mobile of a country where mobiles have no area
    gets the country's zones as the library knows them.
    """
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return ()
    for found in (time_zones_for_number(number), time_zones_for_geographical_number(number)):
        if known := tuple(sorted(set(found) - {_UNKNOWN_ZONE})):
            return known
    return ()


def checked_region(region: str | None) -> str | None:
    """A region in capitals.

    raises  UsageError when there is no such region
    """
    known = region.strip().upper() if region else None
    if known is not None and known not in phonenumbers.SUPPORTED_REGIONS:
        raise UsageError(f"region {region!r} is unknown; name a country by its two letters, such as MX or DE")
    return known


def _usual(text: str, region: str | None) -> Phone | None:
    """A mobile number without damage, which most are; None leaves it to the long way."""
    digits: str | None = text.removeprefix("+")
    if not (text.isascii() and digits and digits.isdecimal()):
        if not _SPACED.fullmatch(text):
            return None
        text = text.translate(_UNSPACED)
        digits = text.removeprefix("+")
    # Nothing was taken off: there is no plus.
    if digits is text:
        digits = fast_phone.with_country_code(text, region) if region else _international(text)
    if digits is None:
        return None
    if found := fast_phone.region_of(digits):
        return _phone(digits, found)
    mended = _mended(digits)
    found = fast_phone.region_of(mended) if mended != digits else None
    return _phone(mended, found) if found else None


def _international(digits: str) -> str | None:
    return digits if len(digits) >= SHORTEST_INTERNATIONAL and not digits.startswith("0") else None


def _readings(digits: str, region: str | None) -> Iterator[tuple[str, str | None]]:
    """What digits can mean, likeliest first, each with the region to read it in."""
    if digits.startswith("+"):
        yield digits, None
        return
    # 00 is the plus nearly everywhere; where it is something else (0011 in Australia) the region's reading follows.
    if digits.startswith("00"):
        yield "+" + digits[2:], None
    if region:
        yield _mended(digits, region), region
    if _international(digits):
        yield "+" + digits, None


def _read(digits: str, region: str | None, types: frozenset[int] | None) -> Phone | BadPhone:
    """One reading, by the library; `types` are those that may be written to, None is any."""
    try:
        number = phonenumbers.parse("+" + _mended(digits[1:]) if region is None else digits, region)
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]
        # The library knows today's numbering alone, so old spellings are mended before they are judged.
        mended = _mended(written)
        return _checked(number if mended == written else phonenumbers.parse("+" + mended), mended, types)
    except NumberParseException as error:
        return _unparsed(error, region)


def _checked(number: PhoneNumber, digits: str, types: frozenset[int] | None) -> Phone | BadPhone:
    if _FICTION.fullmatch(digits):
        return _phone(digits, "GB")
    if not phonenumbers.is_valid_number(number):
        return _invalid(number)
    region = phonenumbers.region_code_for_number(number)
    kind = phonenumbers.number_type(number)
    # Without the 9 an Argentine mobile looks like a landline.
    if types is None or kind in types or (region == "AR" and kind == PhoneNumberType.FIXED_LINE):
        return _phone(digits, region)
    return BadPhone(Reason.NOT_MOBILE, f"is {_TYPE_NAMES.get(kind, 'no mobile number')} in {region}")


def _phone(digits: str, region: str | None) -> Phone:
    return Phone("+" + digits, identity_of(digits) if region == "AR" else digits, region)


def _mended(digits: str, region: str | None = None) -> str:
    """Digits in today's spelling, without country code where a region is given."""
    old, new = _OLD.get(digits[:2], _AS_IT_IS) if region is None else _OLD_AT_HOME.get(region, _AS_IT_IS)
    return old.sub(new, digits)


def _unparsed(error: NumberParseException, region: str | None) -> BadPhone:
    kinds = {
        NumberParseException.INVALID_COUNTRY_CODE: Reason.BAD_COUNTRY,
        NumberParseException.TOO_SHORT_AFTER_IDD: Reason.TOO_SHORT,
        NumberParseException.TOO_SHORT_NSN: Reason.TOO_SHORT,
        NumberParseException.TOO_LONG: Reason.TOO_LONG,
    }
    reason = kinds.get(error.error_type, Reason.NOT_A_NUMBER)
    words = {
        Reason.BAD_COUNTRY: f"region {region} does not exist" if region else "begins with no known country code",
        Reason.TOO_SHORT: "has too few digits for any country",
        Reason.TOO_LONG: "has more digits than any phone, which has 15 at most",
        Reason.NOT_A_NUMBER: "is not a telephone number",
    }
    return BadPhone(reason, words[reason])


def _invalid(number: PhoneNumber) -> BadPhone:
    """Why a number is invalid, measured against the mobiles of its country."""
    # Landlines may be shorter, but nobody in this list means one: "1 too few" helps more than "not valid".
    code = number.country_code or 0
    region = phonenumbers.region_code_for_country_code(code)
    length = len(phonenumbers.national_significant_number(number))
    lengths = _mobile_lengths(code, region)
    needs = " or ".join(map(str, lengths))
    where = f"has {length} digits after +{code}, {region} needs {needs}"
    if length < lengths[0]:
        return BadPhone(Reason.TOO_SHORT, f"{where}: {lengths[0] - length} too few")
    if length > lengths[-1]:
        return BadPhone(Reason.TOO_LONG, f"{where}: {length - lengths[-1]} too many")
    return BadPhone(Reason.NOT_VALID, f"is in no range of numbers that {region} has given out")


def _mobile_lengths(country_code: int, region: str) -> list[int]:
    metadata: Any = PhoneMetadata.metadata_for_region_or_calling_code(country_code, region)
    mobile = metadata.mobile.possible_length if metadata.mobile else ()
    return [length for length in mobile if length > 0] or list(metadata.general_desc.possible_length)

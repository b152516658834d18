"""The common case of a phone, decided by one pattern per region instead of a full parse.

The patterns are put together from the metadata of `phonenumbers` itself. Whatever is unusual (a prefix to strip, a
landline, a service number) gives None, and the caller asks the library. A property test holds both to the same
answers over numbers of all regions.
"""

import re
from functools import cache
from typing import Any, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

_NEVER = re.compile(r"(?!)")
SERVICES = ("premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail")
"""Kinds of numbers, as the metadata calls them, that nobody has in a pocket."""


class _Plan(NamedTuple):
    """How one region numbers its phones; all patterns are for the digits after the country code.

    national     what a number of the region looks like, its length included; `shape` is the same without length
    of_region    what makes the library say that a number is the region's
    mobile       what is a mobile number, or may be one, and nothing else
    surely       a mobile number is always the region's: no leading digits are asked for
    """

    region: str
    code: str
    longest: int
    national: re.Pattern[str]
    shape: re.Pattern[str]
    of_region: re.Pattern[str]
    mobile: re.Pattern[str]
    surely: bool
    national_prefix: re.Pattern[str]
    international_prefix: re.Pattern[str]


def region_of(digits: str) -> str | None:
    """The region of a valid mobile number, given as digits with country code and without `+`.

    returns  None when `phonenumbers` has to be asked; never an answer that it would not give
    """
    plans = _plans_of(digits[:3])
    if not plans:
        return None
    national = digits[len(plans[0].code) :]
    if _strips(plans[0].national_prefix, national):
        return None
    for plan in plans:
        if plan.surely and plan.mobile.match(national):
            return plan.region
        if plan.of_region.match(national):
            return plan.region if plan.mobile.match(national) else None
    return None


def with_country_code(digits: str, region: str) -> str | None:
    """Digits as somebody in `region` may write them, with the country code in front.

    returns  None when `phonenumbers` has to be asked, as for a number that begins with a prefix
    """
    plan = _plan(region)
    if plan is None or plan.international_prefix.match(digits) or _strips(plan.national_prefix, digits):
        return None
    if plan.national.match(digits):
        return plan.code + digits
    too_long = len(digits) > plan.longest
    if not digits.startswith(plan.code):
        # No number of the region, and no prefix to take off: it can only be another country's.
        return digits if too_long else None
    # The library takes a leading country code off only when the whole cannot be a national number.
    return digits if (too_long or not plan.shape.match(digits)) and _plans(plan.code)[0] is plan else None


@cache
def _plans_of(start: str) -> tuple[_Plan, ...]:
    """The regions behind the country code that three digits begin with."""
    return next(filter(None, (_plans(start[:length]) for length in (1, 2, 3))), ())


@cache
def _plans(code: str) -> tuple[_Plan, ...]:
    """The regions behind a country code, in the order in which the library tries them."""
    if not code or code.startswith("0"):
        return ()
    plans = (_plan(region) for region in COUNTRY_CODE_TO_REGION_CODE.get(int(code), ()))
    return tuple(plan for plan in plans if plan is not None)


@cache
def _plan(region: str) -> _Plan | None:
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None:
        return None
    described: Any = metadata.general_desc
    general = _whole(described)
    services = "|".join(_whole(getattr(metadata, name)) for name in SERVICES)
    people = f"{_whole(metadata.fixed_line)}|{_whole(metadata.mobile)}"
    # Where both kinds look alike, the library asks for the landline's pattern.
    mobile = metadata.fixed_line if metadata.same_mobile_and_fixed_line_pattern else metadata.mobile
    return _Plan(
        region=region,
        code=str(metadata.country_code),
        longest=max(described.possible_length),
        national=re.compile(general),
        shape=re.compile(rf"(?:{described.national_number_pattern})\Z"),
        of_region=re.compile(metadata.leading_digits or f"(?={general})(?:{services}|{people})"),
        mobile=re.compile(f"(?={general})(?!{services}){_whole(mobile)}"),
        surely=not metadata.leading_digits,
        national_prefix=_compiled(metadata.national_prefix_for_parsing),
        international_prefix=_compiled(metadata.international_prefix),
    )


def _whole(description: Any) -> str:
    """A pattern for a number that fits one description of the metadata from end to end, lengths included."""
    pattern = description.national_number_pattern if description else None
    lengths = [length for length in description.possible_length if length > 0] if pattern else []
    ends = "|".join(rf"\d{{{length}}}\Z" for length in lengths)
    # The pattern first: of a service number it fails at the first digit.
    return rf"(?:(?=(?:{pattern})\Z)(?:{ends}))" if pattern else _NEVER.pattern


def _compiled(pattern: str | None) -> re.Pattern[str]:
    return re.compile(pattern) if pattern else _NEVER


def _strips(prefix: re.Pattern[str], national: str) -> bool:
    """Whether the library would take a prefix off; some of its patterns also match nothing at all."""
    found = prefix.match(national)
    return found is not None and found.end() > 0

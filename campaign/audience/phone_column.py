"""A column of phones at once: patterns decide what is plain over whole arrays, `read_phone` the rest one by one.

The patterns are those that `fast_phone` asks number by number, from the same metadata; here each is one pass of Arrow's
over all numbers behind a country code. Property tests hold both to the answers of the library.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from campaign.audience.fast_phone import SERVICES
from campaign.audience.phone import OLD_SPELLINGS, SHORTEST_INTERNATIONAL, BadPhone, Phone, read_phone
from campaign.text_arrays import any_of, null_text, text_array

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = r"^\+?[0-9][0-9 -]*$"
_LEAST = 64
"""Numbers behind one country code from which whole arrays are worth their while."""
_NEVER = "[^0-9]"


class PhoneColumn(NamedTuple):
    """What `read_phone` says of each text, as arrays; null where `bad` tells, by place, why a text is no phone."""

    e164s: "pa.Array[Any]"
    identities: "pa.Array[Any]"
    regions: "pa.Array[Any]"
    bad: dict[int, BadPhone]


def read_phone_column(texts: "pa.Array[Any]", region: str | None, *, also: frozenset[int] = frozenset()) -> PhoneColumn:
    """Read a column of phones; `region` and `also` are as in `read_phone`."""
    import pyarrow.compute as pc

    digits, regions = _decided(_with_country_code(texts, region))
    undecided = pc.is_null(regions)
    slow = pc.indices_nonzero(undecided)
    read = [read_phone(text, region, also=also) for text in texts.take(slow).to_pylist()]
    good = [phone if isinstance(phone, Phone) else (None, None, None) for phone in read]
    # Nobody decided here has an identity that differs from the number: that is Argentina, which is left to the rest.
    e164s, identities, regions = (
        pc.replace_with_mask(decided, undecided, text_array([phone[at] for phone in good]))
        for at, decided in enumerate((pc.binary_join_element_wise("+", digits, ""), digits, regions))
    )
    bad = {at: phone for at, phone in zip(slow.to_pylist(), read, strict=True) if isinstance(phone, BadPhone)}
    return PhoneColumn(e164s, identities, regions, bad)


def _with_country_code(texts: "pa.Array[Any]", region: str | None) -> "pa.Array[Any]":
    """The digits of plain texts, with country code; null where somebody has to look at the text itself."""
    import pyarrow.compute as pc

    plain = pc.if_else(pc.match_substring_regex(texts, _PLAIN), texts, null_text())
    together = pc.replace_substring(pc.replace_substring(plain, " ", ""), "-", "")
    digits = pc.utf8_ltrim(together, "+")
    return pc.if_else(pc.starts_with(together, "+"), digits, _without_plus(digits, region))


def _without_plus(digits: "pa.Array[Any]", region: str | None) -> "pa.Array[Any]":
    """Digits with country code, in the cases where `fast_phone.with_country_code` goes by a few tests alone."""
    import pyarrow.compute as pc

    lengths = pc.binary_length(digits)
    if region is None:
        complete = pc.and_not(pc.greater_equal(lengths, SHORTEST_INTERNATIONAL), pc.starts_with(digits, "0"))
        return pc.if_else(complete, digits, null_text())
    plan = _plan(region)
    if plan is None:
        return null_text()
    prefixed = pc.or_(_begins(digits, plan.international_prefix), _begins(digits, plan.national_prefix))
    own = pc.and_not(plan.general.fits(digits), prefixed)
    # Too many digits for the region: they begin with a country code, its own or another.
    complete = pc.and_not(pc.greater(lengths, max(plan.general.lengths)), prefixed)
    if _plans_of(plan.code)[:1] != (plan,):
        complete = pc.and_not(complete, pc.starts_with(digits, plan.code))
    at_home = pc.binary_join_element_wise(plan.code, digits, "")
    return pc.if_else(own, at_home, pc.if_else(complete, digits, null_text()))


def _decided(digits: "pa.Array[Any]") -> tuple["pa.Array[Any]", "pa.Array[Any]"]:
    """Digits in today's spelling, and the region of each that is a mobile number; null where that has to be asked."""
    import pyarrow.compute as pc

    regions = _regions(digits)
    for old, new in OLD_SPELLINGS.values():
        outdated = pc.and_(pc.match_substring_regex(digits, f"^{old}$"), pc.is_null(regions))
        if any_of(outdated):
            outdated = outdated.fill_null(False)
            mended = pc.replace_substring_regex(digits.filter(outdated), f"^{old}$", new.replace(r"\g<1>", r"\1"))
            digits = pc.replace_with_mask(digits, outdated, mended)
            regions = pc.replace_with_mask(regions, outdated, _regions(mended))
    return digits, regions


def _regions(digits: "pa.Array[Any]") -> "pa.Array[Any]":
    """The region of each mobile number, as `fast_phone.region_of` tells it; null where it has to be asked."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    names: list[str | None] = [None]
    found = np.zeros(len(digits), np.int16)
    starts = pc.utf8_slice_codeunits(digits, 0, 3)
    for plans, own_starts in _by_plans(pc.unique(starts).to_pylist()):
        places = pc.indices_nonzero(pc.is_in(starts, pa.array(own_starts)))
        if len(places) >= _LEAST:
            national = pc.utf8_slice_codeunits(digits.take(places), len(plans[0].code))
            for region, some in _mobiles(plans, national):
                found[places.take(some).to_numpy()] = len(names)
                names.append(region)
    return text_array(names).take(pa.array(found))


def _by_plans(starts: Sequence[str | None]) -> Iterator[tuple[Sequence["_Plan"], list[str]]]:
    """The plans behind each country code, with the starts of three digits that belong to it."""
    found: dict[Sequence[_Plan], list[str]] = {}
    for start in starts:
        if start and (plans := _plans_of(start)):
            found.setdefault(plans, []).append(start)
    return iter(found.items())


def _mobiles(plans: Sequence["_Plan"], national: "pa.Array[Any]") -> Iterator[tuple[str, "pa.Array[Any]"]]:
    """Regions, each with the places of its mobiles; `national` is without the country code that the plans share."""
    import pyarrow.compute as pc

    left = pc.indices_nonzero(pc.invert(_begins(national, plans[0].national_prefix)))
    for plan in plans:
        asked = national.take(left)
        mobile = plan.are_mobile(asked)
        belong = pc.or_(mobile, plan.are_own(asked)) if plan.surely else plan.are_own(asked)
        yield plan.region, left.filter(pc.and_(mobile, belong))
        left = left.filter(pc.invert(belong))


class _Shape(NamedTuple):
    """What numbers of one kind look like: a pattern from end to end, and how many digits."""

    pattern: str
    lengths: tuple[int, ...]

    @classmethod
    def of(cls, description: Any) -> "_Shape":
        pattern = description.national_number_pattern if description else None
        lengths = tuple(length for length in description.possible_length if length > 0) if pattern else ()
        return cls(pattern or _NEVER, lengths)

    def fits(self, digits: "pa.Array[Any]") -> "pa.Array[Any]":
        import pyarrow as pa
        import pyarrow.compute as pc

        if not self.lengths:
            return pa.array([False] * len(digits), pa.bool_())
        long_enough = pc.is_in(pc.binary_length(digits), pa.array(self.lengths, pa.int32()))
        return pc.and_(pc.match_substring_regex(digits, f"^(?:{self.pattern})$"), long_enough)


class _Plan(NamedTuple):
    """How one region numbers its phones, as in `fast_phone`; patterns are for the digits after the country code."""

    region: str
    code: str
    general: _Shape
    people: tuple[_Shape, ...]
    services: tuple[_Shape, ...]
    mobile: _Shape
    leading: str | None
    national_prefix: str
    international_prefix: str

    @property
    def surely(self) -> bool:
        """A mobile number is always the region's: no leading digits are asked for."""
        return self.leading is None

    def are_mobile(self, digits: "pa.Array[Any]") -> "pa.Array[Any]":
        import pyarrow.compute as pc

        found = pc.and_(self.general.fits(digits), self.mobile.fits(digits))
        for service in self.services:
            found = pc.and_not(found, service.fits(digits))
        return found

    def are_own(self, digits: "pa.Array[Any]") -> "pa.Array[Any]":
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.leading is not None:
            return _begins(digits, self.leading)
        of_some_kind = pa.array([False] * len(digits), pa.bool_())
        for kind in (*self.people, *self.services):
            of_some_kind = pc.or_(of_some_kind, kind.fits(digits))
        return pc.and_(of_some_kind, self.general.fits(digits))


@cache
def _plans_of(start: str) -> tuple[_Plan, ...]:
    """The regions behind the country code that three digits begin with, in the order in which the library tries them.

    None where one of them needs more than patterns.
    """
    for length in range(1, len(start) + 1):
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(start[:length]), ()) if start[0] != "0" else ()
        plans = [_plan(region) for region in regions]
        if regions:
            return tuple(plan for plan in plans if plan) if all(plans) else ()
    return ()


@cache
def _plan(region: str) -> _Plan | None:
    metadata = PhoneMetadata.metadata_for_region(region, None)
    # A prefix that may be nothing is taken off by more rules than a pattern: Argentina's.
    if metadata is None or re.match(metadata.national_prefix_for_parsing or _NEVER, ""):
        return None
    # Where both kinds look alike, the library asks for the landline's pattern.
    mobile = metadata.fixed_line if metadata.same_mobile_and_fixed_line_pattern else metadata.mobile
    services = (_Shape.of(getattr(metadata, name)) for name in SERVICES)
    return _Plan(
        region=region,
        code=str(metadata.country_code),
        general=_Shape.of(metadata.general_desc),
        people=(_Shape.of(metadata.fixed_line), _Shape.of(metadata.mobile)),
        services=tuple(service for service in services if service.lengths),
        mobile=_Shape.of(mobile),
        leading=metadata.leading_digits,
        national_prefix=metadata.national_prefix_for_parsing or _NEVER,
        international_prefix=metadata.international_prefix or _NEVER,
    )


def _begins(digits: "pa.Array[Any]", pattern: str) -> "pa.Array[Any]":
    import pyarrow.compute as pc

    return pc.match_substring_regex(digits, f"^(?:{pattern})")

"""A column of phones is read as one by one, over numbers of all regions and over any mess."""

import random
from collections.abc import Iterator

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from campaign.audience import phone_column
from campaign.audience.phone import BadPhone, Phone, read_phone
from campaign.audience.phone_column import read_phone_column
from campaign.text_arrays import text_array

TEXTS = st.text(alphabet="0123456789+-() ./,eE'\"=xａ٣\u00a0\u200b\x00\n", max_size=24)
NUMBERS = st.from_regex(r"\+?(52|54|55|1|44|)[0-9 -]{8,11}", fullmatch=True)
REGIONS = [None, "MX", "US", "GB", "AR", "BR", "DE", "IT", "CA", "KZ"]


def read(texts: list[str], region: str | None, also: frozenset[int] = frozenset()) -> list[Phone | BadPhone]:
    found = read_phone_column(text_array(texts), region, also=also)
    columns = (column.to_pylist() for column in (found.e164s, found.identities, found.regions))
    return [found.bad.get(at) or Phone(*row) for at, row in enumerate(zip(*columns, strict=True))]


@pytest.fixture
def whole_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patterns decide however few numbers there are."""
    monkeypatch.setattr(phone_column, "_LEAST", 1)


def numbers_like_the_published() -> Iterator[str]:
    """The example numbers of all regions and kinds, some digits of them changed, in several spellings."""
    rng = random.Random(1)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in sorted(PhoneNumberType.values()):
            number = phonenumbers.example_number_for_type(region, kind)
            if number is None:
                continue
            yield phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
            national = phonenumbers.national_significant_number(number)
            for _ in range(12):
                digits = list(national) + rng.choice([[], [], [], ["0"]])
                for _ in range(rng.randrange(3)):
                    digits[rng.randrange(len(digits))] = str(rng.randrange(10))
                text = "".join(digits)
                code = number.country_code
                yield rng.choice([text, f"+{code}{text}", f"+{code} {text[:3]}-{text[3:]}", f"{code}{text}"])


@pytest.mark.parametrize("region", REGIONS, ids=str)
def test_numbers_of_all_regions_are_read_as_one_by_one(whole_arrays: None, region: str | None) -> None:
    texts = list(numbers_like_the_published())
    assert len(texts) > 10_000
    assert read(texts, region) == [read_phone(text, region) for text in texts]


@given(st.lists(TEXTS | NUMBERS, max_size=5), st.sampled_from(REGIONS), st.sampled_from([1, 64]))
def test_any_texts_are_read_as_one_by_one(texts: list[str], region: str | None, least: int) -> None:
    kinds = frozenset({PhoneNumberType.FIXED_LINE})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(phone_column, "_LEAST", least)
        assert read(texts, region, kinds) == [read_phone(text, region, also=kinds) for text in texts]


@pytest.mark.parametrize(
    ("written", "e164", "region"),
    [
        ("+52 55 5555 0001", "+525555550001", "MX"),
        ("5215555550001", "+525555550001", "MX"),
        ("55 5555-0001", "+525555550001", "MX"),
        ("+55 11 9555 0001", "+5511995550001", "BR"),
        ("+5491155550001", "+5491155550001", "AR"),
    ],
)
def test_patterns_decide_for_whole_lists_of_usual_numbers(written: str, e164: str, region: str) -> None:
    found = read_phone_column(text_array([written] * 100), "MX")
    assert (set(found.e164s.to_pylist()), set(found.regions.to_pylist()), found.bad) == ({e164}, {region}, {})

"""Spellings of phones."""

import pytest

from sandbox.phone import is_us, other_spelling, person_of, read_digits


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+525555500001", "525555500001"),
        ("525555500001", "525555500001"),
        ("+1 (202) 555-0111", "12025550111"),
        ("+49.30.55501", "493055501"),
        ("0049 30 55501", None),
        ("+123456", None),
        ("+1234567890123456", None),
        ("٠١٢٣٤٥٦٧٨٩", None),
        ("anna", None),
        ("", None),
    ],
)
def test_digits_are_read_as_the_platform_would(text: str, digits: str | None) -> None:
    assert read_digits(text) == digits


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("525555500001", "5215555500001"),
        ("541155500001", "5491155500001"),
        ("551187654321", "5511987654321"),
    ],
)
def test_two_spellings_are_one_person(one: str, other: str) -> None:
    assert person_of(one) == person_of(other) == one
    assert (other_spelling(one), other_spelling(other)) == (other, one)


def test_others_have_one_spelling() -> None:
    assert other_spelling("12025550111") == person_of("12025550111") == "12025550111"


@pytest.mark.parametrize(("digits", "us"), [("12025550111", True), ("14165550111", False), ("18765550111", False)])
def test_the_area_code_tells_the_united_states(digits: str, us: bool) -> None:
    assert is_us(digits) is us


def test_other_countries_are_not_the_united_states() -> None:
    assert not is_us("525555500001")

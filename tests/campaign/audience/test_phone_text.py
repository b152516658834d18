"""Cells brought down to digits, whatever country they may belong to."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.audience.phone_text import digits_in
from campaign.audience.reasons import RejectReason as Reason


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+52 55 5555 1234", "+525555551234"),
        ("(55) 5555-1234", "5555551234"),
        ("55~5555/1234", "5555551234"),
        ("[55] 5555 1234", "5555551234"),
        ("+44 (0) 7700 900123", "+447700900123"),
        ("0044 (0)7700 900123", "00447700900123"),
        # Only behind a country code is the zero in brackets one too many; Italy's belongs to the number.
        ("(0)7700 900123", "07700900123"),
        ("+39 (0)6 1234567", "+39061234567"),
        ("5555551234.0", "5555551234"),
        ("5555551234.000000", "5555551234"),
        ("5555551234.50", (Reason.NOT_A_NUMBER, "is a fraction, not a telephone number")),
        # Too few digits before the point to be the tail of a float.
        ("55.0", (Reason.TOO_SHORT, "has 3 digits, a phone has 5 to 15")),
        ("555.555.1234", "5555551234"),
        ("1.234E+3", "1234"),
        ("5.25555551234E+11", "525555551234"),
        ("5.2555555123E+11", (Reason.LOST_DIGITS, "was rounded by a spreadsheet, digits lost: 1")),
        ("1,234,567", "1234567"),
        ("12,34,567", (Reason.NOT_A_NUMBER, "holds ,, which no telephone number has")),
        ("0151/12345678", "015112345678"),
        ("5555551234|5555551235", (Reason.NOT_A_NUMBER, "holds more than one number: keep one")),
        ("5555551234 oder 5555551235", (Reason.NOT_A_NUMBER, "holds more than one number: keep one")),
        ("555\u20445551234", (Reason.NOT_A_NUMBER, "holds ⁄, which no telephone number has")),
    ],
)  # fmt: skip
def test_cells(text: str, digits: object) -> None:
    assert digits_in(text) == digits


def test_the_digits_of_every_script_are_digits() -> None:
    scripts = {chr(code - code_of_zero(code)) for code in range(0x110000) if unicodedata.category(chr(code)) == "Nd"}
    assert len(scripts) > 50
    for zero in scripts:
        text = "+" + "".join(chr(ord(zero) + int(digit)) for digit in "525555551234")
        assert digits_in(text) == "+525555551234"


def code_of_zero(code: int) -> int:
    return unicodedata.decimal(chr(code))


@given(st.text(max_size=40))
def test_any_text_gives_digits_or_words(text: str) -> None:
    found = digits_in(text)
    if isinstance(found, str):
        assert found.removeprefix("+").isdecimal()
        assert found.isascii()
    else:
        assert isinstance(found[0], Reason)
        assert found[1]

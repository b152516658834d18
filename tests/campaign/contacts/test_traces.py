"""One phone in all the ways in which people and programs write it, and nobody else's."""

import pytest

from campaign.audience.phone import Phone, read_phone
from campaign.contacts.traces import Traces, spellings


def traces(phone: str, *ids: str) -> Traces:
    found = read_phone(phone, None, any_type=True)
    assert isinstance(found, Phone)
    return Traces.of(spellings(found), ids)


MX, GB, BR, AR = "+525555501234", "+447700900123", "+5511911112222", "+5491151234567"


@pytest.mark.parametrize(
    ("phone", "written"),
    [
        (MX, "525555501234"), (MX, "+52 55 5550-1234"), (MX, "5215555501234"), (MX, "00525555501234"),
        (MX, "011 52 55 5550 1234"), (MX, "5555501234"), (MX, "(55) 5550.1234"), (MX, "044 5555501234"),
        (MX, "01 55 5550 1234"), (MX, "525555501234.0"), (MX, "５２５５５５５０１２３４"), (MX, "٥٢٥٥٥٥٥٠١٢٣٤"),
        (MX, "https://wa.me/525555501234"), (MX, "5 5 5 5 5 0 1 2 3 4"), (MX, "a;b;+525555501234;12"),
        (MX, "17,525555501234,2026"), (GB, "07700 900123"), (GB, "+44 (0)7700 900123"), (GB, "7700900123"),
        (BR, "551111112222"), (BR, "(11) 91111-2222"), (BR, "011911112222"), (AR, "011 15 5123-4567"),
        (AR, "541151234567"), (AR, "+54 9 11 5123 4567"),
    ],
)  # fmt: skip
def test_every_spelling_is_found_and_taken_out(phone: str, written: str) -> None:
    cleaned = traces(phone).clean(f"call {written} now")
    assert "erased" in cleaned
    assert not any(tail in cleaned for tail in (phone[-4:], "234", "٢٣٤", "２３４"))


@pytest.mark.parametrize(
    "other",
    ["+15555501234", "+1 555 550 1234", "5255555012345", "95555501234", "52555550123", "+5215555501235", "1234"],
)
def test_another_number_is_left_alone_even_with_the_same_digits_in_it(other: str) -> None:
    assert traces(MX).clean(f"call {other} now") == f"call {other} now"


def test_ids_of_the_platform_go_too_and_json_stays_json() -> None:
    found = traces(MX, "MX.13491208655302741918")
    value = {"phone": 525555501234, "of +52 55 5550 1234": ["MX.13491208655302741918", True, None, 12.5]}
    assert found.clean_json(value) == {"phone": "erased", "of erased": ["erased", True, None, 12.5]}

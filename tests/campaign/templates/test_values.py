"""What each slot takes, and what is said of the rest."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.templates.slots import SlotUse
from campaign.templates.values import Fault, Section, Unfit, prepare, read_products

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("use", "text", "expected"),
    [
        (SlotUse.TEXT, "Ann", "Ann"),
        (SlotUse.MEDIA, "1234567890", "1234567890"),
        (SlotUse.MEDIA, "0f1c7000-0000-4000-8000-000000000001", "0f1c7000-0000-4000-8000-000000000001"),
        (SlotUse.MEDIA, "https://cdn.example.com/a.jpg", "https://cdn.example.com/a.jpg"),
        (SlotUse.LATITUDE, "-52.5", "-52.5"),
        (SlotUse.LONGITUDE, "180", "180"),
        (SlotUse.ADDRESS_END, "abc?q=1&r=2#x", "abc?q=1&r=2#x"),
        (SlotUse.ADDRESS_END, "ñ y 50%", "%C3%B1%20y%2050%25"),
        (SlotUse.ADDRESS_END, "a%20b", "a%20b"),
        (SlotUse.CODE, "SPRING15", "SPRING15"),
        (SlotUse.PAYLOAD, "x" * 128, "x" * 128),
        (SlotUse.OFFER_END, "2026-11-30T20:00:00+01:00", "1796065200000"),
        (SlotUse.OFFER_END, "1796065200000", "1796065200000"),
        (SlotUse.DATA, '{"k": 1}', '{"k": 1}'),
        (SlotUse.PRODUCTS, "sku-1, sku-2", "sku-1, sku-2"),
    ],
)
def test_what_is_sent(use, text, expected):
    assert prepare(use, text, NOW) == expected


@pytest.mark.parametrize(
    ("use", "text", "fault", "words"),
    [
        (SlotUse.MEDIA, "pictures/a.jpg", Fault.BAD_MEDIA, "neither an http"),
        (SlotUse.MEDIA, "https://", Fault.BAD_MEDIA, "neither an http"),
        (SlotUse.MEDIA, "https://cdn.example.com/a b.jpg", Fault.BAD_MEDIA, "neither an http"),
        (SlotUse.LATITUDE, "90.1", Fault.BAD_VALUE, "not a number from -90 to 90"),
        (SlotUse.LATITUDE, "52,5", Fault.BAD_VALUE, "not a number"),
        (SlotUse.LONGITUDE, "nan", Fault.BAD_VALUE, "not a number"),
        (SlotUse.ADDRESS_END, "https://shop.example.com/a", Fault.BAD_ADDRESS_END, "a whole address"),
        (SlotUse.CODE, "SPRING-SALE-2026", Fault.BAD_CODE, "has 16 characters"),
        (SlotUse.CODE, "SALE😀", Fault.BAD_CODE, "a link or an emoji"),
        (SlotUse.CODE, "www.x.example", Fault.BAD_CODE, "a link or an emoji"),
        (SlotUse.PAYLOAD, "x" * 129, Fault.BAD_VALUE, "has 129 characters"),
        (SlotUse.OFFER_END, "soon", Fault.BAD_VALUE, "no moment such as"),
        (SlotUse.OFFER_END, "2026-11-30T20:00:00", Fault.BAD_VALUE, "no moment such as"),
        (SlotUse.OFFER_END, "2026-11-20T11:59:00Z", Fault.BAD_VALUE, "ended on 2026-11-20 11:59 UTC"),
        (SlotUse.OFFER_END, "1796065200", Fault.BAD_VALUE, "no moment such as"),
        (SlotUse.DATA, "[1]", Fault.BAD_VALUE, "no JSON object"),
        (SlotUse.DATA, "{", Fault.BAD_VALUE, "no JSON object"),
        (SlotUse.PRODUCTS, ", ;", Fault.BAD_VALUE, "has 0 products"),
        (SlotUse.PRODUCTS, "sku-1; New: sku-2", Fault.BAD_VALUE, "one has no title"),
        (SlotUse.PRODUCTS, "A: ; B: sku-2", Fault.BAD_VALUE, "each section needs one"),
        (SlotUse.PRODUCTS, ",".join(["sku"] * 31), Fault.BAD_VALUE, "has 31 products"),
        (SlotUse.PRODUCTS, ";".join(["T: sku"] * 11), Fault.BAD_VALUE, "has 11 sections"),
    ],
)
def test_what_is_refused(use, text, fault, words):
    found = prepare(use, text, NOW)
    assert isinstance(found, Unfit)
    assert found.fault is fault
    assert words in found.text


def test_products_by_section():
    assert read_products("Popular: sku-1, sku-2; New: sku-3") == [
        Section("Popular", ["sku-1", "sku-2"]),
        Section("New", ["sku-3"]),
    ]
    assert read_products("sku-1") == [Section("", ["sku-1"])]


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs", "Zs", "Cc"])))
def test_the_end_of_an_address_is_safe_and_escaped_once(text):
    escaped = prepare(SlotUse.ADDRESS_END, text)
    if isinstance(escaped, str):
        assert escaped.isascii()
        assert prepare(SlotUse.ADDRESS_END, escaped) == escaped

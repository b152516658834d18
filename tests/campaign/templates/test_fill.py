"""One row to the texts of its message."""

import re
import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.templates.fill import MissingValue, UnfitValue, clean, make_filler, parse_mapping, slots_of
from campaign.templates.lengths import lengths_of
from campaign.templates.values import Fault
from tests.campaign.templates.cases import BODY, buttons

SLOTS = slots_of([BODY], "POSITIONAL")
COLUMNS = ["name", "saving"]


def filler(*items):
    return make_filler(parse_mapping(items), SLOTS, COLUMNS)


def test_columns_constants_and_fallbacks():
    fill = filler("body.1=name|friend", "body.2=saving", "body.3==Sunday")
    assert fill({"name": "Ann", "saving": "15%"}) == {"body.1": "Ann", "body.2": "15%", "body.3": "Sunday"}
    assert fill({"name": " ", "saving": "15%"}) == {"body.1": "friend", "body.2": "15%", "body.3": "Sunday"}


@pytest.mark.parametrize("row", [{"name": "Ann", "saving": ""}, {"name": "Ann", "saving": "\u00a0\t"}, {"name": "Ann"}])
def test_an_empty_value_without_fallback_is_missing(row):
    assert filler("body.1=name", "body.2=saving", "body.3==Sunday")(row) == MissingValue("body.2", "saving")


def test_rows_do_not_share_their_values():
    fill = filler("body.1=name", "body.2==15%", "body.3==Sunday")
    first, second = fill({"name": "Ann"}), fill({"name": "Ben"})
    assert (first["body.1"], second["body.1"]) == ("Ann", "Ben")


@given(st.text())
def test_cleaned_text_is_what_the_platform_takes(text):
    cleaned = clean(text)
    assert not re.search(r"[\n\r\t\x00]| {2,}", cleaned)
    assert cleaned == cleaned.strip()
    assert clean(cleaned) == cleaned


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"])))
def test_cleaning_leaves_words_alone(text):
    assert clean(text) == text


HEADED = [{"type": "HEADER", "format": "IMAGE"}, BODY, buttons({"type": "URL", "text": "S", "url": "https://x/{{1}}"})]
ALL = {
    "header.1": {"column": "picture"},
    "body.1": {"column": "name", "transforms": "trim,title", "fallback": "friend"},
    "body.2": {"column": "day", "transforms": "date(en_US,long)"},
    "body.3": {"text": "Sunday"},
    "button.0": {"column": "path"},
}
ROW = {"picture": "123", "name": "ANN", "day": "2026-11-30", "path": "a b"}


def whole(mapping=ALL):
    return make_filler(mapping, slots_of(HEADED, "POSITIONAL"), list(ROW), lengths=lengths_of(HEADED))


def test_columns_are_rewritten_checked_and_escaped():
    assert whole()(ROW) == {
        "header.1": "123",
        "body.1": "Ann",
        "body.2": "November 30, 2026",
        "body.3": "Sunday",
        "button.0": "a%20b",
    }


@pytest.mark.parametrize(
    ("change", "slot", "fault", "words"),
    [
        ({"day": "soon"}, "body.2", Fault.BAD_VALUE, "day is 'soon', no date such as 2026-11-30, for body.2"),
        ({"picture": "a/b"}, "header.1", Fault.BAD_MEDIA, "picture is 'a/b', neither"),
        ({"path": "https://x/a"}, "button.0", Fault.BAD_ADDRESS_END, "path is a whole address"),
        ({"name": "x" * 1100}, "body", Fault.TEXT_TOO_LONG, "the body has 1,152 characters when filled, 1,024"),
    ],
)
def test_a_row_that_would_be_refused_says_why(change, slot, fault, words):
    found = whole()(ROW | change)
    assert isinstance(found, UnfitValue)
    assert (found.slot, found.fault) == (slot, fault)
    assert words in found.text


def test_what_is_mended_is_counted():
    fill = whole()
    for row in (ROW | {"name": ""}, ROW | {"name": "Ann\nLee"}, ROW | {"picture": "https://x.example/a.jpg"}, ROW):
        assert isinstance(fill(row), dict)
    assert fill.notes == {"fallback": 1, "collapsed": 1, "media_link": 1}


def test_an_optional_slot_may_stay_empty():
    components = [{"type": "HEADER", "format": "DOCUMENT"}]
    mapping = {"header.1": {"column": "file"}, "header.filename": {"column": "title"}}
    fill = make_filler(mapping, slots_of(components, "POSITIONAL"), ["file", "title"])
    assert fill({"file": "1", "title": ""}) == {"header.1": "1"}
    assert fill({"file": "1", "title": "a.pdf"}) == {"header.1": "1", "header.filename": "a.pdf"}


def test_a_row_takes_at_most_10_microseconds():
    fill = make_filler(
        parse_mapping(["body.1=name|friend", "body.2=saving:trim", "body.3==Sunday"]),
        SLOTS,
        COLUMNS,
        lengths=lengths_of([BODY]),
    )
    row = {"name": "Ann", "saving": "15%"}
    seconds = sorted(timeit.repeat(lambda: fill(row), number=1000, repeat=7))[3] / 1000
    assert seconds < 10e-6

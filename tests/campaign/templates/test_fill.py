"""One row to the texts of its message."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.templates.fill import MissingValue, clean, make_filler, parse_mapping, slots_of
from tests.campaign.templates.cases import BODY

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

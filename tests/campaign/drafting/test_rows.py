"""One row of a draft's list as the person in it will see the message."""

import pytest

from campaign.audience.reasons import RejectReason
from campaign.audience.rows import RawRow
from campaign.drafting.content import DraftContent
from campaign.drafting.rows import seen
from models import Template
from tests.factories import NOON, TEXT_COMPONENTS


def template(id_, language="en_US", text=None):
    components = TEXT_COMPONENTS if text is None else [{"type": "BODY", "text": text}]
    return Template(
        id=id_, account="1", name="spring_sale", language=language, category="marketing", status="APPROVED",
        parameter_format="POSITIONAL", components=components, synced_at=NOON,
    )  # fmt: skip


def said(found):
    return "".join(run.text for line in found.bubbles[0].blocks[0].lines for run in line)


ITEMS = ["body.1=name", "body.2==15%"]
ANN = RawRow(1, {"name": "Ann", "lang": "es"})


def test_a_row_is_filled_in():
    assert said(seen([template(1)], DraftContent(), ITEMS, ANN, NOON)) == "Hi Ann, your code saves 15% until Sunday."


def test_what_is_not_filled_yet_shows_where_it_will_stand():
    found = seen([template(1)], DraftContent(), ITEMS[:1], ANN, NOON)
    assert said(found).startswith("Hi Ann, your code saves {{2}}")
    assert found.open == ["body.2"]


def test_an_empty_cell_without_a_fallback_is_told_and_the_rest_is_shown():
    found = seen([template(1)], DraftContent(), ITEMS, RawRow(1, {"name": " "}), NOON)
    assert found.missing == ("body.1", "name")
    assert "15%" in said(found)


def test_a_person_gets_the_language_of_their_column():
    both = [template(1), template(2, "es", "Hola {{1}}")]
    found = seen(both, DraftContent(language_column="lang"), ITEMS[:1], ANN, NOON)
    assert (found.language, said(found)) == ("es", "Hola Ann")


def test_a_row_that_cannot_be_read_says_why():
    row = RawRow(1, {}, RejectReason.RAGGED_ROW, "has 1 fields, the header has 2")
    assert seen([template(1)], DraftContent(), ITEMS, row, NOON).wrong == "has 1 fields, the header has 2"


def test_a_mapping_that_is_none_is_told():
    assert "empty constant" in str(seen([template(1)], DraftContent(), ["body.1== "], ANN, NOON).wrong)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\u202ereversed", "x" * 10_000])
def test_a_hostile_name_is_text_like_any_other(name):
    assert name in said(seen([template(1)], DraftContent(), ITEMS, RawRow(1, {"name": name}), NOON)) or len(name) > 1024

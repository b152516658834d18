"""Whole columns are filled as row by row, or left to that."""

from hypothesis import given
from hypothesis import strategies as st

from campaign.templates.fill import make_filler, parse_mapping, slots_of
from campaign.templates.lengths import lengths_of
from campaign.templates.straight import straight_of
from campaign.text_arrays import text_array
from tests.campaign.templates.cases import BODY

SLOTS, LENGTHS = slots_of([BODY], "POSITIONAL"), lengths_of([BODY])
COLUMNS = ["name", "saving"]
CELL = st.sampled_from(["Ann", "Ana María", "", " ", "a  b", " a", "x\ny", "z\x00", "é" * 900, "15%"])


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=4))
def test_what_fits_is_what_one_row_would_get(rows: list[tuple[str, str]]) -> None:
    fill = make_filler(
        parse_mapping(["body.1=name", "body.2=saving|much", "body.3==Sunday"]), SLOTS, COLUMNS, lengths=LENGTHS
    )
    straight = straight_of(fill)
    assert straight is not None
    # The second may fall back on a text of its own, so it is not filled straight.
    texts = {slot: text_array([row[COLUMNS.index(name)] for row in rows]) for slot, name in straight.columns.items()}
    for fits, (name, saving) in zip(straight.fits(texts, len(rows)).to_pylist(), rows, strict=True):
        if fits:
            assert fill({"name": name, "saving": saving}) == {"body.1": name, "body.2": saving, "body.3": "Sunday"}
    assert fill.notes["fallback"] == 0


def test_ordinary_cells_fit() -> None:
    straight = make_filler(parse_mapping(["body.1=name", "body.2=saving", "body.3==x"]), SLOTS, COLUMNS).straight
    assert straight is not None
    texts = {"body.1": text_array(["Ann", "Ana María", " Ben"]), "body.2": text_array(["1", "2", "3"])}
    assert straight.fits(texts, 3).to_pylist() == [True, True, False]


def test_cells_that_are_worked_on_and_other_fillers_are_left_to_one_row() -> None:
    worked_on = make_filler(parse_mapping(["body.1=name:upper", "body.2=saving", "body.3==x"]), SLOTS, COLUMNS)
    assert straight_of(worked_on) is None
    assert straight_of(lambda row: {}) is None

"""Lines are split at once only where a strict reader of CSV would say the same."""

import csv

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaign.audience.tidy_text import split_plainly

CELL = st.sampled_from(
    ["a", '"a"', "", '""', '"a,b"', '"a""b"', 'é"', '"', "a b", '"a "', '""""', '"a"b', " ", '5" pipe', "NA", "007"]
)
LINES = st.integers(1, 3).flatmap(
    lambda width: st.tuples(
        st.just(width),
        st.lists(st.lists(CELL, min_size=width, max_size=width).map(",".join), min_size=1, max_size=4)
        | st.lists(st.text('a",b é', max_size=8), min_size=1, max_size=4),
        st.booleans(),
    )
)


def carefully(lines: list[str], width: int) -> list[list[str]] | None:
    try:
        records = list(csv.reader(lines, strict=True))
    except csv.Error:
        return None
    return records if len(records) == len(lines) and {len(record) for record in records} == {width} else None


@given(LINES)
@example((2, ['","a,b"'], True))
@example((2, [',"'], False))
@example((1, ["a", "", "b"], True))
def test_what_is_split_is_what_a_strict_reader_says(case: tuple[int, list[str], bool]) -> None:
    width, texts, ended = case
    lines = [f"{text}\n" for text in texts]
    if not ended and texts[-1]:
        lines[-1] = texts[-1]
    table = split_plainly(lines, ["x", "y", "z"][:width], ",")
    if table is not None:
        rows = [list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]
        assert rows == carefully(lines, width)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("cell", ["Ana", '"Ana, Bob; Cid\t|"', '5" pipe'])
def test_plain_lines_are_split(delimiter: str, cell: str) -> None:
    expected = cell[1:-1] if cell.startswith('"') else cell
    table = split_plainly([f"{cell}{delimiter}+525555550001\n"] * 3, ["name", "phone"], delimiter)
    assert table is not None
    assert table.to_pydict() == {"name": [expected] * 3, "phone": ["+525555550001"] * 3}


def test_no_word_becomes_a_missing_value_and_no_digits_a_number() -> None:
    table = split_plainly(["NA,007\n", "null,1e5\n", ",\n"], ["a", "b"], ",")
    assert table is not None
    assert table.to_pydict() == {"a": ["NA", "null", ""], "b": ["007", "1e5", ""]}


@pytest.mark.parametrize("lines", [["a\n", "\n"], ["a,b\n"], ["a\n", "  \n"], ['"a\n', 'b"\n']])
def test_lines_that_may_be_no_rows_are_left_to_a_careful_reader(lines: list[str]) -> None:
    assert split_plainly(lines, ["a"], ",") is None

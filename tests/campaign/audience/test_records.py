"""Records of lists that are not plain."""

from io import StringIO
from itertools import islice

import pytest

from campaign.audience.records import LONGEST_LINE, Unreadable, physical_lines, split_records

OPEN = "opened and not closed"


def records(text: str, *, block: int | None = None, width: int | None = 3) -> list[list[str] | Unreadable]:
    lines = physical_lines(StringIO(text))
    first = list(islice(lines, block))
    return list(split_records(first, lines, delimiter=",", width=width))


def test_quoted_cells_may_hold_delimiters_quotation_marks_and_line_breaks() -> None:
    assert records('"a","b, ""c""",d\n"e\nf",g,h\n') == [["a", 'b, "c"', "d"], ["e\nf", "g", "h"]]


def test_a_record_goes_on_behind_its_block() -> None:
    assert records('a,b,c\nd,"e\nf\ng",h\n', block=2) == [["a", "b", "c"], ["d", "e\nf\ng", "h"]]


def test_blank_lines_and_ragged_rows_are_handed_on_as_they_are() -> None:
    assert records("a,b,c\n\nd,e\nf,g,h,i\n") == [["a", "b", "c"], [], ["d", "e"], ["f", "g", "h", "i"]]


@pytest.mark.parametrize(
    ("after", "others"),
    [
        ('b,"c",d\n', [["b", "c", "d"]]),
        ("b,c,d\ne,f,g\n", [["b", "c", "d"], ["e", "f", "g"]]),
        ('"b","c","d"\n"e","f","g"\n', [["b", "c", "d"], ["e", "f", "g"]]),
        ('b,c\nd,e,f"\n', [["b", "c"], ["d", "e", 'f"']]),
        ("b,c,d\n" * 500, [["b", "c", "d"]] * 500),
    ],
)
def test_a_quotation_mark_never_closed_costs_its_own_line_alone(after: str, others: list[list[str]]) -> None:
    broken, *rest = records('a,"x,y\n' + after)
    assert isinstance(broken, Unreadable)
    assert (broken.line, OPEN in broken.text) == ('a,"x,y\n', True)
    assert rest == others


def test_a_quotation_mark_never_closed_in_the_last_line() -> None:
    found = records('a,b,c\nd,"e,f')
    assert found[0] == ["a", "b", "c"]
    assert isinstance(found[1], Unreadable)
    assert len(found) == 2


def test_text_after_a_closing_quotation_mark_belongs_to_the_cell() -> None:
    assert records('"a" ,"b"x,c\nd,e,f\n') == [["a ", "bx", "c"], ["d", "e", "f"]]


def test_a_quotation_mark_inside_a_cell_is_only_a_character() -> None:
    assert records('5" pipe,b,c\nd,e,f\n') == [['5" pipe', "b", "c"], ["d", "e", "f"]]


def test_a_line_without_end_costs_its_own_row_and_no_memory() -> None:
    long = "x" * (3 * LONGEST_LINE)
    lines = list(physical_lines(StringIO(f"a,b,c\n{long},b,c\nd,e,f\n")))
    assert [len(line) for line in lines] == [6, LONGEST_LINE, 6]
    found = records(f"a,b,c\n{long},b,c\nd,e,f\n")
    assert (found[0], found[2]) == (["a", "b", "c"], ["d", "e", "f"])
    assert isinstance(found[1], Unreadable)
    assert "longer than" in found[1].text


def test_a_cell_that_is_too_long_over_many_lines_is_given_up() -> None:
    found = records('a,"' + "x" * 60_000 + "\n" + "y" * 60_000 + "\n" + "z" * 60_000 + '",c\nd,e,f\n')
    assert isinstance(found[0], Unreadable)
    assert found[-1] == ["d", "e", "f"]


def test_nul_characters_vanish() -> None:
    assert records("a\x00,b,\x00c\n") == [["a", "b", "c"]]


def test_a_header_of_any_width_may_span_lines() -> None:
    assert records('a,"b\nc"\n', width=None) == [["a", "b\nc"]]

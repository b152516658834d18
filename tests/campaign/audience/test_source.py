"""Lists in the shapes in which spreadsheets and people leave them."""

import tracemalloc
from pathlib import Path

import pytest

from campaign.audience.reasons import RejectReason as Reason
from campaign.audience.records import LONGEST_LINE
from campaign.audience.source import MORE_FIELDS, WHOLE_LINE, ListSource, RawRow, open_list
from campaign.errors import BadList, NotFound


def opened(tmp_path: Path, content: str | bytes, phone_column: str | None = None) -> ListSource:
    path = tmp_path / "list.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_list(path, phone_column=phone_column)


def rows(source: ListSource, chunk_rows: int = 1000) -> list[RawRow]:
    """All rows, without the numbers that a spreadsheet gives them."""
    return [row._replace(file_row=0) for chunk in source.chunks(chunk_rows) for row in chunk]


def test_a_plain_list(tmp_path: Path) -> None:
    source = opened(tmp_path, "name,phone,city\nAna,+525555551234,Mérida\nBob,5555551235,\n")
    assert source.columns == ["name", "phone", "city"]
    assert (source.phone_column, source.name_column) == ("phone", "name")
    assert rows(source) == [
        RawRow(1, {"name": "Ana", "phone": "+525555551234", "city": "Mérida"}),
        RawRow(2, {"name": "Bob", "phone": "5555551235", "city": ""}),
    ]


def test_every_cell_stays_the_text_it_was(tmp_path: Path) -> None:
    cells = ["007", "1.0", "NA", "nan", "NULL", "True", " x ", "2026-01-01", "1e5", "#N/A", "-inf", "0x10", ""]
    header = ",".join(["phone", *(f"c{n}" for n in range(len(cells)))])
    plain, quoted = ",".join(["1", *cells]), ",".join(["1", *(f'"{cell}"' for cell in cells)])
    for line in (plain, quoted):
        (row,) = rows(opened(tmp_path, f"{header}\n{line}\n"))
        assert list(row.values.values()) == ["1", *cells]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends(tmp_path: Path, encoding: str, delimiter: str, newline: str) -> None:
    text = newline.join([delimiter.join(["nombre", "teléfono"]), delimiter.join(["Zoë", "+525555551234"])]) + newline
    source = opened(tmp_path, text.encode(encoding))
    assert source.phone_column == "teléfono"
    assert rows(source) == [RawRow(1, {"nombre": "Zoë", "teléfono": "+525555551234"})]


def test_ragged_rows_are_rejected_rows_and_the_list_goes_on(tmp_path: Path) -> None:
    source = opened(tmp_path, "name,phone,city\na,1,x\nb,2\nc,3,y,z,w\nd,4,v\n")
    a, b, c, d = rows(source)
    assert (a.problem, d.problem) == (None, None)
    assert (b.number, b.problem, b.values) == (2, Reason.RAGGED_ROW, {"name": "b", "phone": "2"})
    assert b.problem_text == "has 2 fields, the header has 3"
    assert (c.number, c.problem, c.values[MORE_FIELDS]) == (3, Reason.RAGGED_ROW, "z | w")
    assert d.number == 4


def test_blank_lines_are_no_rows_and_are_not_counted(tmp_path: Path) -> None:
    content = "\n\nname,phone\n\na,1\n\n   \nb,2\n\n\nc,3\n\n"
    for chunk_rows in (1, 2, 3, 1000):
        found = rows(opened(tmp_path, content), chunk_rows)
        assert [(row.number, row.values["phone"]) for row in found] == [(1, "1"), (2, "2"), (3, "3")]


def test_blank_lines_of_a_list_with_one_column(tmp_path: Path) -> None:
    found = rows(opened(tmp_path, "phone\n1\n\n \n2\n\n\n"), 2)
    assert [(row.number, row.values["phone"]) for row in found] == [(1, "1"), (2, "2")]


def test_rows_of_empty_cells_are_rows(tmp_path: Path) -> None:
    found = rows(opened(tmp_path, "name,phone\n,\na,1\n,\n"))
    assert [(row.number, row.values["phone"]) for row in found] == [(1, ""), (2, "1"), (3, "")]


@pytest.mark.parametrize("chunk_rows", [1, 2, 3, 5, 1000])
def test_rows_are_the_same_in_chunks_of_any_size(tmp_path: Path, chunk_rows: int) -> None:
    lines = ["name,phone", "a,1", '"b\n2",2', "c", '"d,3', "e,4", "", '"f ""x""",5', "g,6,7", "h,8"]
    source = opened(tmp_path, "\n".join(lines) + "\n")
    found = rows(source, chunk_rows)
    assert [row.number for row in found] == list(range(1, 9))
    assert [row.values.get("name") for row in found] == ["a", "b\n2", "c", None, "e", 'f "x"', "g", "h"]
    assert [row.problem for row in found if row.problem] == [
        Reason.RAGGED_ROW,
        Reason.UNREADABLE_ROW,
        Reason.RAGGED_ROW,
    ]
    assert found == rows(source, 4)


def test_a_row_that_cannot_be_split_keeps_its_line(tmp_path: Path) -> None:
    _, broken, last = rows(opened(tmp_path, 'name,phone\na,1\n"b,2\nc,3\n'))
    assert (broken.number, broken.problem, broken.values) == (2, Reason.UNREADABLE_ROW, {WHOLE_LINE: '"b,2'})
    assert (last.number, last.values) == (3, {"name": "c", "phone": "3"})


def test_a_cell_of_a_megabyte_costs_its_row_alone(tmp_path: Path) -> None:
    found = rows(opened(tmp_path, f"name,phone\n{'x' * 1_000_000},1\nb,2\n"))
    assert (found[0].problem, found[1].values["phone"]) == (Reason.UNREADABLE_ROW, "2")
    assert len(found[0].values[WHOLE_LINE]) < LONGEST_LINE


def test_nul_characters_do_not_reach_the_cells(tmp_path: Path) -> None:
    (row,) = rows(opened(tmp_path, b"name,phone\nA\x00na,+52\x005555551234\n"))
    assert row.values == {"name": "Ana", "phone": "+525555551234"}


def test_duplicate_and_empty_headers_lose_no_column(tmp_path: Path) -> None:
    source = opened(tmp_path, "phone,phone,,name\n1,2,3,a\n")
    assert source.columns == ["phone", "phone (2)", "column 3", "name"]
    assert rows(source)[0].values == {"phone": "1", "phone (2)": "2", "column 3": "3", "name": "a"}


def test_a_header_may_hold_line_breaks(tmp_path: Path) -> None:
    source = opened(tmp_path, '"full\nname","phone\nnumber"\na,1\n')
    assert source.columns == ["full name", "phone number"]
    assert rows(source) == [RawRow(1, {"full name": "a", "phone number": "1"})]


def test_the_line_that_names_the_delimiter_is_no_header(tmp_path: Path) -> None:
    source = opened(tmp_path, "sep=;\nname;phone\na,b;1\n")
    assert rows(source) == [RawRow(1, {"name": "a,b", "phone": "1"})]


def test_a_list_can_be_read_twice(tmp_path: Path) -> None:
    source = opened(tmp_path, "name,phone\na,1\n")
    assert rows(source) == rows(source)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", r"list\.csv is empty; export the list again"),
        ("name,phone\n", r"has a header \(name, phone\) but no rows; export the list again"),
        ("name,phone\n\n  \n", "but no rows"),
        ("name,city\na,x\n", r"has no phone column \(found name, city\); name it with --phone-column"),
        ('name,"phone\na,1\nb,2\n', "the header of .* has a quotation mark that is opened and not closed; correct it"),
        ("%PDF-1.7\nphone\n1\n", "is a PDF"),
    ],
)
def test_a_list_that_cannot_be_read_as_a_whole(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(BadList, match=words) as error:
        opened(tmp_path, content)
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_wrong_column(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="does not exist"):
        open_list(tmp_path / "gone.csv", phone_column=None)
    with pytest.raises(BadList, match=r"has no column tel \(found name, phone\); correct --phone-column"):
        opened(tmp_path, "name,phone\na,1\n", phone_column="tel")


def test_memory_does_not_grow_with_the_list(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        source = opened(tmp_path, "name,phone,note\n" + f"Ana,+525555551234,{'x' * 80}\n" * count)
        tracemalloc.start()
        for _ in source.chunks(500):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1000)
    assert peak(40_000) < 1.5 * peak(4_000)


def test_a_chunk_of_long_lines_is_a_short_chunk(tmp_path: Path) -> None:
    source = opened(tmp_path, "note,phone\n" + f"{'x' * 100_000},1\n" * 400)
    sizes = [len(chunk) for chunk in source.chunks(1000)]
    assert sum(sizes) == 400
    assert max(sizes) < 200


@pytest.mark.parametrize("chunk_rows", [1, 2, 1000])
def test_rows_have_the_numbers_that_a_spreadsheet_shows(tmp_path: Path, chunk_rows: int) -> None:
    """Header and blank rows count, a cell with line breaks is one row, the line that names the delimiter is none."""
    content = 'sep=;\n\nname;phone\na;1\n\n"b\nb";2\nc;3;x\n"d;4\ne;5\n'
    source = opened(tmp_path, content)
    found = [row for chunk in source.chunks(chunk_rows) for row in chunk]
    assert [(row.number, row.file_row) for row in found] == [(1, 3), (2, 5), (3, 6), (4, 7), (5, 8)]


def test_a_list_says_how_it_was_read(tmp_path: Path) -> None:
    source = opened(tmp_path, "name;phone;price\nZoë;1;1,50\n".encode("cp1252"))
    assert source.how == {
        "kind": "csv",
        "words": "CSV, cp1252, separated by semicolon, decimal comma",
        "encoding": "cp1252",
        "delimiter": ";",
        "decimals": ",",
        "packing": "none",
    }

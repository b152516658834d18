"""Formulas without a value are told, by column and with what to do."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from campaign.audience import formulas
from campaign.audience.formulas import sentences, unsaved_formulas
from campaign.audience.source import open_list
from campaign.errors import BadList


def saved(folder: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Spring"
    for row in rows:
        book.active.append(row)
    book.save(folder / "list.xlsx")
    return folder / "list.xlsx"


def rewritten(path: Path, old: bytes, new: bytes) -> None:
    """The same workbook with other bytes in its sheet, as another program would have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content.replace(old, new) if "worksheets" in name else content)
    path.write_bytes(out.getvalue())


def test_cells_are_counted_by_column_and_said_with_the_name_of_the_column(tmp_path: Path) -> None:
    path = saved(tmp_path, [None, "phone", "name"], *([None, "=1+1", "Ann"] for _ in range(3)), [None, "+52", "=A1&B1"])
    assert unsaved_formulas(path, "Spring") == {1: 3, 2: 1}
    source = open_list(path, phone_column=None)
    assert source.how["warnings"] == [
        f"{what} without a saved value, read as empty; open the workbook in a spreadsheet, save it there and give it "
        "again, or save the sheet as CSV."
        for what in ("3 formulas of column B (phone)", "1 formula of column C (name)")
    ]


def test_a_list_that_is_empty_for_want_of_values_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadList, match=r"no rows; export the list again; 2 formulas of column A \(phone\) without"):
        open_list(saved(tmp_path, ["phone"], ["=1+1"], ["=1+2"]), phone_column=None)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (b"<v>2</v>", {}),
        (b"<v></v>", {0: 1}),
        (b"", {0: 1}),
    ],
)
def test_a_formula_with_a_value_is_none_of_them(tmp_path: Path, cell: bytes, found: dict[int, int]) -> None:
    path = saved(tmp_path, ["phone"], ["=1+1"])
    rewritten(path, b"<v />", cell)
    assert unsaved_formulas(path, "Spring") == found


def test_shared_formulas_names_with_a_prefix_and_cells_between_two_blocks_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, ["phone", "name"], *(["=1+1", "=2+2"] for _ in range(20)))
    rewritten(path, b"<f>1+1</f>", b'<f t="shared" si="0"/>')
    for size in (7, 64, 500):
        monkeypatch.setattr(formulas, "_BLOCK", size)
        assert unsaved_formulas(path, "Spring") == {0: 20, 1: 20}


def test_what_is_no_such_workbook_has_none(tmp_path: Path) -> None:
    path = saved(tmp_path, ["phone"], ["=1+1"])
    assert unsaved_formulas(path, "Winter") == {}
    path.write_bytes(b"PK")
    assert unsaved_formulas(path, "Spring") == {}
    assert sentences({}, 0, []) == []
    assert sentences({27: 1}, 0, ["phone"])[0].startswith("1 formula of column AB without")

"""Workbooks of every kind, with the cells that spreadsheets hold."""

from datetime import datetime, time
from pathlib import Path

import openpyxl
import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from campaign.audience.bounds import DEFAULT_BOUNDS
from campaign.audience.columns import NoPhoneColumn
from campaign.audience.source import ListSource, open_list
from campaign.audience.workbook import sheet_as_csv
from campaign.errors import BadList, UsageError

# A spreadsheet knows no zones.
MIDNIGHT = datetime(2026, 3, 1)  # noqa: DTZ001


def book(folder: Path, **sheets: list[list[object]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, lines in sheets.items():
        sheet = made.create_sheet(name)
        for line in lines:
            sheet.append(line)
    path = folder / "contacts.xlsx"
    made.save(path)
    return path


def values(source: ListSource) -> list[dict[str, str]]:
    return [row.values for chunk in source.chunks(100) for row in chunk]


def test_cells_come_out_as_a_person_would_have_typed_them(tmp_path: Path) -> None:
    cells = [525555550101, 525555550102.0, 2.5, True, MIDNIGHT, MIDNIGHT.replace(hour=9, minute=30), time(9, 30)]
    header = ["phone", *(f"c{n}" for n in range(len(cells)))]
    path = book(
        tmp_path, Sheet=[header, ["+525555550100", *cells], ["007", "=1+1", None, "a\r\nb", "NA", 'x"y', "", 0]]
    )
    first, second = values(open_list(path, phone_column=None))
    assert list(first.values())[1:] == [
        *("525555550101", "525555550102", "2.5", "true", "2026-03-01", "2026-03-01T09:30:00", "09:30:00"),
    ]
    # A formula that no spreadsheet has calculated yet has no value.
    assert list(second.values()) == ["007", "", "", "a\nb", "NA", 'x"y', "", "0"]


def test_a_phone_that_a_spreadsheet_keeps_as_a_number_loses_nothing(tmp_path: Path) -> None:
    numbers = [525555550101, 999999999999999, 5215555550101.0, 4477009001234]
    path = book(tmp_path, Sheet=[["phone"], *([number] for number in numbers)])
    assert [row["phone"] for row in values(open_list(path, phone_column=None))] == [str(int(n)) for n in numbers]


def test_rows_have_the_numbers_that_the_spreadsheet_shows(tmp_path: Path) -> None:
    path = book(tmp_path, Sheet=[[], [], ["phone", "name"], ["1", "a"], [], [None, ""], ["2", "b"]])
    source = open_list(path, phone_column=None)
    assert [(row.number, row.file_row, row.values["phone"]) for chunk in source.chunks(10) for row in chunk] == [
        (1, 4, "1"),
        (2, 7, "2"),
    ]


def test_the_first_sheet_with_anything_is_read_unless_another_is_named(tmp_path: Path) -> None:
    path = book(tmp_path, Cover=[], Spring=[["phone"], ["1"]], Summer=[["phone"], ["2"]])
    source = open_list(path, phone_column=None)
    assert values(source) == [{"phone": "1"}]
    assert source.how["words"] == "sheet Spring of a workbook (not read: Cover, Summer; choose with --sheet)"
    assert values(open_list(path, phone_column=None, sheet=" summer ")) == [{"phone": "2"}]
    with pytest.raises(BadList, match=r"has no sheet Autumn \(found Cover, Spring, Summer\); correct --sheet"):
        open_list(path, phone_column=None, sheet="Autumn")


def test_a_cover_is_passed_over_where_another_sheet_is_a_list_of_phones(tmp_path: Path) -> None:
    cover = [["Spring campaign"], ["made on", MIDNIGHT], ["people", 2]]
    path = book(tmp_path, About=cover, Notes=[["phone"]], People=[["phone"], ["1"]], More=[["phone"], ["2"]])
    assert open_list(path, phone_column=None).how["sheet"] == "People"
    # A list whose header nobody knows is no cover, and a cover alone is what it is.
    for first in ([["who"], ["+525555550101"]], cover):
        path = book(tmp_path, First=first, People=[["phone"], *([["1"]] if first is not cover else [])])
        with pytest.raises(NoPhoneColumn, match=r"\(sheet First\)"):
            open_list(path, phone_column=None)


def test_what_is_wrong_with_a_sheet_names_it_and_the_others_and_asks_for_the_column(tmp_path: Path) -> None:
    path = book(tmp_path, Leads=[["who", "where"], ["Ann", "+525555550101"]], Old=[["who"], ["Bob"]])
    with pytest.raises(NoPhoneColumn) as error:
        open_list(path, phone_column=None)
    assert error.value.columns == ["who", "where"]
    assert str(error.value) == (
        f"{path} (sheet Leads) has no phone column (found who, where); name it with --phone-column. "
        "Other sheets: Old; choose with --sheet"
    )


def test_hidden_sheets_are_read_only_when_named(tmp_path: Path) -> None:
    path = book(tmp_path, Draft=[["phone"], ["1"]], Spring=[["phone"], ["2"]])
    made = openpyxl.load_workbook(path)
    made["Draft"].sheet_state = "hidden"
    made.active = 1
    made.save(path)
    assert values(open_list(path, phone_column=None)) == [{"phone": "2"}]
    assert values(open_list(path, phone_column=None, sheet="Draft")) == [{"phone": "1"}]


def test_an_empty_workbook_and_a_sheet_of_a_file_that_has_none(tmp_path: Path) -> None:
    with pytest.raises(BadList, match="has no sheet with anything in it; export the list again"):
        open_list(book(tmp_path, Sheet=[]), phone_column=None)
    (tmp_path / "list.csv").write_text("phone\n1\n")
    with pytest.raises(UsageError, match=r"--sheet Spring: .*list\.csv is no workbook; leave it out"):
        open_list(tmp_path / "list.csv", phone_column=None, sheet="Spring")


def test_an_ods_is_read_too(tmp_path: Path) -> None:
    made = OpenDocumentSpreadsheet()
    sheet = Table(name="Contacts")
    for line in (["phone", "name"], ["+525555550101", "Zoë"]):
        row = TableRow()
        for text in line:
            cell = TableCell(valuetype="string")
            cell.addElement(P(text=text))
            row.addElement(cell)
        sheet.addElement(row)
    made.spreadsheet.addElement(sheet)
    made.save(tmp_path / "contacts.ods")
    source = open_list(tmp_path / "contacts.ods", phone_column=None)
    assert values(source) == [{"phone": "+525555550101", "name": "Zoë"}]
    assert (source.name, source.upload) == ("contacts.ods", tmp_path / "contacts.ods")


def test_what_was_set_down_goes_when_the_list_does(tmp_path: Path) -> None:
    source = open_list(book(tmp_path, Sheet=[["phone"], ["1"]]), phone_column=None)
    spool = source.path
    assert spool.stat().st_mode & 0o077 == 0
    del source
    assert not spool.exists()
    with pytest.raises(RuntimeError), sheet_as_csv(tmp_path / "contacts.xlsx", None, DEFAULT_BOUNDS) as found:
        raise RuntimeError
    assert not found.csv.exists()

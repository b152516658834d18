"""CSV files: whole or not at all, and nothing in them that a spreadsheet would run."""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaign.errors import UsageError
from campaign.reports.csv_file import Cell, as_text, write_csv


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("Ann", "Ann"),
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("+12025550111", "+12025550111"),
        ("+1 202 555 0111", "'+1 202 555 0111"),
        ("+12025550111=1", "'+12025550111=1"),
        (-5, "-5"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (datetime(2026, 11, 20, 12, 0, 0, 123456, UTC), "2026-11-20T12:00:00.123+00:00"),
    ],
)
def test_values_as_they_stand_in_a_cell(value: Cell, text: str) -> None:
    assert as_text(value) == text


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    out = tmp_path / "report.csv"
    rows = [("Ann", 'says "hi", twice'), ("Bo\nb", "ñ 中")]
    assert write_csv(out, ("name", "words"), rows) == 2
    with out.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["name", "words"], *map(list, rows)]


def breaking() -> Iterator[Sequence[Cell]]:
    yield ("one",)
    raise ZeroDivisionError


def test_a_report_that_breaks_off_leaves_the_earlier_one(tmp_path: Path) -> None:
    out = tmp_path / "report.csv"
    out.write_text("earlier\n")
    with pytest.raises(ZeroDivisionError):
        write_csv(out, ("name",), breaking())
    assert out.read_text() == "earlier\n"
    assert [path.name for path in tmp_path.iterdir()] == ["report.csv"]


@pytest.mark.parametrize("place", ["nowhere/report.csv", "."])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_csv(tmp_path / place, ("name",), [])
    assert list(tmp_path.iterdir()) == []

"""CSV files: whole or not at all, and nothing in them that a spreadsheet would run."""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from campaign.errors import UsageError
from campaign.reports.csv_file import STDOUT, Cell, as_text, write_csv


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
        ("＝1+1", "'＝1+1"),
        (-5, "-5"),
        (Decimal("0.0436"), "0.0436"),
        (Decimal("1E+3"), "1000"),
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
    assert write_csv(out, ("name", "words"), rows).lines == 2
    with out.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["name", "words"], *map(list, rows)]


def test_a_header_is_as_safe_as_the_cells(tmp_path: Path) -> None:
    out = tmp_path / "report.csv"
    write_csv(out, ("=cmd", "name"), [])
    assert out.read_text() == "'=cmd,name\n"


@pytest.mark.parametrize("count", [0, 1, 2, 4999, 5000])
def test_lines_are_counted_tallied_and_hashed_whatever_the_portions(tmp_path: Path, count: int) -> None:
    out = tmp_path / "report.csv"
    written = write_csv(out, ("row", "status"), ((n, "status" if n % 2 else "read") for n in range(count)), "status")
    assert written.lines == count
    expected = {"status": count // 2, "read": count - count // 2}
    assert written.tally == {word: number for word, number in expected.items() if number}
    assert written.sha256 == sha256(out.read_bytes()).hexdigest()


def test_standard_output_is_a_place_too(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    written = write_csv(STDOUT, ("name",), [("ñ",)])
    printed = capsysbinary.readouterr().out
    assert (printed, written.sha256) == ("name\nñ\n".encode(), sha256(printed).hexdigest())


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

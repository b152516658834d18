"""One person out of any file that holds a list; everybody else's rows stay as they are and keep their numbers."""

import csv
import gzip
from pathlib import Path

import openpyxl
import pytest

from campaign.audience.bounds import DEFAULT_BOUNDS
from campaign.audience.phone import Phone, read_phone
from campaign.contacts.person_in_list import Sought, Way, stands_in, without
from campaign.contacts.traces import Traces, spellings

ANA, BOB = "+525555501234", "+525555509876"


@pytest.fixture
def ana() -> Sought:
    phone = read_phone(ANA, None)
    assert isinstance(phone, Phone)
    return Sought(frozenset({phone.identity}), Traces.of(spellings(phone)))


def lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(
    "cell",
    [ANA, "5555501234", "525555501234.0", "5.25555501234E+11", "'+52 1 55 5550 1234", "００５２５５５５５０１２３４",
     "044 55 5550-1234", "https://wa.me/525555501234"],
)  # fmt: skip
def test_the_row_is_emptied_however_the_phone_is_written(tmp_path: Path, ana: Sought, cell: str) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "out.csv"
    path.write_text(f"tel;nombre;nota\n{BOB};Bob;x\n{cell};Ana;vip\n{BOB};Bo;llamar al (55) 5550 1234\n", "utf-16")
    assert stands_in(path, ["MX"], ana, DEFAULT_BOUNDS)
    assert without(path, Way("tel", None, "MX"), ana, DEFAULT_BOUNDS, out) == 2
    assert lines(out) == [
        ["tel", "nombre", "nota"], [BOB, "Bob", "x"], ["erased"] * 3, [BOB, "Bo", "llamar al (erased"],
    ]  # fmt: skip
    assert not stands_in(out, ["MX"], ana, DEFAULT_BOUNDS)


def test_who_only_ends_in_the_same_digits_is_somebody_else(tmp_path: Path, ana: Sought) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone,ref\n+15555501234,0055501234\n+447700501234,95555501234\n", "utf-8")
    assert not stands_in(path, [], ana, DEFAULT_BOUNDS)


def test_rows_that_cannot_be_split_stay_and_lose_the_phone(tmp_path: Path, ana: Sought) -> None:
    path, out = tmp_path / "list.csv.gz", tmp_path / "out.csv"
    path.write_bytes(gzip.compress(f'phone,name\n{BOB},Bob\n{BOB},"of {ANA}\n'.encode()))
    assert without(path, Way("phone"), ana, DEFAULT_BOUNDS, out) == 1
    assert [row[0] for row in lines(out)][:2] == ["phone", BOB]
    assert "5501234" not in out.read_text("utf-8")


def test_a_workbook_is_searched_on_every_sheet(tmp_path: Path, ana: Sought) -> None:
    book = openpyxl.Workbook()
    for title, phone in (("One", BOB), ("Two", int(ANA[1:]))):
        sheet = book.create_sheet(title)
        sheet.append(["phone", "name"])
        sheet.append([phone, "Ann"])
    del book["Sheet"]
    book.save(tmp_path / "list.xlsx")
    assert stands_in(tmp_path / "list.xlsx", [], ana, DEFAULT_BOUNDS)
    assert without(tmp_path / "list.xlsx", Way("phone", "One"), ana, DEFAULT_BOUNDS, tmp_path / "out.csv") == 0
    assert lines(tmp_path / "out.csv") == [["phone", "name"], [BOB, "Ann"]]

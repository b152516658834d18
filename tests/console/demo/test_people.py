"""The demo's list has every fault it promises, and each phone stands for one person."""

import csv
import random
from pathlib import Path

import pytest

from campaign.audience.phone import Phone, read_phone
from campaign.errors import UsageError
from console.demo.people import MOST_ROWS, DemoList, write_demo_list


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "contacts.csv", tmp_path / "consent.csv"


def make(files: tuple[Path, Path], rows: int, seed: int = 1) -> tuple[DemoList, list[dict[str, str]]]:
    made = write_demo_list(*files, rows, random.Random(seed))
    with files[0].open(encoding="utf-8") as file:
        return made, list(csv.DictReader(file))


def test_the_list_has_as_many_rows_as_asked_and_is_the_same_again(files: tuple[Path, Path]) -> None:
    _, first = make(files, 500)
    _, second = make(files, 500)
    assert len(first) == 500
    assert first == second


def test_each_kind_of_trouble_is_there(files: tuple[Path, Path]) -> None:
    made, rows = make(files, 2000)
    read = [read_phone(row["phone"], "MX") for row in rows]
    good = [phone for phone in read if isinstance(phone, Phone)]
    identities = {phone.identity for phone in good}
    agreed = {phone.lstrip("+") for phone in made.agreed}
    assert 0.02 < 1 - len(good) / len(rows) < 0.07, "bad phones"
    assert len(identities) < len(good), "one person in two spellings"
    assert len(identities - agreed) > 50, "people who never agreed"
    assert 30 < len(made.withdrew) < 120
    assert 0 < len(made.withdraw_meanwhile) <= 10
    assert not set(made.withdrew) - set(made.agreed)


def test_every_phone_is_of_an_invented_range(files: tuple[Path, Path]) -> None:
    made, _ = make(files, 3000)
    assert all("555" in phone[5:9] for phone in made.agreed)


@pytest.mark.parametrize("rows", [0, -1, MOST_ROWS + 1])
def test_an_impossible_number_of_rows_is_refused(files: tuple[Path, Path], rows: int) -> None:
    with pytest.raises(UsageError, match="--rows"):
        make(files, rows)


def test_a_list_of_one_works(files: tuple[Path, Path]) -> None:
    _, rows = make(files, 1)
    assert len(rows) == 1

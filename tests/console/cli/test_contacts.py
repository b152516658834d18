"""`campaign contacts`: people in, people out, everything about one of them, and one of them erased."""

import csv
from pathlib import Path

import pytest

from tests.console.cli.conftest import Cli

ANA, BOB = "+525555551234", "+447700900123"


@pytest.fixture
def people(cli: Cli, tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    rows = [f"{ANA},Ana,Puebla,", f"{BOB},Bob,,gold", "nobody,Eve,,", f"{ANA},,Mérida,silver"]
    path.write_text("phone,name,city,tier\n" + "\n".join(rows) + "\n", "utf-8")
    answer = cli("contacts", "import", path)
    assert answer.out.startswith("4 rows: 2 people added, 0 changed, 1 row refused.")
    return path


def shown(cli: Cli, phone: str = ANA) -> tuple[str, dict[str, str]]:
    found = cli("contacts", "show", phone, "--json").json
    return found["contact"]["name"], found["attributes"]


def test_within_a_list_the_later_row_wins_and_an_empty_cell_says_nothing(cli: Cli, people: Path) -> None:
    assert shown(cli) == ("Ana", {"city": "Mérida", "tier": "silver"})


def test_imported_again_the_newest_that_is_not_empty_wins(cli: Cli, people: Path) -> None:
    people.write_text(f"Linea;Nombre;Ciudad\n{ANA};Ana María;\n{BOB};;León\n", "utf-8")
    answer = cli("contacts", "import", people, "--map", "phone=Linea", "--map", "city=Ciudad")
    assert answer.out.startswith("2 rows: 0 people added, 2 changed")
    assert shown(cli) == ("Ana María", {"city": "Mérida", "tier": "silver"})
    assert shown(cli, BOB) == ("Bob", {"city": "León", "tier": "gold"})
    assert cli("contacts", "import", people, "--map", "phone=Linea", "--map", "city=Ciudad").out.startswith(
        "2 rows: 0 people added, 0 changed"
    )


def test_what_is_exported_can_be_imported_and_opened_in_a_spreadsheet(cli: Cli, people: Path, tmp_path: Path) -> None:
    people.write_text(f"phone,name,note\n{ANA},=1+1,@here\n", "utf-8")
    cli("contacts", "import", people)
    out = tmp_path / "out.csv"
    assert cli("contacts", "export", "--out", out).out == f"2 contacts in {out}.\n"
    with out.open(encoding="utf-8", newline="") as file:
        rows = {row["phone"]: row for row in csv.DictReader(file)}
    assert (rows[ANA]["name"], rows[ANA]["note"], rows[ANA]["city"]) == ("'=1+1", "'@here", "Mérida")
    before = shown(cli, BOB)
    assert cli("contacts", "import", out).code == 0
    assert shown(cli, BOB) == before


def test_after_a_list_that_breaks_off_nothing_of_it_is_there(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text("name\nAna\n", "utf-8")
    answer = cli("contacts", "import", path)
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert cli("contacts", "export", "--out", tmp_path / "none.csv").out.startswith("0 contacts")


def test_one_person_is_erased(cli: Cli, people: Path) -> None:
    cli("consent", "grant", ANA, "--category", "marketing", "--proof", f"call to {ANA}")
    answer = cli("contacts", "erase", ANA, "--reason", "letter of May")
    assert answer.out == "Erased (erasure 1): contact 1, consent_event 1.\n"
    assert cli("contacts", "show", ANA, "--json").json["contact"] is None
    assert "erased on" in cli("consent", "show", ANA).out
    assert "1 of them without their person" in cli("consent", "verify").out
    assert cli("contacts", "import", people).out.startswith("4 rows: 0 people added, 0 changed, 3 rows refused.")
    assert cli("contacts", "erase", "nobody").code == 2


def test_everything_about_a_person_is_shown_for_reading_too(cli: Cli, people: Path) -> None:
    cli("consent", "grant", ANA, "--category", "marketing")
    out = cli("contacts", "show", ANA).out
    assert "attributes: city Mérida, tier silver" in out
    assert "consent: 1" in out

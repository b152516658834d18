"""Lists through the command line: what was read is said, what was uploaded can be had again."""

import csv
import gzip
import sqlite3
from pathlib import Path

import openpyxl
from sqlalchemy import select

from models import Message
from models.session import Sessions
from tests.console.cli.conftest import Cli, create
from tests.factories import fiction_phone


def test_create_says_how_the_list_was_read(ready: Cli, tmp_path: Path) -> None:
    found = create(ready)
    assert found.out.splitlines()[0] == (
        "Read list.csv (CSV, utf-8, separated by comma): phones in column phone, names in column name; "
        "--phone-column chooses another."
    )
    again = create(ready, name="summer")
    assert again.err.startswith("Warning: The same list was used by campaign spring on 20")
    assert "warning: The same list was used by campaign spring" in ready("check", "summer").out
    assert ready("check", "summer", "--json").json["list_warnings"]


def test_uploads_are_listed_had_again_and_removed(ready: Cli, tmp_path: Path) -> None:
    assert ready("uploads", "list").out == "Nothing was uploaded yet.\n"
    create(ready)
    (listed,) = ready("uploads", "list", "--json").json
    assert (listed["file_name"], listed["campaigns"], listed["there"]) == ("list.csv", ["spring"], True)
    assert listed["sha256"][:12] in ready("uploads", "list").out
    for which in ("spring", listed["sha256"][:10]):
        assert ready("uploads", "get", which, "--out", "back.csv").code == 0
        assert (tmp_path / "back.csv").read_bytes() == (tmp_path / "list.csv").read_bytes()
    gone = ready("uploads", "get", "nothing", "--out", "back.csv")
    assert (gone.code, gone.err.count("\n")) == (1, 1)
    assert ready("uploads", "remove", "spring").code == 0
    assert ready("uploads", "list", "--json").json == []


def test_a_create_that_fails_keeps_no_upload(ready: Cli, tmp_path: Path) -> None:
    assert create(ready, "--map", "body.1=gone").code != 0
    assert ready("uploads", "list", "--json").json == []
    assert not (tmp_path / "home" / "uploads").exists()


def test_workbook_archive_database_and_contacts(ready: Cli, tmp_path: Path, monkeypatch) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Spring"
    for line in (["phone", "name"], [fiction_phone(0), "Ann"], [int(fiction_phone(1)[1:]), "Bo"]):
        book.active.append(line)
    book.save(tmp_path / "list.xlsx")
    found = create(ready, name="workbook", audience="list.xlsx")
    assert "Read list.xlsx (sheet Spring of a workbook)" in found.out
    assert "2 rows, 2 to be messaged" in found.out
    (tmp_path / "list.csv.gz").write_bytes(gzip.compress((tmp_path / "list.csv").read_bytes()))
    assert "5 rows, 4 to be messaged" in create(ready, name="packed", audience="list.csv.gz").out
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute("CREATE TABLE people (phone, name)")
        connection.execute("INSERT INTO people VALUES (?, 'Cy')", (fiction_phone(2),))
    connection.close()
    monkeypatch.setenv("CRM_URL", f"sqlite:///{tmp_path}/crm.db")
    query = ("--query", "SELECT phone, name FROM people WHERE name = :who", "--param", "who=Cy")
    maps = ("--map", "body.1=name|friend", "--map", "body.2==15%")
    assert "1 rows, 1 to be messaged" in create(ready, *query, *maps, name="asked", audience="env:CRM_URL").out
    known = create(ready, "--where", "name=Cy", *maps, name="known", audience="contacts")
    assert "Read contacts (contacts where name=Cy)" in known.out
    assert "1 rows, 1 to be messaged" in known.out


def test_landlines_are_taken_when_they_are_asked_for(ready: Cli, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("phone,name\n+442079460148,Shop\n+18005550147,Help\n")
    ready("consent", "grant", "+442079460148", "+18005550147", "--category", "marketing")
    maps = ("--map", "body.1=name|friend", "--map", "body.2==15%")
    assert "2 refused" in create(ready, name="none").out
    landlines = create(ready, "--allow-landlines", *maps, name="landlines")
    assert "landlines are taken too" in landlines.out
    assert "1 to be messaged, 1 refused" in landlines.out
    both = create(ready, "--allow-landlines", "--allow-service-numbers", "--us-marketing", *maps, name="both")
    assert "2 to be messaged, 0 refused" in both.out


def test_the_sample_shows_the_funnel_with_every_reason_and_its_report_reads_again(ready: Cli, tmp_path: Path) -> None:
    samples = Path(__file__).parents[3] / "samples"
    ready("consent", "import", samples / "consent.csv", "--category", "marketing", "--source", "form")
    ready("suppressions", "add", "+52 55 5555 0155")
    maps = ("--map", "body.1=name", "--map", "body.2=offer_code", "--region", "MX", "--us-marketing")
    create(ready, *maps, audience=str(samples / "contacts.csv"))
    told = ready("check", "spring").out
    steps = ("rows", "readable", "with a usable phone", "with every value", "listed once", "with consent")
    assert all(f"\n{step} " in told for step in (*steps, "not suppressed", "to be messaged"))
    reasons = ("ragged_row", "unreadable_row", "lost_digits", "not_mobile", "missing_value", "duplicate", "no_consent")
    assert all(reason in told for reason in (*reasons, "consent_withdrawn", "suppressed"))
    assert ready("report", "spring", "--kind", "rejected", "--out", "rejected.csv").code == 0
    again = create(ready, *maps, name="again", audience="rejected.csv")
    assert "phones in column phone, names in column name" in again.out
    assert ready("report", "again", "--kind", "rejected", "--out", "second.csv").code == 0
    first, second = ((tmp_path / name).read_text().splitlines()[0] for name in ("rejected.csv", "second.csv"))
    assert first == second == "row,file_row,reason,text,what_to_do,raw_row,name,phone,city,offer_code,language"


def test_refused_rows_are_mended_and_given_again_and_only_the_mended_people_get_messages(
    ready: Cli, sessions: Sessions, tmp_path: Path
) -> None:
    first, second = fiction_phone(0), fiction_phone(1)
    rows = f"{first},Ann\n{first},Ann again\n12,Bo\n,Cy\n{second},Di,too many\n"
    (tmp_path / "list.csv").write_text(f"phone,name\n{rows}", "utf-8")
    create(ready)
    assert ready("report", "spring", "--out", "refused.csv", "--kind", "rejected").code == 0
    path = tmp_path / "refused.csv"
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["reason"] for line in lines] == ["duplicate", "too_short", "no_phone", "ragged_row"]
    lines[1]["phone"], lines[3]["phone"] = second, fiction_phone(2)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    assert "4 rows, 2 to be messaged, 2 refused" in create(ready, name="mended", audience="refused.csv").out
    refused = [step["refused"] for step in ready("check", "mended", "--json").json["funnel"] if step["refused"]]
    assert refused == [{"no_phone": 1}, {"duplicate": 1}]
    with sessions() as session:
        people = session.scalars(select(Message.phone_e164).order_by(Message.id)).all()
    assert sorted(people) == sorted([first, second, fiction_phone(2)])

"""`campaign report`."""

import csv
import io
import json
from hashlib import sha256

import pytest

from tests.console.cli.conftest import ROWS, create


def lines(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_line_for_every_row(ready, tmp_path):
    create(ready)
    answer = ready("report", "spring", "--out", "report.csv")
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "5 lines written to report.csv: 4 queued, 1 refused.",
        "They are the 5 rows uploaded.",
        "The campaign is draft: this is a snapshot, 4 rows may still change.",
        f"sha256 {sha256((tmp_path / 'report.csv').read_bytes()).hexdigest()}",
    ]
    report = lines(tmp_path / "report.csv")
    assert [int(line["row"]) for line in report] == list(range(1, ROWS + 1))
    assert [line["status"] for line in report] == ["refused", *["queued"] * (ROWS - 1)]


@pytest.mark.parametrize("kind", ["recipients", "summary", "errors", "rejected", "replies"])
def test_every_kind_is_written(ready, tmp_path, kind):
    create(ready)
    assert ready("report", "spring", "--out", f"{kind}.csv", "--kind", kind).code == 0
    assert (tmp_path / f"{kind}.csv").read_text().count("\n") >= 1


def test_a_place_that_cannot_be_written_is_named(ready):
    create(ready)
    answer = ready("report", "spring", "--out", "nowhere/report.csv")
    assert answer.code == 2
    assert answer.err.startswith("Error: nowhere/report.csv cannot be written")
    assert answer.err.count("\n") == 1


def test_a_report_of_an_unknown_campaign_writes_nothing(ready, tmp_path):
    answer = ready("report", "sprin", "--out", "report.csv")
    assert (answer.code, (tmp_path / "report.csv").exists()) == (1, False)


def test_standard_output_holds_the_report_alone(ready):
    create(ready)
    answer = ready("report", "spring", "--out", "-")
    assert answer.code == 0
    assert len(list(csv.DictReader(io.StringIO(answer.out)))) == ROWS
    assert "They are the 5 rows uploaded." in answer.err


def test_totals_go_to_a_file_of_their_own(ready, tmp_path):
    create(ready)
    answer = ready("report", "spring", "--out", "report.csv", "--totals", "totals.json", "--json")
    totals = json.loads((tmp_path / "totals.json").read_text())
    assert totals == answer.json
    assert (totals["lines"], totals["adds_up"], totals["counts"]) == (ROWS, True, {"queued": 4, "refused": 1})


def test_a_report_is_verified_against_the_database(ready):
    create(ready)
    ready("report", "spring", "--out", "report.csv")
    answer = ready("report", "verify", "report.csv", "--campaign", "spring")
    assert answer.out == "report.csv holds for campaign spring: 5 lines as the database has them.\n"
    ready("cancel", "spring")
    changed = ready("report", "verify", "report.csv", "--campaign", "spring")
    assert changed.code == 0
    assert "4 lines changed since, by what came later: 4 queued to skipped." in changed.out


def test_a_report_that_was_altered_does_not_hold(ready, tmp_path):
    create(ready)
    ready("report", "spring", "--out", "report.csv")
    path = tmp_path / "report.csv"
    path.write_text(path.read_text().replace("Ann,queued", "Ann,read"))
    answer = ready("report", "verify", "report.csv", "--campaign", "spring")
    assert answer.code == 1
    assert answer.err == (
        "Error: report.csv does not hold for campaign spring: line 3 (row 2): status is read, the database has queued; "
        "4 lines differ in all\n"
    )
    listed = ready("report", "verify", "report.csv", "--campaign", "spring", "--json")
    assert (listed.code, listed.json["altered"]) == (1, 4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("spring",), "a report needs --out FILE"),
        (("spring", "report.csv"), "a report goes to --out report.csv"),
        (("verify", "report.csv"), "there is no file report.csv"),
    ],
)
def test_what_is_missing_or_too_much_is_said(ready, arguments, words):
    create(ready)
    answer = ready("report", *arguments)
    assert answer.code in (1, 2)
    assert words in answer.err
    assert answer.err.count("\n") == 1

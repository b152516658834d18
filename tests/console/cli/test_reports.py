"""`campaign report`."""

import csv

import pytest

from tests.console.cli.conftest import ROWS, create


def lines(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_line_for_every_row(ready, tmp_path):
    create(ready)
    answer = ready("report", "spring", "--out", "report.csv")
    assert (answer.code, answer.out) == (0, "5 lines written to report.csv.\n")
    report = lines(tmp_path / "report.csv")
    assert [int(line["row"]) for line in report] == list(range(1, ROWS + 1))
    assert [line["status"] for line in report] == ["refused", *["queued"] * (ROWS - 1)]


@pytest.mark.parametrize("kind", ["recipients", "summary", "errors", "rejected"])
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

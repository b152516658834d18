"""The report of rejected rows, uploaded again: the list's own columns come back exactly."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaign.audience.load import load_audience
from campaign.audience.source import open_list
from campaign.reports.rejected import write_rejected
from models.session import Sessions
from tests.factories import NOON, make_campaign, make_sender, make_template

AWKWARD = [
    *("007", "=1+1", "'=1+1", "''=1", "+52 x", "'+525555550107", "-", "@home", "＝１", "\tx", " x ", 'say "hi", you'),
    *("two\nlines", "手机 é😀", "", "null", "1e5", "'", "''", "a;b", "\\N", "\\"),
]
TEXT = st.one_of(
    st.sampled_from(AWKWARD), st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd"))
)


def reported(sessions: Sessions, path: Path, out: Path) -> list[dict[str, str]]:
    """The rows of a list that are refused, as the report names them; here that is every row."""
    with sessions() as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender))
        source = open_list(path, phone_column="phone")
        load_audience(session, campaign, source, fill=lambda row: {}, chunk_rows=100, now=NOON)
        write_rejected(session, campaign, out)
        session.rollback()
    return [row.values for chunk in source.chunks(100) for row in chunk]


def write(path: Path, rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=6))
def test_the_report_reads_as_the_list_did(sessions: Sessions, tmp_path: Path, rows: list[list[str]]) -> None:
    path, out, again = tmp_path / "list.csv", tmp_path / "rejected.csv", tmp_path / "again.csv"
    write(path, [["note", "phone", "code"], *([note, f"x{phone}", code] for note, phone, code in rows)])
    first = reported(sessions, path, out)
    second = reported(sessions, out, again)
    assert second == first
    assert again.read_bytes().partition(b"\n")[0] == out.read_bytes().partition(b"\n")[0]


@pytest.mark.parametrize("cell", AWKWARD)
def test_every_awkward_cell_comes_back(sessions: Sessions, tmp_path: Path, cell: str) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "rejected.csv"
    write(path, [["note", "phone"], [cell, "call me"]])
    reported(sessions, path, out)
    (row,) = [row for chunk in open_list(out, phone_column=None).chunks(9) for row in chunk]
    assert row.values == {"note": cell, "phone": "call me"}


def test_a_mended_row_becomes_what_it_was_meant_to_be(sessions: Sessions, tmp_path: Path) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "rejected.csv"
    path.write_text('name,phone\nAna,"55 55, or so"\nBob\n"Cid,1\n')
    reported(sessions, path, out)
    lines = list(csv.DictReader(io.StringIO(out.read_text())))
    assert [(line["row"], line["file_row"], line["reason"]) for line in lines] == [
        ("1", "2", "not_a_number"),
        ("2", "3", "ragged_row"),
        ("3", "4", "unreadable_row"),
    ]
    assert lines[2]["raw_row"] == '"Cid,1'
    out.write_text(out.read_text().replace('"55 55, or so"', "+525555550001"))
    source = open_list(out, phone_column=None)
    assert source.columns == ["name", "phone"]
    assert next(row.values for chunk in source.chunks(9) for row in chunk) == {"name": "Ana", "phone": "+525555550001"}

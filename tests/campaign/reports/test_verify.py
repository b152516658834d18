"""Whether a report that was written before still holds."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pandas
import pytest
from sqlalchemy import text

from campaign.errors import BadList, NotFound, UsageError
from campaign.reports.recipients import write_recipients
from campaign.reports.told import Verified
from campaign.reports.totals import totals_of
from campaign.reports.verify import verify_report
from campaign.reports.write import KINDS, write_report, write_totals
from models.session import session_scope
from tests.campaign.reports.conftest import Listed, at


@pytest.fixture
def written(listed: Listed, tmp_path: Path) -> Path:
    """The report of a read, a sent, a queued and a refused row."""
    listed.message(state="read", attempt=1, wamid="w1", read_at=at(5), accepted_at=at(1))
    listed.message(state="sent", attempt=1, wamid="w2", sent_at=at(2), accepted_at=at(1))
    listed.message(state="queued")
    listed.refused("no_phone", {"phone": "a\nb"})
    out = tmp_path / "report.csv"
    with listed.sessions() as session:
        write_recipients(session, listed.campaign, out)
    return out


def verify(listed: Listed, path: Path, name: str | None = None) -> Verified:
    with listed.sessions() as session:
        return verify_report(session, path, name)


def change(listed: Listed, row: int, values: str) -> None:
    with session_scope(listed.sessions) as session:
        session.execute(text(f"UPDATE message SET {values} WHERE row_number = {row}"))


def edit(path: Path, mend: Callable[[list[str]], list[str]]) -> None:
    path.write_text("".join(mend(path.read_text().splitlines(keepends=True))))


def test_nothing_has_changed(listed: Listed, written: Path) -> None:
    found = verify(listed, written)
    assert (found.campaign, found.same, found.holds, found.changed) == ("spring", 4, True, {})


def test_what_late_webhooks_brought_is_told_and_is_no_fault(listed: Listed, written: Path) -> None:
    change(listed, 1, "delivered_at = '2026-11-20T12:00:04Z', billable = true")
    change(listed, 2, "state = 'delivered', delivered_at = '2026-11-20T12:00:09Z', expires_at = NULL")
    found = verify(listed, written)
    assert found.holds
    assert found.changed == {"read, more is known": 1, "sent to delivered": 1}
    assert found.first == "line 2 (row 1): read, more is known"


def test_a_person_who_was_erased_since_is_no_fault(listed: Listed, written: Path) -> None:
    change(listed, 1, "phone_e164 = 'erased', name = NULL, wamid = NULL, phone_identity = 'erased:1'")
    found = verify(listed, written, "spring")
    assert (found.holds, found.changed) == (True, {"erased": 1})


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Ann,sent,", "Ann,read,", r"line 3 \(row 2\): status is read, the database has sent"),
        ("2026-11-20T12:00:05.000", "2026-11-20T12:00:04.000", r"line 2 \(row 1\): read_at is .*04.000.* has .*05.000"),
        ("refused,no_phone", "refused,duplicate", r"line 5 \(row 4\): reason is duplicate, the database has no_phone"),
        ("Ann", "Bob", r"line 2 \(row 1\): name is Bob, the database has Ann"),
    ],
)
def test_the_first_altered_line_is_named(listed: Listed, written: Path, old: str, new: str, words: str) -> None:
    written.write_text(written.read_text().replace(old, new, 1))
    found = verify(listed, written)
    assert (found.holds, found.altered) == (False, 1)
    assert found.wrong is not None
    assert re.search(words, found.wrong)


def test_a_line_too_few_and_one_too_many_are_named(listed: Listed, written: Path) -> None:
    whole = written.read_text()
    last = '4,"a\nb"'
    edit(written, lambda lines: lines[:-2])
    assert verify(listed, written).wrong == "the file ends before row 4"
    extra = whole[whole.index(last) :].replace("4,", "5,", 1)
    written.write_text(whole + extra)
    assert verify(listed, written).wrong == "line 7: the database has no row 5"


def test_the_campaign_is_found_by_its_messages_or_named(listed: Listed, written: Path) -> None:
    written.write_text(written.read_text().replace("w1", "").replace("w2", "x2"))
    with pytest.raises(UsageError, match="--campaign NAME"):
        verify(listed, written)
    found = verify(listed, written, "spring")
    assert (found.altered, found.changed) == (1, {"read, more is known": 1})


def test_another_kind_of_file_is_refused(listed: Listed, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    with pytest.raises(NotFound):
        verify(listed, other)
    other.write_text("row,reason\n1,x\n")
    with pytest.raises(BadList, match="is no report"):
        verify(listed, other, "spring")


def test_a_ragged_line_is_named(listed: Listed, written: Path) -> None:
    edit(written, lambda lines: [*lines[:2], "2,+1\n", *lines[3:]])
    with pytest.raises(BadList, match="line 3 has 2 cells"):
        verify(listed, written)


def test_a_program_reads_the_report_as_it_is(written: Path) -> None:
    frame = pandas.read_csv(written)
    assert list(frame["row"]) == [1, 2, 3, 4]


def test_an_earlier_version_wrote_fewer_columns(listed: Listed, written: Path) -> None:
    with written.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    with written.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(row[:20] for row in rows)
    change(listed, 1, "pricing_type = 'regular', user_id = 'US.1'")
    assert (verify(listed, written).same, verify(listed, written).holds) == (4, True)


def test_the_totals_name_the_campaign_and_the_very_file(listed: Listed, written: Path, tmp_path: Path) -> None:
    kept = tmp_path / "totals.json"
    with listed.sessions() as session:
        found = write_recipients(session, listed.campaign, written)
        write_totals(totals_of(session, listed.campaign, "recipients", found), kept)
        assert verify_report(session, written, totals=kept).holds
    written.write_text(written.read_text().replace("\n", "\r\n"))
    with listed.sessions() as session:
        wrong = verify_report(session, written, totals=kept).wrong
    assert wrong is not None
    assert wrong.startswith("it is not the recipients report of 20")
    kept.write_text("{}")
    with listed.sessions() as session, pytest.raises(BadList, match="holds no totals"):
        verify_report(session, written, totals=kept)


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_of_any_kind_holds_as_it_was_written(listed: Listed, written: Path, tmp_path: Path, kind: str) -> None:
    with listed.sessions() as session:
        write_report(session, listed.campaign, kind, tmp_path / "any.csv")
    found = verify(listed, tmp_path / "any.csv", "spring")
    assert (found.kind, found.holds, found.changed) == (kind, True, {})


def test_who_does_not_say_whose_report_it_is_has_to_be_named(listed: Listed, tmp_path: Path) -> None:
    for kind, named in (("errors", False), ("rejected", False), ("summary", True)):
        with listed.sessions() as session:
            write_report(session, listed.campaign, kind, tmp_path / kind)
        if named:
            assert verify(listed, tmp_path / kind).campaign == "spring"
        else:
            with pytest.raises(UsageError, match="--campaign NAME"):
                verify(listed, tmp_path / kind)

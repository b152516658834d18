"""What a report adds up to."""

from pathlib import Path

import pytest

from campaign.reports.totals import Totals, totals_of
from campaign.reports.write import write_report, write_totals
from models import AudienceImport, Campaign
from models.session import session_scope
from tests.campaign.reports.conftest import Listed


def totals(listed: Listed, out: Path, kind: str = "recipients") -> Totals:
    with listed.sessions() as session:
        campaign = session.get_one(Campaign, listed.campaign.id)
        return totals_of(session, campaign, kind, write_report(session, campaign, kind, out))


@pytest.fixture
def three(listed: Listed) -> Listed:
    listed.message(state="queued")
    listed.message(state="read")
    listed.refused("no_phone", {})
    return listed


def test_lines_by_status_are_the_rows_uploaded(three: Listed, tmp_path: Path) -> None:
    found = totals(three, tmp_path / "out.csv")
    assert (found.lines, found.due, found.adds_up) == (3, 3, True)
    assert found.counts == {"queued": 1, "read": 1, "refused": 1}


def test_a_report_that_lacks_a_row_says_so(three: Listed, tmp_path: Path) -> None:
    with session_scope(three.sessions) as session:
        session.get_one(AudienceImport, three.import_id).row_count = 4
    assert totals(three, tmp_path / "out.csv").adds_up is False


@pytest.mark.parametrize(("state", "snapshot"), [("running", True), ("settling", True), ("completed", False)])
def test_a_campaign_that_has_not_ended_gives_a_snapshot(
    three: Listed, tmp_path: Path, state: str, snapshot: bool
) -> None:
    with session_scope(three.sessions) as session:
        session.get_one(Campaign, three.campaign.id).state = state
    found = totals(three, tmp_path / "out.csv")
    assert (found.snapshot, found.open) == (snapshot, 1)


@pytest.mark.parametrize(("kind", "due"), [("rejected", 1), ("summary", None), ("replies", None)])
def test_only_some_kinds_have_a_number_of_lines_that_is_due(
    three: Listed, tmp_path: Path, kind: str, due: int | None
) -> None:
    found = totals(three, tmp_path / "out.csv", kind)
    assert (found.due, found.adds_up) == (due, True)


def test_totals_are_written_as_json(three: Listed, tmp_path: Path) -> None:
    found = totals(three, tmp_path / "out.csv")
    write_totals(found, tmp_path / "totals.json")
    assert f'"sha256": "{found.sha256}"' in (tmp_path / "totals.json").read_text()

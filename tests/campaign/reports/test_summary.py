"""Where a campaign stands: numbers that add up, its pace, and when it ends."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest

from campaign.errors import NotFound
from campaign.reports.summary import CampaignStatus, campaign_status, write_summary
from models import AudienceImport, Campaign
from models.session import session_scope
from models.states import MessageState
from tests.campaign.reports.conftest import Listed
from tests.factories import NOON


def status(listed: Listed, effective_mps: float | None = None) -> CampaignStatus:
    with listed.sessions() as session:
        return campaign_status(session, "spring", NOON, effective_mps)


def set_campaign(listed: Listed, **values: object) -> None:
    with session_scope(listed.sessions) as session:
        for name, value in values.items():
            setattr(session.get_one(Campaign, listed.campaign.id), name, value)


def test_every_state_is_named_and_the_counts_add_up(listed: Listed) -> None:
    for state in ("queued", "queued", "read", "failed"):
        listed.message(state=state)
    listed.refused("no_phone", {})
    found = status(listed)
    assert set(found.counts) == {state.value for state in MessageState}
    assert {state: count for state, count in found.counts.items() if count} == {"queued": 2, "read": 1, "failed": 1}
    assert sum(found.counts.values()) + found.refused == found.rows == 5


@pytest.mark.parametrize(
    ("own", "effective", "rate"),
    [(None, None, (80, 80)), (30, None, (30, 30)), (200, None, (80, 80)), (None, 40.0, (80, 40)), (30, 40.0, (30, 30))],
)
def test_what_is_allowed_and_what_is_in_effect(
    listed: Listed, own: int | None, effective: float | None, rate: tuple[float, float]
) -> None:
    set_campaign(listed, rate_mps=own)
    found = status(listed, effective)
    assert (found.rate.allowed, found.rate.effective) == rate


def test_the_present_pace_is_that_of_the_last_seconds(listed: Listed) -> None:
    for seconds_ago in (1, 2, 4, 6, 600):
        listed.message(state="sent", attempt=1, claimed_at=NOON - timedelta(seconds=seconds_ago))
    assert status(listed).rate.now == 0.6


@pytest.mark.parametrize(
    ("state", "effective", "after_s"),
    [("running", None, 3 / 80), ("running", 1.5, 2), ("running", 0.0, None), ("paused", None, None)],
)
def test_when_the_last_message_leaves(
    listed: Listed, state: str, effective: float | None, after_s: float | None
) -> None:
    for _ in range(3):
        listed.message(state="queued")
    set_campaign(listed, state=state)
    assert status(listed, effective).eta == (None if after_s is None else NOON + timedelta(seconds=after_s))


def test_with_nothing_queued_there_is_no_end_to_tell(listed: Listed) -> None:
    listed.message(state="sent")
    assert status(listed).eta is None


def test_the_reason_of_a_pause_stands_beside_the_state(listed: Listed) -> None:
    set_campaign(listed, state="paused", state_reason="template_paused")
    found = status(listed)
    assert (found.state, found.reason) == ("paused", "template_paused")


def test_a_campaign_that_does_not_exist_is_not_found_and_the_nearest_named(listed: Listed) -> None:
    with listed.sessions() as session, pytest.raises(NotFound, match=r"no campaign winter; .*spring"):
        campaign_status(session, "winter", NOON)


def lines(listed: Listed, tmp_path: Path) -> list[tuple[str, ...]]:
    out = tmp_path / "summary.csv"
    with listed.sessions() as session:
        write_summary(session, listed.campaign, out)
    with out.open(newline="") as file:
        return [tuple(line) for line in csv.reader(file)][1:]


def test_the_summary_adds_up_to_the_rows_uploaded(listed: Listed, tmp_path: Path) -> None:
    listed.message(state="failed", reason="suppress_recipient")
    listed.message(state="read")
    listed.refused("no_phone", {})
    listed.refused("no_phone", {})
    assert lines(listed, tmp_path) == [
        ("failed", "suppress_recipient", "1", "0.2500"),
        ("read", "", "1", "0.2500"),
        ("refused", "no_phone", "2", "0.5000"),
        ("all", "", "4", "1.0000"),
    ]


def test_a_row_that_is_missing_would_be_told_of(listed: Listed, tmp_path: Path) -> None:
    listed.message(state="read")
    with session_scope(listed.sessions) as session:
        session.get_one(AudienceImport, listed.import_id).row_count = 3
    assert ("unaccounted", "", "2", "0.6667") in lines(listed, tmp_path)


def test_an_empty_list_sums_to_nothing(listed: Listed, tmp_path: Path) -> None:
    assert lines(listed, tmp_path) == [("all", "", "0", "0.0000")]

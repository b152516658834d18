"""Where a campaign stands: numbers that add up, its pace, and when it ends."""

import csv
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import pytest

from campaign.check import forecast
from campaign.errors import NotFound
from campaign.reports.summary import CampaignStatus, campaign_status, write_summary
from models import AudienceImport, Campaign, Message, Price, Reply
from models.session import session_scope
from models.states import MessageState
from tests.campaign.reports.conftest import Listed, at
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


def test_who_is_tried_again_tomorrow_leaves_tomorrow(listed: Listed) -> None:
    listed.message(state="queued")
    listed.message(state="queued", due_at=NOON + timedelta(days=1))
    assert status(listed).eta == NOON + timedelta(days=1)


def test_the_status_has_the_promised_fields_and_no_other(listed: Listed) -> None:
    found = asdict(status(listed))
    assert list(found) == ["name", "state", "reason", "counts", "rows", "refused", "rate", "eta"]
    assert list(found["rate"]) == ["allowed", "effective", "now"]


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


def lines(listed: Listed, tmp_path: Path) -> list[dict[str, str]]:
    out = tmp_path / "summary.csv"
    with listed.sessions() as session:
        write_summary(session, listed.campaign, out)
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


def of_section(found: list[dict[str, str]], section: str, *columns: str) -> list[tuple[str, ...]]:
    return [tuple(line[column] for column in columns) for line in found if line["section"] == section]


def test_the_outcomes_add_up_to_the_rows_uploaded(listed: Listed, tmp_path: Path) -> None:
    listed.message(state="failed", reason="suppress_recipient")
    listed.message(state="read")
    listed.refused("no_phone", {})
    listed.refused("no_phone", {})
    found = lines(listed, tmp_path)
    assert of_section(found, "outcome", "name", "detail", "count", "share") == [
        ("failed", "suppress_recipient", "1", "0.2500"),
        ("read", "", "1", "0.2500"),
        ("refused", "no_phone", "2", "0.5000"),
        ("all", "", "4", "1.0000"),
    ]
    assert set(of_section(found, "check", "count", "value")) == {("0", "yes")}


def test_the_audience_is_told_step_by_step_as_the_check_told_it(listed: Listed, tmp_path: Path) -> None:
    listed.message(state="read")
    for reason in ("unreadable_row", "no_phone", "no_phone", "too_short", "duplicate", "no_consent"):
        listed.refused(reason, {})
    with listed.sessions() as session:
        told = forecast(session, "spring", now=NOON)
    found = of_section(lines(listed, tmp_path), "audience", "name", "detail", "count", "share")
    assert [(name, int(count)) for name, _, count, _ in found[1:-1]] == [(step.name, step.left) for step in told.funnel]
    assert found[:3] == [
        ("rows", "", "7", "1.0000"),
        ("readable", "1 unreadable_row", "6", "0.8571"),
        ("with a usable phone", "2 no_phone, 1 too_short", "3", "0.4286"),
    ]
    assert found[-1] == ("to be messaged", "", "1", "0.1429")


def test_a_row_that_is_missing_is_told_of(listed: Listed, tmp_path: Path) -> None:
    listed.message(state="read")
    with session_scope(listed.sessions) as session:
        session.get_one(AudienceImport, listed.import_id).row_count = 3
    wrong = [
        check for check in of_section(lines(listed, tmp_path), "check", "name", "count", "value") if check[2] == "no"
    ]
    assert wrong == [("messages and refused rows are the rows uploaded", "2", "no")]


def test_an_empty_list_sums_to_nothing(listed: Listed, tmp_path: Path) -> None:
    found = lines(listed, tmp_path)
    assert of_section(found, "outcome", "name", "count", "share") == [("all", "0", "0.0000")]
    assert set(of_section(found, "check", "value")) == {("yes",)}


def reached(listed: Listed, seconds: float = 10, **given: object) -> int:
    """A message that was taken a second after noon and delivered some seconds later."""
    times = {"claimed_at": at(0), "accepted_at": at(1), "sent_at": at(2), "delivered_at": at(1 + seconds)}
    return listed.message(**{"state": "delivered", "attempt": 1, **times, **given})


def test_rates_say_of_what_they_are_taken(listed: Listed, tmp_path: Path) -> None:
    for _ in range(2):
        reached(listed, state="read", read_at=at(60))
    reached(listed)
    listed.message(state="accepted", attempt=1, accepted_at=at(1))
    listed.message(state="failed", attempt=1, error_code=131026, failed_at=at(3))
    assert of_section(lines(listed, tmp_path), "rate", "name", "count", "share") == [
        ("taken", "4", "0.8000"),
        ("sent", "3", "0.7500"),
        ("delivered", "3", "0.7500"),
        ("read", "2", "0.6667"),
        ("failed", "1", "0.2000"),
        ("replied", "0", "0.0000"),
        ("opted out", "0", "0.0000"),
    ]


def test_a_read_without_delivered_was_delivered(listed: Listed, tmp_path: Path) -> None:
    listed.message(state="read", attempt=1, read_at=at(5))
    rates = of_section(lines(listed, tmp_path), "rate", "name", "count")
    assert rates[:4] == [("taken", "1"), ("sent", "1"), ("delivered", "1"), ("read", "1")]


def test_times_are_percentiles_and_never_below_zero(listed: Listed, tmp_path: Path) -> None:
    for seconds in (-1, 10, 20, 30, 40):
        reached(listed, seconds)
    times = of_section(lines(listed, tmp_path), "time", "name", "detail", "value", "unit")
    assert times[0] == ("taken to delivered", "p50", "20.0", "s")
    assert times[3] == ("taken to delivered", "p99", "39.6", "s")
    assert len(times) == 4


def test_countries_templates_and_hours_each_count_every_message(listed: Listed, tmp_path: Path) -> None:
    reached(listed)
    mexican = reached(listed, accepted_at=at(3700))
    with session_scope(listed.sessions) as session:
        session.get_one(Message, mexican).phone_e164 = "+525555550001"
    listed.message(state="queued")
    found = lines(listed, tmp_path)
    messages = {
        section: [one[:2] for one in of_section(found, section, "name", "count", "detail") if one[2] == "messages"]
        for section in ("country", "template", "hour")
    }
    assert messages == {
        "country": [("US", "2"), ("MX", "1")],
        "template": [("spring_sale en_US", "3")],
        "hour": [("2026-11-20T12:00Z", "1"), ("2026-11-20T13:00Z", "1"), ("not taken", "1")],
    }


def test_errors_are_counted_by_class(listed: Listed, tmp_path: Path) -> None:
    for code in (131026, 131026, 131049, None, 999999):
        listed.message(state="failed", error_code=code)
    listed.message(state="queued", error_code=131049)
    assert of_section(lines(listed, tmp_path), "error class", "name", "count") == [
        ("suppress_recipient", "2"),
        ("unknown", "2"),
        ("retry_increasing", "1"),
    ]


def test_replies_and_opt_outs_are_counted_by_person(listed: Listed, tmp_path: Path) -> None:
    first, second = reached(listed), reached(listed)
    listed.message(state="failed", error_code=131050, failed_at=at(5))
    with session_scope(listed.sessions) as session:
        for number, (message, kind, stops) in enumerate(
            [(first, "text", True), (first, "text", False), (second, "button", True), (second, "preference", True)]
        ):
            common = {"campaign_id": listed.campaign.id, "attributed_by": "context", "received_at": at(60 + number)}
            session.add(Reply(inbound_id=f"in.{number}", message_id=message, kind=kind, opts_out=stops, **common))
    found = lines(listed, tmp_path)
    assert of_section(found, "reply", "name", "detail", "count") == [
        ("text", "from 1 person", "2"),
        ("button", "from 1 person", "1"),
        ("preference", "from 1 person", "1"),
    ]
    assert of_section(found, "opt-out", "name", "count") == [
        ("button", "1"),
        ("refused by WhatsApp (131050)", "1"),
        ("text", "1"),
    ]
    assert of_section(found, "rate", "name", "count")[-2:] == [("replied", "2"), ("opted out", "3")]


def test_a_campaign_that_still_runs_says_that_it_is_a_snapshot(listed: Listed, tmp_path: Path) -> None:
    listed.message(state="queued")
    listed.message(state="read")
    assert ("snapshot", "1") in of_section(lines(listed, tmp_path), "campaign", "name", "count")


def test_without_a_rate_card_no_cost_is_made_up(listed: Listed, tmp_path: Path) -> None:
    reached(listed)
    assert of_section(lines(listed, tmp_path), "cost", "name", "detail") == [("unknown", "no rate card was imported")]


def test_the_cost_and_its_difference_to_the_plan_add_up(listed: Listed, tmp_path: Path) -> None:
    with session_scope(listed.sessions) as session:
        session.add(Price(place="US", category="marketing", amount="0.04", currency="USD", valid_from=date(2026, 1, 1)))
    for billable in (True, True, None, False):
        reached(listed, category="marketing", billable=billable)
    listed.message(state="failed", error_code=131026)
    found = lines(listed, tmp_path)
    assert of_section(found, "cost", "name", "count", "value", "unit") == [
        ("US marketing", "3", "0.12", "USD"),
        ("planned", "", "0.2", "USD"),
        ("charged", "2", "", ""),
        ("unsaid", "1", "", ""),
        ("free", "1", "", ""),
        ("free", "", "-0.04", "USD"),
        ("undelivered", "1", "", ""),
        ("undelivered", "", "-0.04", "USD"),
        ("all", "", "0.12", "USD"),
    ]

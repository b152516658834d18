"""The month of starts: weeks on a wide screen, the days that have a start one below the other on a narrow one."""

from datetime import datetime, timedelta

import pytest

from models.schedule import RunState, Schedule, ScheduleRun
from models.session import session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template


@pytest.fixture
def month(sessions):
    """A schedule with a run that failed, and a campaign with a start, both on one day of July 2027."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(
            session, sender, make_template(session, sender), "later", state="scheduled", launched_at=NOON,
            start_at=datetime(2027, 7, 5, 10, tzinfo=NOON.tzinfo),
        )  # fmt: skip
        first_at = datetime.fromisoformat("2027-07-05T09:00")
        made = Schedule(name="weekly", request={}, zone="UTC", first_at=first_at, rule="FREQ=WEEKLY", overlap="skip")
        session.add(made)
        session.flush()
        session.add(
            ScheduleRun(
                schedule_id=made.id, run_at=NOON - timedelta(days=1), campaign_name="weekly 1", state=RunState.FAILED,
                text="--where plan is no condition; write it like region=MX or attribute.plan!=gold",
            )
        )  # fmt: skip
        return f"/campaigns/{campaign.id}"


def test_each_start_stands_in_the_weeks_and_in_the_list_by_day(see, month):
    seen = see("/schedules?month=2027-07")
    shown = [text for text in seen.text.splitlines() if text in {"09:00 weekly", "10:00 later"}]
    assert shown.count("10:00 later") == 2
    assert shown.count("09:00 weekly") == 2 * 4
    assert "Mon 5" in seen.text.splitlines()
    assert "Tue 6" not in seen.text.splitlines()
    assert month in seen.links()


def test_a_month_without_a_start_says_so(see, month):
    assert "Nothing starts in this month." in see("/schedules?month=2026-08")


def test_why_a_run_failed_is_told_in_the_words_of_a_form(see, month):
    assert "plan is no condition; write it like region=MX" in see("/schedules")
    assert "--where" not in see("/schedules")

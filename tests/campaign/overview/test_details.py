"""What stands behind the counts."""

from datetime import timedelta

import pytest

from campaign.overview.details import details
from campaign.overview.glance import glance
from campaign.overview.tally import count_due
from models import Campaign, Message, Sender
from models.session import session_scope
from tests.factories import NOON

HOUR = timedelta(hours=1)


@pytest.fixture
def look(sessions, big, settings):
    def look(now=NOON + HOUR, effective=80.0, exact=True):
        with sessions() as session:
            seen = glance(session, big, now=now, effective=lambda sender: effective)
            return details(session, seen, settings)

    return look


def change(sessions, model, **values):
    with session_scope(sessions) as session:
        session.query(model).update(values)


def test_it_says_what_went_wrong_and_how_it_went_over_time(look):
    found = look()
    (trouble,) = found.troubles
    assert (trouble.code, trouble.messages) == (131026, 2)
    assert sum(bucket["read"] for bucket in found.course.buckets) == 1
    assert (found.course.since, found.course.until) == (NOON, NOON + HOUR)
    assert (found.holds, found.canary, found.doubts, found.plan) == (None, None, None, None)


def test_a_brake_shows_as_the_share_that_is_granted(look):
    assert look().limits.share == 1.0
    assert look(effective=5.0).limits.share == 0.5
    assert look(effective=0.0).limits.share == 0.0


def test_held_messages_are_told_with_how_long_the_verdict_is_awaited(look, sessions, settings):
    change(sessions, Message, state="held", held_at=NOON)
    change(sessions, Campaign, state="paused", state_reason="held_for_quality")
    holds = look().holds
    assert (holds.messages, holds.since, holds.policy) == (7, NOON, "pause")
    assert holds.guard_until == NOON + timedelta(seconds=settings.hold_guard_s)


def test_what_is_uncertain_is_told_by_why(look, sessions):
    change(sessions, Message, state="uncertain", claimed_at=NOON, error_text="timeout")
    (group,) = look().doubts.groups
    assert (group.why, group.messages) == ("timeout", 7)


def test_a_canary_is_told_with_what_became_of_its_people(look, sessions, big):
    with session_scope(sessions) as session:
        ids = [id_ for (id_,) in session.query(Message.id).filter(Message.state.in_(["failed", "read"]))]
        campaign = session.get_one(Campaign, big)
        campaign.canary, campaign.canary_ids, campaign.canary_left = {"people": 4}, ids, 1
    canary = look().canary
    assert (canary.taken, canary.left, canary.failed, canary.delivered, canary.over) == (3, 1, 2, 1, False)


def test_what_takes_longer_than_a_day_is_planned_day_by_day(look, sessions):
    change(sessions, Sender, tier=2)
    plan = look().plan
    assert [day.messages for day in plan.days] == [2, 2]
    assert "messaging limit" in plan.days[0].limited_by


def test_the_course_of_a_large_campaign_is_what_was_counted_ahead(look, sessions, monkeypatch):
    from campaign.overview import glance as module

    count_due(sessions, now=NOON + HOUR)
    monkeypatch.setattr(module, "SMALL", 5)
    course = look().course
    assert sum(bucket["failed"] for bucket in course.buckets) == 2


def test_a_draft_has_no_course(look, sessions):
    change(sessions, Campaign, state="draft", launched_at=None)
    assert look().course.since is None

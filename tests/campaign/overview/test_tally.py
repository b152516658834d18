"""Counting ahead of the looks."""

from datetime import timedelta

import pytest

from campaign.overview.tally import BUCKETS, bucket_s, count_campaign, count_due
from models import Campaign, CampaignTally
from models.session import session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def spring(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender))
        make_messages(session, campaign, 3)
        at = {"accepted_at": NOON, "delivered_at": NOON + MINUTE}
        make_messages(session, campaign, 2, first=3, state="delivered", **at)
        make_messages(session, campaign, 1, first=5, state="read", **at, read_at=NOON + 2 * MINUTE)
        make_messages(session, campaign, 1, first=6, state="failed", failed_at=NOON + MINUTE)
    return campaign.id


def tally(sessions):
    with sessions() as session:
        return session.query(CampaignTally).one()


def test_a_campaign_is_counted_by_state(sessions, spring):
    assert count_due(sessions, now=NOON) == 1
    found = tally(sessions)
    assert found.counts == {"queued": 3, "delivered": 2, "read": 1, "failed": 1}
    assert found.last_message_id - found.first_message_id == 6


def test_the_chart_counts_each_step_in_its_stretch_of_time(sessions, spring):
    count_due(sessions, now=NOON + 2 * MINUTE)
    assert tally(sessions).series == [
        {"at": "2026-11-20T12:00:00Z", "accepted": 3, "delivered": 0, "read": 0, "failed": 0},
        {"at": "2026-11-20T12:01:00Z", "accepted": 0, "delivered": 3, "read": 0, "failed": 1},
        {"at": "2026-11-20T12:02:00Z", "accepted": 0, "delivered": 0, "read": 1, "failed": 0},
    ]


def test_it_is_counted_again_after_a_while_and_not_before(sessions, spring):
    count_due(sessions, now=NOON)
    assert count_due(sessions, now=NOON + SECOND) == 0
    assert count_due(sessions, now=NOON + 3 * SECOND) == 1


def test_a_count_that_took_long_is_put_off_in_proportion(sessions, spring):
    clock = iter(range(0, 100, 2))
    count_due(sessions, now=NOON, timer=lambda: next(clock))
    assert tally(sessions).took_ms == 2000
    assert count_due(sessions, now=NOON + 39 * SECOND) == 0
    assert count_due(sessions, now=NOON + 41 * SECOND) == 1


def test_what_has_ended_long_ago_is_counted_rarely(sessions, spring):
    with session_scope(sessions) as session:
        session.get(Campaign, spring).ended_at = NOON - 10 * DAY
    count_due(sessions, now=NOON)
    assert count_due(sessions, now=NOON + timedelta(hours=23)) == 0
    assert count_due(sessions, now=NOON + timedelta(hours=26)) == 1


def test_a_draft_is_not_counted_by_itself_but_can_be(sessions, spring):
    with session_scope(sessions) as session:
        session.get(Campaign, spring).launched_at = None
    assert count_due(sessions, now=NOON) == 0
    with session_scope(sessions) as session:
        count_campaign(session, spring, now=NOON)
    assert sum(tally(sessions).counts.values()) == 7


@pytest.mark.parametrize("stretch", [SECOND, MINUTE, timedelta(hours=5), DAY, 30 * DAY, 500 * DAY])
def test_a_chart_has_no_more_points_than_can_be_told_apart(stretch):
    assert stretch / timedelta(seconds=bucket_s(NOON, NOON + stretch)) <= BUCKETS

"""A campaign at one look."""

from datetime import timedelta

import pytest

from campaign.access import approvals
from campaign.access.roles import Actor
from campaign.errors import NotFound
from campaign.overview import glance as module
from campaign.overview.glance import glance
from campaign.overview.tally import count_due
from models import Campaign, Message
from models.access import Role
from models.session import session_scope
from tests.factories import NOON

SECOND = timedelta(seconds=1)


@pytest.fixture
def look(sessions, big):
    def look(now=NOON, effective=80.0):
        with sessions() as session:
            return glance(session, big, now=now, effective=lambda sender: effective)

    return look


def change(sessions, big, **values):
    with session_scope(sessions) as session:
        campaign = session.get_one(Campaign, big)
        for name, value in values.items():
            setattr(campaign, name, value)


def test_a_small_campaign_is_counted_at_the_look_and_adds_up(look):
    seen = look()
    assert seen.exact
    assert seen.counted_at == NOON
    assert seen.line.counts == {"queued": 4, "failed": 2, "read": 1}
    assert seen.line.rows == seen.messages + seen.line.refused


def test_a_large_one_shows_what_was_counted_ahead_and_when(look, sessions, monkeypatch):
    count_due(sessions, now=NOON)
    monkeypatch.setattr(module, "SMALL", 5)
    with session_scope(sessions) as session:
        session.query(Message).filter(Message.state == "queued").update({"state": "skipped"})
    seen = look(NOON + SECOND)
    assert (seen.exact, seen.counted_at) == (False, NOON)
    assert seen.line.counts["queued"] == 4


def test_the_pace_is_what_was_requested_just_now_within_what_is_granted_and_allowed(look):
    pace = look(NOON + SECOND).pace
    assert (pace.now, pace.effective, pace.allowed, pace.number) == (0.2, 10.0, 10, 80)
    assert look(NOON + SECOND, effective=4.0).pace.effective == 4.0
    assert look(NOON + 60 * SECOND).pace.now == 0.0


def test_the_end_is_when_the_last_waiting_message_leaves_at_the_rate_granted(look):
    seen = look(effective=2.0)
    assert seen.eta == NOON + 2 * SECOND
    assert seen.told.key == "running"


def test_it_waits_for_a_retry_that_is_due_later(look, sessions):
    due = NOON + timedelta(days=1)
    with session_scope(sessions) as session:
        session.query(Message).filter(Message.state == "queued").update({"due_at": due})
    seen = look()
    assert seen.eta == due
    assert (seen.told.key, seen.told.values["at"]) == ("running_retries", due)


def test_nothing_granted_is_said(look):
    assert look(effective=0.0).told.key == "running_stopped"


def test_a_launch_that_waits_for_approval_names_who_asked(look, sessions, big):
    change(sessions, big, state="draft", launched_at=None)
    with session_scope(sessions) as session:
        approvals.ask(session, session.get_one(Campaign, big), Actor("user:olga", Role.OPERATOR), NOON)
    seen = look()
    assert seen.asked_by == "user:olga"
    assert (seen.told.key, seen.told.values["who"]) == ("draft_asked", "olga")


def test_an_unknown_one_is_not_found(sessions):
    with sessions() as session, pytest.raises(NotFound):
        glance(session, 404, now=NOON, effective=lambda sender: 1.0)

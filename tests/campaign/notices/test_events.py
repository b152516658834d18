"""The database notes what happens to a campaign, whoever moves it."""

import pytest
from sqlalchemy import text

from campaign import lifecycle
from campaign import store as campaigns
from campaign.notices.events import NoticeEvent
from models import Notice
from models.session import session_scope
from models.states import CampaignState
from tests.factories import NOON, make_campaign, make_sender, make_template


@pytest.fixture
def draft(sessions):
    def draft():
        with session_scope(sessions) as session:
            sender = make_sender(session)
            campaign = make_campaign(session, sender, make_template(session, sender), state="draft", launched_at=None)
            return campaign.id

    return draft


@pytest.fixture
def told(sessions):
    def told():
        with sessions() as session:
            return [notice.body["type"] for notice in session.query(Notice).order_by(Notice.id)]

    return told


def test_each_step_of_a_campaign_is_noted_once(sessions, subscribe, draft, told):
    subscribe("http://127.0.0.1:1/", *NoticeEvent)
    draft()
    lifecycle.launch(sessions, "spring", now=NOON)
    lifecycle.pause(sessions, "spring")
    lifecycle.resume(sessions, "spring", now=NOON)
    lifecycle.cancel(sessions, "spring", now=NOON)
    assert told() == [f"campaign.{step}" for step in ("created", "launched", "paused", "resumed", "cancelled")]


def test_what_the_engine_does_over_sets_is_noted_too(sessions, subscribe, draft, told):
    subscribe("http://127.0.0.1:1/", "campaign.paused")
    id_ = draft()
    lifecycle.launch(sessions, "spring", now=NOON)
    with session_scope(sessions) as session:
        campaigns.pause_running(session, [id_], "payment", "There is no payment method.")
        session.execute(text("UPDATE campaign SET state_reason = 'sender_restricted' WHERE id = :id"), {"id": id_})
    with sessions() as session:
        bodies = [notice.body["campaign"] for notice in session.query(Notice).order_by(Notice.id)]
    assert [(body["name"], body["state"], body["reason"], body["before"]) for body in bodies] == [
        ("spring", "paused", "payment", "running"),
        ("spring", "paused", "sender_restricted", "paused"),
    ]


def test_what_is_taken_back_was_never_told(sessions, subscribe, draft, told):
    subscribe("http://127.0.0.1:1/", *NoticeEvent)
    id_ = draft()
    with sessions() as session, session.begin() as transaction:
        session.execute(text("UPDATE campaign SET state = 'completed' WHERE id = :id"), {"id": id_})
        transaction.rollback()
    assert told() == ["campaign.created"]


def test_two_subscribers_are_told_the_same_thing_under_one_id_and_only_what_they_asked_for(sessions, subscribe, draft):
    subscribe("http://127.0.0.1:1/", "campaign.created", name="crm")
    subscribe("http://127.0.0.1:1/", "campaign.created", "campaign.launched", name="chat")
    subscribe("http://127.0.0.1:1/", "campaign.completed", name="other")
    draft()
    with sessions() as session:
        notices = session.query(Notice).all()
        assert len({notice.event_id for notice in notices}) == 1
        assert {notice.subscription_id for notice in notices} == {1, 2}


def test_every_state_has_its_word():
    moves = {"draft": "created", "running": "launched"}
    named = {f"campaign.{moves.get(state, state)}" for state in CampaignState} - {"campaign.preparing"}
    assert named | {"campaign.resumed"} == set(NoticeEvent)

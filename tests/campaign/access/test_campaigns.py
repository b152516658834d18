"""What people do to campaigns: permitted, approved, written down."""

from datetime import timedelta

import pytest

from campaign.access import campaigns as acts
from campaign.access.approvals import waiting
from campaign.access.audit import entries
from campaign.access.roles import Actor
from campaign.errors import Conflict, Forbidden
from campaign.moving.move import Move
from campaign.uncertain.resolve import Decision
from models import Campaign, Message, Sender
from models.access import Role
from models.session import session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template


@pytest.fixture
def spring(sessions):
    """A draft with three messages."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender), state="draft", launched_at=None)
        make_messages(session, campaign, 3)
    return campaign


def launched(sessions, by, above=None):
    return acts.launch(sessions, by, "spring", now=NOON, approval_above=above).state


def test_an_operator_launches_pauses_resumes_and_cancels_and_all_of_it_is_written_down(sessions, spring, operator):
    assert launched(sessions, operator) == "running"
    assert acts.pause(sessions, operator, "spring").state == "paused"
    assert acts.resume(sessions, operator, "spring", now=NOON).state == "running"
    assert acts.cancel(sessions, operator, "spring", now=NOON).state == "cancelled"
    with sessions() as session:
        log = [(entry.act, entry.before["state"], entry.after["state"]) for entry in reversed(entries(session))]
    assert log == [
        ("launch", "draft", "running"),
        ("pause", "running", "paused"),
        ("resume", "paused", "running"),
        ("cancel", "running", "cancelled"),
    ]


@pytest.mark.parametrize("act", ["launch", "pause", "resume", "cancel"])
def test_a_viewer_may_none_of_it(sessions, spring, viewer, act):
    more = {"launch": {"now": NOON, "approval_above": None}, "pause": {}}.get(act, {"now": NOON})
    with pytest.raises(Forbidden):
        getattr(acts, act)(sessions, viewer, "spring", **more)
    with sessions() as session:
        assert (session.query(Campaign).one().state, entries(session)) == ("draft", [])


def test_a_large_launch_waits_for_somebody_else(sessions, spring, operator):
    assert launched(sessions, operator, above=2) == "draft"
    assert launched(sessions, operator, above=2) == "draft", "asking again is not an approval"
    with sessions() as session:
        ((approval, campaign),) = waiting(session)
        assert (approval.asked_by, campaign.name) == ("user:olga", "spring")
    with pytest.raises(Forbidden):
        acts.approve(sessions, Actor("user:otto", Role.OPERATOR), "spring", now=NOON)
    assert acts.approve(sessions, Actor("user:pia", Role.APPROVER), "spring", now=NOON).state == "running"
    with sessions() as session:
        assert waiting(session) == []


def test_nobody_approves_what_they_asked_for_or_what_nobody_asked_for(sessions, spring):
    pia = Actor("user:pia", Role.APPROVER)
    with pytest.raises(Conflict, match="nobody asked"):
        acts.approve(sessions, pia, "spring", now=NOON)
    launched(sessions, pia, above=0)
    with pytest.raises(Conflict, match="somebody else has to approve"):
        acts.approve(sessions, pia, "spring", now=NOON)


def test_a_small_launch_needs_no_approval(sessions, spring, operator):
    assert launched(sessions, operator, above=3) == "running"


def test_a_refused_move_leaves_no_entry(sessions, spring, operator):
    with pytest.raises(Conflict):
        acts.resume(sessions, operator, "spring", now=NOON)
    with sessions() as session:
        assert entries(session) == []


def test_a_draft_can_be_taken_back_and_a_launched_campaign_cannot(sessions, spring, operator):
    launched(sessions, operator)
    with pytest.raises(Conflict, match="stays"):
        acts.delete_draft(sessions, operator, "spring")
    with session_scope(sessions) as session:
        session.query(Campaign).one().state = "draft"
    acts.delete_draft(sessions, operator, "spring")
    with sessions() as session:
        assert session.query(Campaign).count() == 0


def test_a_move_to_another_template_is_written_down_with_what_it_moved(sessions, spring, operator, viewer):
    with session_scope(sessions) as session:
        campaign = session.get_one(Campaign, spring.id)
        campaign.state, campaign.state_reason = "paused", "operator"
        make_template(session, session.get_one(Sender, campaign.sender_id), "calm_sale")
    request = Move("spring", "calm_sale")
    with pytest.raises(Forbidden):
        acts.move(sessions, viewer, request, now=NOON)
    assert acts.move(sessions, operator, request, now=NOON).total == 3
    with sessions() as session:
        (entry,) = entries(session)
    assert (entry.act, entry.after) == (
        "move", {"template": "calm_sale", "language": "en_US", "messages": {"queued": 3}},
    )  # fmt: skip


def test_a_decision_about_uncertain_messages_takes_an_approver_and_is_written_down(sessions, spring, operator):
    with session_scope(sessions) as session:
        session.query(Message).update({"state": "uncertain", "claimed_at": NOON - timedelta(hours=1)})
    with pytest.raises(Forbidden):
        acts.resolve_uncertain(sessions, operator, "spring", Decision.FAILED, now=NOON)
    approver = Actor("user:ana", Role.APPROVER)
    assert acts.resolve_uncertain(sessions, approver, "spring", Decision.FAILED, now=NOON) == 3
    with sessions() as session:
        (entry,) = entries(session)
        assert {message.state for message in session.query(Message)} == {"failed"}
    assert (entry.act, entry.after) == (
        "resolve_uncertain", {"decision": "failed", "older_than_s": 0.0, "messages": 3},
    )  # fmt: skip

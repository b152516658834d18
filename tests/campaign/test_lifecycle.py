"""What a campaign goes through after its creation."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from campaign import store
from campaign.errors import CampaignError, Conflict, NotFound, UsageError
from campaign.lifecycle import (
    cancel,
    find_campaign,
    follow_templates,
    launch,
    pause,
    pause_by_engine,
    resume,
    resume_by_engine,
    start_due,
)
from models import Campaign, Message, Sender, Template
from models.session import session_scope
from models.states import CAMPAIGN_MOVES, CampaignState, MessageState, PauseReason
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

HOUR = timedelta(hours=1)
LATE = timedelta(minutes=60)


@pytest.fixture
def make(sessions):
    """Adds a campaign in a state, with its sender and template; returns its name."""

    def make(state="draft", name="spring", template=None, sender=None, **given):
        with session_scope(sessions) as session:
            owner = make_sender(session, f"sender-{name}", phone_number_id=name, **sender or {})
            text = make_template(session, owner, f"text-{name}", **template or {})
            make_campaign(session, owner, text, name, **{"state": state, "launched_at": None} | given)
        return name

    return make


@pytest.fixture
def stored(sessions):
    """Reads a campaign as it is stored."""

    def stored(name="spring"):
        with sessions() as session:
            return find_campaign(session, name)

    return stored


def edit(sessions, model, **values):
    with session_scope(sessions) as session:
        for row in session.query(model):
            for name, value in values.items():
                setattr(row, name, value)


class TestLaunch:
    def test_a_draft_runs_at_once(self, sessions, make, stored):
        launch(sessions, make(), now=NOON)
        assert (stored().state, stored().launched_at) == ("running", NOON)

    def test_a_flagged_number_still_sends(self, sessions, make, stored):
        launch(sessions, make(sender={"state": "flagged"}), now=NOON)
        assert stored().state == "running"

    def test_a_start_to_come_is_waited_for(self, sessions, make, stored):
        launch(sessions, make(start_at=NOON + HOUR), now=NOON)
        assert (stored().state, stored().launched_at) == ("scheduled", None)

    def test_a_start_gone_by_is_now(self, sessions, make, stored):
        launch(sessions, make(start_at=NOON - HOUR), now=NOON)
        assert stored().state == "running"

    def test_launching_twice_says_since_when_it_runs(self, sessions, make):
        launch(sessions, make(), now=NOON)
        with pytest.raises(
            Conflict, match=r"is running since 2026-11-20 12:00:00 UTC, so it cannot be launched; follow"
        ):
            launch(sessions, "spring", now=NOON + HOUR)

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("scheduled", "is launched and starts at 2026-11-20 13:00:00 UTC"),
            ("paused", "go on with campaign resume spring"),
            ("settling", "awaits its last reports"),
            ("completed", "was completed at"),
            ("cancelled", "was cancelled at .*; create a new one"),
        ],
    )
    def test_only_a_draft_is_launched(self, sessions, make, stored, state, words):
        make(state, start_at=NOON + HOUR, ended_at=NOON)
        with pytest.raises(Conflict, match=words):
            launch(sessions, "spring", now=NOON)
        assert stored().state == state

    @pytest.mark.parametrize(
        ("campaign", "template", "sender", "error", "words"),
        [
            ({}, {"status": "PAUSED"}, {}, Conflict, "text-spring .* is PAUSED, not APPROVED"),
            ({}, {"components": [{"type": "HOLOGRAM"}]}, {}, UsageError, "cannot be filled: hologram"),
            ({}, {}, {"state": "disabled"}, Conflict, "Sender sender-spring is disabled"),
            (
                {},
                {},
                {"state": "restricted", "restricted_until": NOON + HOUR},
                Conflict,
                "restricted until 2026-11-20 13:00",
            ),
            ({"deadline_at": NOON}, {}, {}, Conflict, "had its deadline at 2026-11-20 12:00:00 UTC"),
        ],
    )
    def test_what_forbids_a_launch_is_named(self, sessions, make, stored, campaign, template, sender, error, words):
        make(template=template, sender=sender, **campaign)
        with pytest.raises(error, match=words):
            launch(sessions, "spring", now=NOON)
        assert stored().state == "draft"

    def test_of_two_doors_at_once_one_launches(self, sessions, make):
        make()
        barrier, errors = Barrier(2), []

        def door():
            barrier.wait()
            try:
                launch(sessions, "spring", now=NOON)
            except CampaignError as error:
                errors.append(error)

        doors = [Thread(target=door) for _ in range(2)]
        for thread in doors:
            thread.start()
        for thread in doors:
            thread.join()
        assert [type(error) for error in errors] == [Conflict]

    def test_an_unknown_campaign_brings_the_nearest(self, sessions, make):
        with pytest.raises(NotFound, match="no campaign spring; there is none yet"):
            launch(sessions, "spring", now=NOON)
        make()
        with pytest.raises(NotFound, match=r"no campaign sprin; did you mean spring\?"):
            launch(sessions, "sprin", now=NOON)


class TestPauseAndResume:
    def test_a_person_pauses_and_resumes(self, sessions, make, stored):
        make("running", launched_at=NOON)
        pause(sessions, "spring")
        assert (stored().state, stored().state_reason) == ("paused", "operator")
        resume(sessions, "spring", now=NOON + HOUR)
        assert (stored().state, stored().state_reason, stored().launched_at) == ("running", None, NOON)
        assert stored().resumed_at == NOON + HOUR, "what is told of messages that left before stops it no more"

    def test_a_campaign_paused_before_its_start_waits_for_it_again(self, sessions, make, stored):
        make("scheduled", start_at=NOON + HOUR)
        pause(sessions, "spring")
        resume(sessions, "spring", now=NOON)
        assert stored().state == "scheduled"
        pause(sessions, "spring")
        resume(sessions, "spring", now=NOON + 2 * HOUR)
        assert stored().state == "running"

    def test_a_pause_of_the_engine_becomes_a_persons(self, sessions, make, stored):
        make("paused", state_reason="template_paused")
        pause(sessions, "spring")
        assert stored().state_reason == "operator"
        with pytest.raises(Conflict, match=r"is paused \(operator\), so it cannot be paused"):
            pause(sessions, "spring")

    @pytest.mark.parametrize("state", ["draft", "settling", "completed", "cancelled"])
    def test_what_does_not_send_is_not_paused(self, sessions, make, state):
        make(state)
        with pytest.raises(Conflict, match="so it cannot be paused"):
            pause(sessions, "spring")

    @pytest.mark.parametrize("state", ["draft", "scheduled", "running", "settling", "completed", "cancelled"])
    def test_only_what_is_paused_is_resumed(self, sessions, make, state):
        make(state)
        with pytest.raises(Conflict, match="so it cannot be resumed"):
            resume(sessions, "spring", now=NOON)

    def test_a_campaign_is_not_resumed_with_a_paused_template(self, sessions, make, stored):
        make("paused", template={"status": "PAUSED"}, state_reason="template_paused")
        with pytest.raises(Conflict, match="is PAUSED, not APPROVED"):
            resume(sessions, "spring", now=NOON)
        assert stored().state_reason == "template_paused"


class TestCancel:
    @pytest.mark.parametrize("state", [s for s, moves in CAMPAIGN_MOVES.items() if CampaignState.CANCELLED in moves])
    def test_every_campaign_under_way_can_be_cancelled(self, sessions, make, stored, state):
        make(state)
        cancel(sessions, "spring", now=NOON)
        assert (stored().state, stored().ended_at) == ("cancelled", NOON)

    @pytest.mark.parametrize("state", ["completed", "cancelled"])
    def test_an_end_is_final(self, sessions, make, state):
        make(state, ended_at=NOON)
        with pytest.raises(Conflict, match="at 2026-11-20 12:00:00 UTC, so it cannot be cancelled"):
            cancel(sessions, "spring", now=NOON)

    def test_queued_messages_are_skipped_and_others_finish(self, sessions, make):
        make("running")
        with session_scope(sessions) as session:
            campaign = find_campaign(session, "spring")
            for number, state in enumerate(MessageState):
                make_messages(session, campaign, 2, first=number * 2, state=state)
        cancel(sessions, "spring", now=NOON)
        with sessions() as session:
            after = [(m.state, m.reason) for m in session.query(Message).order_by(Message.id)]
        before = [(state.value, None) for state in MessageState for _ in range(2)]
        assert after == [("skipped", "cancelled") if b == ("queued", None) else b for b in before]

    def test_other_campaigns_go_on(self, sessions, make):
        make("running")
        make("running", "winter")
        with session_scope(sessions) as session:
            make_messages(session, find_campaign(session, "winter"), 3)
        cancel(sessions, "spring", now=NOON)
        with sessions() as session:
            assert {m.state for m in session.query(Message)} == {"queued"}


class TestStartDue:
    def test_a_campaign_starts_when_its_time_has_come(self, sessions, make, stored):
        make("scheduled", start_at=NOON)
        assert start_due(sessions, now=NOON - timedelta(seconds=1), late_start=LATE) == []
        assert start_due(sessions, now=NOON, late_start=LATE) == [stored().id]
        assert (stored().state, stored().launched_at) == ("running", NOON)
        assert start_due(sessions, now=NOON, late_start=LATE) == []

    def test_a_start_missed_a_little_is_caught_up(self, sessions, make, stored):
        make("scheduled", start_at=NOON)
        start_due(sessions, now=NOON + LATE, late_start=LATE)
        assert stored().state == "running"

    def test_a_start_missed_by_more_waits_for_a_person(self, sessions, make, stored):
        make("scheduled", start_at=NOON)
        assert start_due(sessions, now=NOON + LATE + timedelta(seconds=1), late_start=LATE) == []
        assert (stored().state, stored().state_reason) == ("paused", "late_start")
        assert "campaign resume spring" in stored().state_text
        resume(sessions, "spring", now=NOON + 2 * LATE)
        assert stored().state == "running"

    @pytest.mark.parametrize(
        ("template", "sender", "reason"),
        [
            ({"status": "PAUSED"}, {}, "template_paused"),
            ({"status": "DISABLED"}, {}, "template_disabled"),
            ({}, {"state": "restricted"}, "sender_restricted"),
        ],
    )
    def test_a_start_that_cannot_be_pauses_with_its_reason(self, sessions, make, stored, template, sender, reason):
        make("scheduled", start_at=NOON, template=template, sender=sender)
        make("scheduled", "winter", start_at=NOON)
        assert start_due(sessions, now=NOON, late_start=LATE) == [stored("winter").id]
        assert (stored().state, stored().state_reason) == ("paused", reason)
        assert stored().state_text

    @pytest.mark.parametrize(
        ("table", "bad", "good"),
        [
            (Template, {"status": "PENDING"}, {"status": "APPROVED"}),
            (Sender, {"state": "restricted"}, {"state": "connected"}),
        ],
    )
    def test_a_start_that_was_held_up_begins_whole_once_that_is_over_however_late(
        self, sessions, make, stored, table, bad, good
    ):
        given = {"template": bad} if table is Template else {"sender": bad}
        make("scheduled", start_at=NOON, spread_s=3600, **given)
        with session_scope(sessions) as session:
            make_messages(session, stored(), 4)
        start_due(sessions, now=NOON, late_start=LATE)
        assert start_due(sessions, now=NOON + HOUR, late_start=LATE) == []
        edit(sessions, table, **good)
        with session_scope(sessions) as session:
            assert resume_by_engine(session, stored().sender_id, PauseReason.SENDER_RESTRICTED) == []
            assert store.resume_sendable(session) == []
        later = NOON + 5 * HOUR
        assert start_due(sessions, now=later, late_start=LATE) == [stored().id]
        assert (stored().state, stored().launched_at) == ("running", later)
        with sessions() as session:
            due = [message.due_at for message in session.query(Message).order_by(Message.id)]
        assert due[1:] == [later + quarter * HOUR / 4 for quarter in (1, 2, 3)], "spread from its own start on"

    def test_a_start_held_by_another_process_is_left_to_it(self, sessions, make):
        make("scheduled", start_at=NOON)
        with session_scope(sessions) as session:
            session.query(Campaign).with_for_update().all()
            assert start_due(sessions, now=NOON, late_start=LATE) == []


class TestPausesOfTheEngine:
    def test_only_running_campaigns_are_paused(self, sessions, make, stored):
        ids = []
        for state in CampaignState:
            make(state, state)
            ids.append(stored(state).id)
        with session_scope(sessions) as session:
            paused = pause_by_engine(session, ids, PauseReason.PAYMENT, "The account owes money; pay it and resume.")
        assert paused == [stored("running").id]
        assert (stored("running").state, stored("running").state_reason) == ("paused", "payment")
        assert stored("draft").state_reason is None

    def test_a_campaign_follows_its_template(self, sessions, make, stored):
        make("running", launched_at=NOON)
        make("draft", "winter")
        with session_scope(sessions) as session:
            assert follow_templates(session) == ([], [])
        edit(sessions, Template, status="PAUSED")
        with session_scope(sessions) as session:
            assert follow_templates(session) == ([stored().id], [])
        assert (stored().state, stored().state_reason, stored("winter").state) == ("paused", "template_paused", "draft")
        edit(sessions, Template, status="APPROVED")
        with session_scope(sessions) as session:
            assert follow_templates(session) == ([], [stored().id])
        assert (stored().state, stored().state_reason, stored().state_text) == ("running", None, None)

    @pytest.mark.parametrize("reason", ["operator", "payment", "held_for_quality"])
    def test_other_pauses_do_not_end_with_the_template(self, sessions, make, stored, reason):
        make("paused", state_reason=reason)
        with session_scope(sessions) as session:
            assert follow_templates(session) == ([], [])
        assert stored().state == "paused"

    def test_a_restricted_sender_keeps_a_launch_from_happening_until_it_is_cleared(self, sessions, make, stored):
        make(sender={"state": "restricted"})
        with pytest.raises(Conflict):
            launch(sessions, "spring", now=NOON)
        edit(sessions, Sender, state="connected")
        launch(sessions, "spring", now=NOON)
        assert stored().state == "running"


def test_a_campaign_in_several_languages_stands_and_falls_with_each(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session, "many", account="many")
        own = make_template(session, sender, category="utility")
        other = make_template(session, sender, language="es_MX", category="utility")
        campaign = make_campaign(session, sender, own, "many", template_ids=[other.id])
        other.status = "PAUSED"
        session.flush()
        assert follow_templates(session) == ([campaign.id], [])
        other.status, other.category = "APPROVED", "marketing"
        session.flush()
        assert follow_templates(session) == ([], [campaign.id])
        session.expire_all()
        assert campaign.category == "marketing"

"""The sweeps on a real database: who moves, who stays, and that twice is as good as once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from campaign.reconciliation import store, sweeps
from campaign.reconciliation.sweeps import (
    sweep,
    sweep_campaigns,
    sweep_deadlines,
    sweep_expired,
    sweep_holds,
    sweep_leases,
    sweep_uncertain,
)
from campaign.settings import Settings
from models import Attempt, Campaign, HearingStretch, Message, Sender, Template, WebhookEvent
from models.session import Sessions, session_scope
from models.states import OPEN_STATES, CampaignState, MessageState
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

SETTINGS_S = {"lease_s": 60.0, "send_timeout_s": 20.0, "departure_s": 5.0, "uncertain_grace_s": 900.0}
SETTINGS_S["webhook_retry_s"] = 86_400.0
DEPARTED, GRACE = 25, 900
"""Seconds after the claim: when the request has left at the latest, and how long its reports may take."""

NOW = NOON + timedelta(hours=2)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def patient(settings: Settings) -> Settings:
    return settings.model_copy(update=SETTINGS_S)


@pytest.fixture
def campaign(sessions: Sessions) -> Campaign:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        # Webhooks of it came all the time, where a test does not say otherwise.
        session.add(HearingStretch(sender_id=sender.id, since_at=at(-3600), until_at=at(36_000)))
        return make_campaign(session, sender, make_template(session, sender))


class Table:
    """The messages of one campaign."""

    def __init__(self, sessions: Sessions, campaign: Campaign) -> None:
        self.sessions, self.campaign, self.count = sessions, campaign, 0

    def add(self, count: int = 1, **given: Any) -> list[int]:
        with session_scope(self.sessions) as session:
            ids = make_messages(session, self.campaign, count, first=self.count, **given)
        self.count += count
        return ids

    def get(self, id_: int) -> Message:
        with self.sessions() as session:
            return session.get_one(Message, id_)

    def states(self, ids: Sequence[int]) -> list[str]:
        return [self.get(id_).state for id_ in ids]

    def uncertain(self, **given: Any) -> int:
        values = {"state": "uncertain", "attempt": 1, "claimed_at": NOON, "uncertain_at": at(60)} | given
        return self.add(1, **values)[0]

    def accepted(self, count: int, seconds: float, *, reported: int, **given: Any) -> None:
        """Messages accepted so many seconds after noon, of which some have been reported."""
        values = {"attempt": 1, "claimed_at": at(seconds), "accepted_at": at(seconds)} | given
        if reported:
            self.add(reported, state="sent", sent_at=at(seconds + 1), **values)
        if count > reported:
            self.add(count - reported, state="accepted", **values)


@pytest.fixture
def table(sessions: Sessions, campaign: Campaign) -> Table:
    return Table(sessions, campaign)


def test_a_lease_that_ran_out_makes_a_message_uncertain(sessions: Sessions, table: Table) -> None:
    late = table.add(2, state="sending", attempt=1, claimed_at=NOON, lease_until=at(60))
    held = table.add(1, state="sending", attempt=1, claimed_at=NOON, lease_until=at(7300))
    assert sweep_leases(sessions, now=NOW) == 2
    assert table.states(late + held) == ["uncertain", "uncertain", "sending"]
    message = table.get(late[0])
    assert (message.uncertain_at, message.lease_until, message.reason) == (NOW, None, "lease_ran_out")
    assert sweep_leases(sessions, now=NOW) == 0


def test_more_than_a_batch_is_moved_in_one_sweep(
    sessions: Sessions, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "BATCH", 10)
    table.add(35, state="sending", attempt=1, claimed_at=NOON, lease_until=at(60))
    assert sweep_leases(sessions, now=NOW) == 35


def test_a_row_that_somebody_holds_is_left_to_them(sessions: Sessions, table: Table) -> None:
    ids = table.add(2, state="sending", attempt=1, claimed_at=NOON, lease_until=at(60))
    with session_scope(sessions) as recorder:
        recorder.execute(text("SELECT FROM message WHERE id = :id FOR UPDATE"), {"id": ids[0]})
        assert sweep_leases(sessions, now=NOW) == 1


@pytest.mark.parametrize("name", ["leases", "uncertain", "expired", "deadlines", "campaigns"])
def test_while_another_process_sweeps_nothing_is_done(
    sessions: Sessions, table: Table, patient: Settings, name: str
) -> None:
    table.add(1, state="sending", attempt=1, claimed_at=NOON, lease_until=at(60))
    table.add(1, state="sent", attempt=1, expires_at=at(60))
    sweepers = {
        "leases": lambda: sweep_leases(sessions, now=NOW),
        "uncertain": lambda: sweep_uncertain(sessions, patient, now=NOW),
        "expired": lambda: sweep_expired(sessions, now=NOW),
        "deadlines": lambda: sweep_deadlines(sessions, now=NOW),
        "campaigns": lambda: sweep_campaigns(sessions, now=NOW),
    }
    with session_scope(sessions) as other:
        assert store.lock_sweep(other, name)
        assert sweepers[name]() == 0


def test_an_absent_message_is_queued_again_and_its_attempt_kept(
    sessions: Sessions, table: Table, patient: Settings
) -> None:
    id_ = table.uncertain()
    table.accepted(10, DEPARTED + 10, reported=10)
    assert sweep_uncertain(sessions, patient, now=NOW) == 1
    message = table.get(id_)
    assert (message.state, message.due_at, message.attempt, message.claimed_at) == ("queued", NOW, 1, None)
    with sessions() as session:
        attempt = session.get_one(Attempt, (id_, 1))
    assert (attempt.ended_as, attempt.wamid, attempt.claimed_at, attempt.ended_at) == ("absent", None, NOON, NOW)
    assert sweep_uncertain(sessions, patient, now=NOW) == 0


@pytest.mark.parametrize(
    ("claimed_after", "reported", "waiting_after", "why"),
    [
        (7000, 10, None, "the grace has not passed"),
        (0, 0, None, "nobody has reported"),
        (0, 9, None, "too many have not reported"),
        (0, 10, 800, "a webhook of that time waits in the inbox"),
    ],
)
def test_it_stays_uncertain_when(
    sessions: Sessions,
    table: Table,
    patient: Settings,
    claimed_after: int,
    reported: int,
    waiting_after: int | None,
    why: str,
) -> None:
    id_ = table.uncertain(claimed_at=at(claimed_after))
    after = claimed_after + DEPARTED
    table.accepted(9, after + 10, reported=max(0, reported - 1))
    table.accepted(1, after + 20, reported=min(1, reported))
    if waiting_after is not None:
        with session_scope(sessions) as session:
            session.add(WebhookEvent(sender_id=table.campaign.sender_id, body=b"{}", received_at=at(waiting_after)))
    assert sweep_uncertain(sessions, patient, now=NOW) == 0, why
    assert table.get(id_).state == "uncertain"


def test_a_webhook_that_came_after_the_grace_does_not_hold_it_up(
    sessions: Sessions, table: Table, patient: Settings
) -> None:
    id_ = table.uncertain()
    table.accepted(10, DEPARTED + 10, reported=10)
    with session_scope(sessions) as session:
        session.add(WebhookEvent(sender_id=table.campaign.sender_id, body=b"{}", received_at=at(DEPARTED + GRACE + 1)))
    assert sweep_uncertain(sessions, patient, now=NOW) == 1
    assert table.get(id_).state == "queued"


@pytest.mark.parametrize(
    ("received", "hides", "dismissed", "moved"),
    [
        (DEPARTED + 60, True, False, 0),
        (DEPARTED + 60, True, True, 1),
        (DEPARTED + 60, False, False, 1),
        (-60, True, False, 1),
    ],
    ids=["it may be the report", "a person let it be", "it holds no status", "it came before the claim"],
)
def test_a_webhook_that_could_not_be_read_casts_doubt_on_what_was_claimed_before(
    sessions: Sessions, table: Table, patient: Settings, received: int, hides: bool, dismissed: bool, moved: int
) -> None:
    table.uncertain()
    table.accepted(10, DEPARTED + 10, reported=10)
    with session_scope(sessions) as session:
        parked = {"processed_at": NOW, "error": "the body is not JSON", "hides": hides}
        settled = NOW if dismissed else None
        at_sender = {"sender_id": table.campaign.sender_id, "body": b"?", "received_at": at(received)}
        session.add(WebhookEvent(**at_sender, **parked, dismissed_at=settled))
    assert sweep_uncertain(sessions, patient, now=NOW) == moved


def heard(table: Table, *stretches: tuple[float, float], receiver: bool = False) -> None:
    """Webhooks came, or the receiver stood ready, in these times and in no other."""
    with session_scope(table.sessions) as session:
        if not receiver:
            session.execute(text("DELETE FROM hearing"))
        for since, until in stretches:
            sender_id = None if receiver else table.campaign.sender_id
            session.add(HearingStretch(sender_id=sender_id, since_at=at(since), until_at=at(until)))


def test_after_an_outage_longer_than_the_grace_it_waits_until_the_platform_has_given_up(
    sessions: Sessions, table: Table, patient: Settings
) -> None:
    id_ = table.uncertain()
    heard(table, (-600, 30), (7200, 9000))
    table.accepted(10, 7200, reported=10)
    assert sweep_uncertain(sessions, patient, now=at(7300)) == 0
    assert sweep_uncertain(sessions, patient, now=at(80_000)) == 0
    assert table.get(id_).state == "uncertain"
    assert sweep_uncertain(sessions, patient, now=at(DEPARTED + 86_400 + 5000)) == 1
    assert table.get(id_).state == "queued"


def test_in_a_quiet_time_the_receivers_pulse_is_enough(sessions: Sessions, table: Table, patient: Settings) -> None:
    table.uncertain()
    heard(table, (-600, 30), (7200, 9000))
    table.accepted(10, 7200, reported=10)
    heard(table, (-600, 400), (600, 9000), receiver=True)
    assert sweep_uncertain(sessions, patient, now=at(7300)) == 1


def test_a_pulse_is_not_enough_while_reports_are_overdue(sessions: Sessions, table: Table, patient: Settings) -> None:
    table.uncertain()
    heard(table, (-600, 30), (7200, 9000))
    heard(table, (-600, 9000), receiver=True)
    table.accepted(10, 100, reported=10)
    assert sweep_uncertain(sessions, patient, now=at(7300)) == 0


def test_webhooks_posted_to_another_sender_of_the_same_app_count_as_heard(
    sessions: Sessions, table: Table, patient: Settings
) -> None:
    table.uncertain()
    table.accepted(10, DEPARTED + 10, reported=10)
    with session_scope(sessions) as session:
        other = make_sender(session, "other")
        secret = session.get_one(Sender, table.campaign.sender_id).app_secret_env
        session.execute(text("UPDATE hearing SET sender_id = :id"), {"id": other.id})
        other.app_secret_env = f"{secret}_OTHER"
    assert sweep_uncertain(sessions, patient, now=NOW) == 0
    with session_scope(sessions) as session:
        session.get_one(Sender, other.id).app_secret_env = secret
        session.execute(text("UPDATE sender SET doubts_looked_at = NULL"))
    assert secret is not None
    assert sweep_uncertain(sessions, patient, now=NOW) == 1


@pytest.mark.parametrize(
    ("held", "hold_ended", "moved"),
    [(1, None, 0), (0, 6000, 1), (0, 7000, 0), (0, None, 1)],
    ids=["one is held", "the hold ended long ago", "the hold ended of late", "none was held"],
)
def test_what_may_be_held_with_its_answer_lost_is_not_absent(
    sessions: Sessions, table: Table, patient: Settings, held: int, hold_ended: float | None, moved: int
) -> None:
    table.uncertain()
    table.accepted(10, DEPARTED + 10, reported=10)
    table.add(held, state="held", attempt=1, held_at=at(40))
    with session_scope(sessions) as session:
        template = session.get_one(Template, table.campaign.template_id)
        template.hold_ended_at = None if hold_ended is None else at(hold_ended)
    assert sweep_uncertain(sessions, patient, now=NOW) == moved


def test_a_hold_of_another_template_is_no_hold_of_it(sessions: Sessions, table: Table, patient: Settings) -> None:
    table.uncertain()
    table.accepted(10, DEPARTED + 10, reported=10)
    with session_scope(sessions) as session:
        sender = session.get_one(Sender, table.campaign.sender_id)
        other = make_template(session, sender, "autumn_sale")
    table.add(1, state="held", attempt=1, held_at=at(40), template_id=other.id)
    assert sweep_uncertain(sessions, patient, now=NOW) == 1


def test_what_history_told_proves_nothing_about_webhooks(sessions: Sessions, table: Table, patient: Settings) -> None:
    table.uncertain()
    table.accepted(10, DEPARTED + 10, reported=10, asked_at=at(5000))
    assert sweep_uncertain(sessions, patient, now=NOW) == 0


def test_messages_long_in_doubt_are_looked_at_in_steps_that_grow(
    sessions: Sessions, table: Table, patient: Settings
) -> None:
    old = table.uncertain()
    assert sweep_uncertain(sessions, patient, now=NOW) == 0
    table.accepted(10, DEPARTED + 10, reported=10)
    fresh = table.uncertain(claimed_at=at(6000))
    table.accepted(10, 6000 + DEPARTED + 10, reported=10)
    soon = NOW + timedelta(minutes=1)
    assert sweep_uncertain(sessions, patient, now=soon) == 1
    assert table.states([old, fresh]) == ["uncertain", "queued"]
    assert sweep_uncertain(sessions, patient, now=NOW + timedelta(minutes=10)) == 1
    assert table.get(old).state == "queued"


def test_campaigns_held_past_the_guard_are_named(sessions: Sessions, table: Table, patient: Settings) -> None:
    table.add(2, state="held", attempt=1, held_at=at(10))
    assert sweep_holds(sessions, patient, now=at(60)) == 0
    assert sweep_holds(sessions, patient, now=at(patient.hold_guard_s + 11)) == 1


def test_messages_of_another_sender_prove_nothing(sessions: Sessions, table: Table, patient: Settings) -> None:
    id_ = table.uncertain()
    with session_scope(sessions) as session:
        other = make_sender(session, "other")
        other_campaign = make_campaign(session, other, make_template(session, other, "autumn_sale"), "autumn")
    Table(sessions, other_campaign).accepted(10, DEPARTED + 10, reported=10)
    assert sweep_uncertain(sessions, patient, now=NOW) == 0
    assert table.get(id_).state == "uncertain"


def test_held_messages_are_not_taken_for_lost_reports(sessions: Sessions, table: Table, patient: Settings) -> None:
    id_ = table.uncertain()
    table.accepted(20, DEPARTED + 10, reported=0, held_at=at(40))
    table.accepted(1, DEPARTED + 20, reported=1)
    assert sweep_uncertain(sessions, patient, now=NOW) == 1
    assert table.get(id_).state == "queued"


def test_where_callback_data_does_not_come_back_silence_proves_nothing(
    sessions: Sessions, table: Table, patient: Settings
) -> None:
    id_ = table.uncertain()
    table.accepted(10, DEPARTED + 10, reported=10)
    with session_scope(sessions) as session:
        session.get_one(Sender, table.campaign.sender_id).provider = "d360-onprem"
    assert sweep_uncertain(sessions, patient, now=NOW) == 0
    assert table.get(id_).state == "uncertain"


def test_in_a_cancelled_campaign_an_absent_message_is_not_sent_any_more(
    sessions: Sessions, table: Table, patient: Settings
) -> None:
    id_ = table.uncertain()
    table.accepted(10, DEPARTED + 10, reported=10)
    set_campaign(table, state="cancelled")
    assert sweep_uncertain(sessions, patient, now=NOW) == 1
    assert (table.get(id_).state, table.get(id_).reason) == ("skipped", "cancelled")


def test_a_message_past_its_time_to_live_expires(sessions: Sessions, table: Table) -> None:
    passed = [table.add(1, state=state, attempt=1, expires_at=at(10))[0] for state in ("accepted", "held", "sent")]
    others = [
        table.add(1, state="sent", attempt=1, expires_at=at(7201))[0],
        table.add(1, state="delivered", attempt=1, expires_at=at(10))[0],
        table.add(1, state="queued", expires_at=at(10))[0],
        table.add(1, state="uncertain", attempt=1, expires_at=at(10))[0],
    ]
    assert sweep_expired(sessions, now=NOW) == 3
    assert table.states(passed + others) == ["expired"] * 3 + ["sent", "delivered", "queued", "uncertain"]
    assert table.get(passed[0]).expired_at == NOW
    assert sweep_expired(sessions, now=NOW) == 0


def test_nothing_expires_that_a_waiting_webhook_may_know_better_of(sessions: Sessions, table: Table) -> None:
    before, after = table.add(1, state="sent", attempt=1, expires_at=at(10)) + table.add(
        1, state="sent", attempt=1, expires_at=at(30)
    )
    with session_scope(sessions) as session:
        session.add(WebhookEvent(sender_id=table.campaign.sender_id, body=b"{}", received_at=at(20)))
    assert sweep_expired(sessions, now=NOW) == 1
    assert table.states([before, after]) == ["expired", "sent"]


def test_what_was_not_sent_by_the_deadline_is_skipped(sessions: Sessions, table: Table) -> None:
    queued = table.add(2, due_at=at(99_999))
    taken = table.add(1, state="accepted", attempt=1)
    assert sweep_deadlines(sessions, now=NOW) == 0
    set_campaign(table, deadline_at=at(60))
    assert sweep_deadlines(sessions, now=NOW) == 2
    assert table.states(queued + taken) == ["skipped", "skipped", "accepted"]
    assert table.get(queued[0]).reason == "deadline"


def set_campaign(table: Table, **values: Any) -> None:
    with session_scope(table.sessions) as session:
        for name, value in values.items():
            setattr(session.get_one(Campaign, table.campaign.id), name, value)


def campaign_state(table: Table) -> str:
    with table.sessions() as session:
        return session.get_one(Campaign, table.campaign.id).state


@pytest.mark.parametrize(
    ("state", "messages", "end"),
    [
        ("running", ["queued", "read"], "running"),
        ("running", ["sending", "read"], "running"),
        ("running", ["accepted", "read"], "settling"),
        ("running", ["uncertain"], "settling"),
        ("running", ["read", "failed", "expired", "skipped", "dropped", "delivered"], "completed"),
        ("running", [], "completed"),
        ("settling", ["sent"], "settling"),
        ("settling", ["queued"], "running"),
        ("settling", ["delivered"], "completed"),
        # Whoever paused it decides, as long as there is anything to decide on.
        ("paused", ["queued"], "paused"),
        ("paused", ["sent"], "paused"),
        ("paused", ["delivered"], "completed"),
        ("draft", ["queued"], "draft"),
        ("scheduled", ["queued"], "scheduled"),
        ("cancelled", ["delivered"], "cancelled"),
        ("completed", ["delivered"], "completed"),
    ],
)
def test_a_campaign_follows_its_messages(
    sessions: Sessions, table: Table, state: str, messages: list[str], end: str
) -> None:
    set_campaign(table, state=state, state_reason="operator" if state == "paused" else None)
    for message_state in messages:
        table.add(1, state=message_state)
    sweep_campaigns(sessions, now=NOW)
    assert campaign_state(table) == end
    assert sweep_campaigns(sessions, now=NOW) == 0


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_no_campaign_ends_while_a_message_is_open(sessions: Sessions, table: Table, state: MessageState) -> None:
    table.add(1, state=state.value)
    set_campaign(table, state="settling")
    sweep_campaigns(sessions, now=NOW)
    assert campaign_state(table) != CampaignState.COMPLETED


def test_the_end_of_a_campaign_has_an_instant_and_no_reason(sessions: Sessions, table: Table) -> None:
    set_campaign(table, state="paused", state_reason="operator", state_text="by a person")
    sweep_campaigns(sessions, now=NOW)
    with sessions() as session:
        campaign = session.get_one(Campaign, table.campaign.id)
    assert (campaign.state, campaign.ended_at) == ("completed", NOW)
    assert (campaign.state_reason, campaign.state_text) == (None, None)


def test_a_move_that_the_table_does_not_have_is_refused(sessions: Sessions) -> None:
    with session_scope(sessions) as session, pytest.raises(ValueError, match="does not go from"):
        store.move_campaigns(session, CampaignState.CANCELLED, CampaignState.RUNNING, NOW)


def test_one_sweep_of_everything_takes_a_lost_claim_to_its_end(
    sessions: Sessions, table: Table, patient: Settings
) -> None:
    (lost,) = table.add(1, state="sending", attempt=1, claimed_at=NOON, lease_until=at(60))
    table.accepted(10, DEPARTED + 10, reported=10)
    assert sweep(sessions, patient, clock=lambda: NOW) >= 2
    assert table.get(lost).state == "queued"
    assert campaign_state(table) == "running"


def test_a_month_later_every_silent_message_has_expired_and_the_campaign_has_ended(
    sessions: Sessions, table: Table, patient: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "BATCH", 25)
    table.add(120, state="sent", attempt=1, claimed_at=NOON, expires_at=NOON + timedelta(days=30, hours=1))
    sweep(sessions, patient, clock=lambda: NOON + timedelta(days=31))
    with sessions() as session:
        states = session.execute(text("SELECT state, count(*) FROM message GROUP BY state")).all()
    assert [tuple(row) for row in states] == [("expired", 120)]
    assert campaign_state(table) == "completed"

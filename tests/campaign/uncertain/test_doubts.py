"""What is uncertain, why, what would resolve it, and a person's decision, on a real database."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.errors import Conflict, NotFound
from campaign.reconciliation.sweeps import sweep_uncertain
from campaign.settings import Settings
from campaign.uncertain import resolve as resolving
from campaign.uncertain.doubts import find_doubts
from campaign.uncertain.resolve import Decision, count_concerned, resolve
from models import Attempt, Campaign, HearingStretch, Message, Sender, Template, WebhookEvent
from models.session import Sessions, session_scope
from models.states import MessageState, Signal, next_state, sources
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

NOW = NOON + timedelta(hours=1)
NO_WAIT = timedelta(0)
KINDS: dict[str, dict[str, Any]] = {
    "timeout": {"reason": "no_answer", "error_text": "no answer within 20 s"},
    "broken_connection": {"reason": "no_answer", "error_text": "ServerDisconnectedError: Server disconnected"},
    "killed_worker": {"reason": "lease_ran_out", "error_code": 131056},
    "unclear_answer": {"reason": "no_answer", "error_text": "Something went wrong", "error_code": 131000},
}


def doubtful(session: Session, kinds: dict[str, int], provider: str = "cloud", **given: Any) -> Campaign:
    """A campaign with so many uncertain messages of each kind, claimed a minute apart from noon on."""
    sender = make_sender(session, provider=provider)
    campaign = make_campaign(session, sender, make_template(session, sender), **given)
    first = 0
    for minute, (kind, count) in enumerate(kinds.items()):
        claimed = NOON + timedelta(minutes=minute)
        values = {"state": "uncertain", "attempt": 1, "claimed_at": claimed, "uncertain_at": claimed}
        make_messages(session, campaign, count, first=first, **values, **KINDS[kind])
        first += count
    return campaign


def test_each_kind_is_told_apart_with_its_age(sessions: Sessions, settings: Settings) -> None:
    with session_scope(sessions) as session:
        doubtful(session, {"timeout": 1, "broken_connection": 2, "killed_worker": 3, "unclear_answer": 4})
        found = find_doubts(session, "spring", settings, now=NOW)
    assert [(group.why, group.messages) for group in found.groups] == [
        ("unclear_answer", 4),
        ("killed_worker", 3),
        ("broken_connection", 2),
        ("timeout", 1),
    ]
    assert found.messages == 10
    assert found.groups[-1].oldest == NOON
    assert found.watermark is None
    words = "proof of absence: once later messages of shop have been reported"
    assert all(words in group.resolved_by for group in found.groups)


def test_the_watermark_is_the_newest_report(sessions: Sessions, settings: Settings) -> None:
    with session_scope(sessions) as session:
        campaign = doubtful(session, {"timeout": 1})
        at = NOON + timedelta(minutes=5)
        make_messages(session, campaign, 1, first=50, state="sent", accepted_at=at, sent_at=at)
        make_messages(session, campaign, 1, first=51, state="accepted", accepted_at=at + timedelta(minutes=1))
        assert find_doubts(session, "spring", settings, now=NOW).watermark == at


@pytest.mark.parametrize(
    ("provider", "policy", "words"),
    [
        ("cloud", "ask", "the policy is to ask"),
        ("d360-onprem", "wait", "this provider makes proof impossible"),
        ("d360-onprem", "ask", "this provider makes proof impossible"),
        ("d360-onprem", "resend", "without proof: a second message is possible"),
    ],
)
def test_it_says_what_would_resolve_it(
    sessions: Sessions, settings: Settings, provider: str, policy: str, words: str
) -> None:
    with session_scope(sessions) as session:
        doubtful(session, {"timeout": 1}, provider, uncertain_policy=policy)
        [group] = find_doubts(session, "spring", settings, now=NOW).groups
    assert words in group.resolved_by


def later(session: Session, campaign: Campaign, reported: int, silent: int = 0) -> None:
    """Messages that were accepted two minutes later, some of which have been reported."""
    at = NOON + timedelta(minutes=2)
    values = {"claimed_at": at, "accepted_at": at, "attempt": 1}
    make_messages(session, campaign, reported, first=200, state="sent", sent_at=at, **values)
    make_messages(session, campaign, silent, first=700, state="accepted", **values)


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ("traffic", "once later messages of shop have been reported"),
        ("nothing", "complete, sent again within seconds"),
        ("reports", "once 98% of the later messages of shop have been reported; fewer are so far"),
        ("grace", "from 2026-11-20 12:15:"),
        ("hold", "not while WhatsApp holds messages of the template"),
        ("hearing", "not before 2026-11-27 12:00:"),
        ("reading", "not while a webhook stands aside that could not be read"),
    ],
)
def test_it_names_what_the_proof_of_absence_lacks(
    sessions: Sessions, settings: Settings, lacking: str, words: str
) -> None:
    patient = settings.model_copy(update={"webhook_retry_s": 604_800.0, "uncertain_grace_s": 900.0})
    with session_scope(sessions) as session:
        campaign = doubtful(session, {"timeout": 2})
        later(session, campaign, 0 if lacking == "traffic" else 5, 5 if lacking == "reports" else 0)
        until = NOON if lacking == "hearing" else NOW
        session.add(HearingStretch(sender_id=campaign.sender_id, since_at=NOON - timedelta(hours=1), until_at=until))
        if lacking == "hold":
            make_messages(session, campaign, 1, first=800, state="held", held_at=NOON)
        if lacking == "reading":
            seen = {"received_at": NOW, "processed_at": NOW, "error": "not JSON", "hides": True}
            session.add(WebhookEvent(sender_id=campaign.sender_id, body=b"{", **seen))
        session.flush()
        now = NOON + timedelta(minutes=3) if lacking == "grace" else NOW
        [group] = find_doubts(session, "spring", patient, now=now).groups
    assert f"its own report, or a person, or proof of absence: {words}" in group.resolved_by


def test_what_is_lacking_is_counted_where_it_differs(sessions: Sessions, settings: Settings) -> None:
    with session_scope(sessions) as session:
        campaign = doubtful(session, {"timeout": 3})
        young = {"state": "uncertain", "attempt": 1, "claimed_at": NOW, "uncertain_at": NOW}
        make_messages(session, campaign, 1, first=60, **young, **KINDS["timeout"])
        [group] = find_doubts(session, "spring", settings, now=NOW).groups
    assert (group.messages, group.oldest, group.newest) == (4, NOON, NOW)
    assert ": 3 once later messages of shop have been reported; 1 from 2026-11-20 13:" in group.resolved_by


def test_a_campaign_that_does_not_exist_is_named(sessions: Sessions, settings: Settings) -> None:
    with sessions() as session, pytest.raises(NotFound, match="summer"):
        find_doubts(session, "summer", settings, now=NOW)


def messages(sessions: Sessions) -> list[Message]:
    with sessions() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def test_resending_queues_them_and_keeps_the_attempt(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        doubtful(session, {"timeout": 3})
    assert resolve(sessions, "spring", Decision.RESEND, NO_WAIT, now=NOW) == 3
    assert {(m.state, m.reason, m.attempt, m.due_at, m.claimed_at) for m in messages(sessions)} == {
        ("queued", "send_again", 1, NOW, None)
    }
    with sessions() as session:
        kept = session.scalars(select(Attempt)).all()
    assert [(a.number, a.ended_as, a.claimed_at) for a in kept] == [(1, "sent_again", NOON)] * 3


def test_giving_up_ends_them_as_failed(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        doubtful(session, {"killed_worker": 2})
    assert resolve(sessions, "spring", Decision.FAILED, NO_WAIT, now=NOW) == 2
    assert {(m.state, m.reason, m.failed_at) for m in messages(sessions)} == {("failed", "give_up", NOW)}


def test_only_the_older_ones_are_concerned(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "BATCH", 2)
    with session_scope(sessions) as session:
        doubtful(session, {"timeout": 5, "killed_worker": 3})
        assert count_concerned(session, "spring", timedelta(minutes=59, seconds=30), now=NOW) == 5
    assert resolve(sessions, "spring", Decision.FAILED, timedelta(minutes=59, seconds=30), now=NOW) == 5
    assert [m.state for m in messages(sessions)] == ["failed"] * 5 + ["uncertain"] * 3


def test_other_campaigns_of_the_sender_are_left_alone(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = doubtful(session, {"timeout": 2})
        sender, template = session.get_one(Sender, campaign.sender_id), session.get_one(Template, campaign.template_id)
        other = make_campaign(session, sender, template, "other")
        make_messages(session, other, 1, first=80, state="uncertain", claimed_at=NOON)
    assert resolve(sessions, "spring", Decision.RESEND, NO_WAIT, now=NOW) == 2
    assert [m.state for m in messages(sessions)] == ["queued", "queued", "uncertain"]


def test_nothing_of_a_cancelled_campaign_is_sent_again(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        doubtful(session, {"timeout": 2}, state="cancelled")
    with pytest.raises(Conflict, match="resolve them as failed"):
        resolve(sessions, "spring", Decision.RESEND, NO_WAIT, now=NOW)
    assert resolve(sessions, "spring", Decision.FAILED, NO_WAIT, now=NOW) == 2


def test_both_decisions_stand_in_the_table_of_moves() -> None:
    assert next_state(MessageState.UNCERTAIN, Signal.SEND_AGAIN) is MessageState.QUEUED
    assert sources(Signal.GIVE_UP) == [MessageState.UNCERTAIN]


@pytest.mark.parametrize(
    ("provider", "policy", "state"),
    [
        ("cloud", "wait", "queued"),
        ("cloud", "ask", "uncertain"),
        ("cloud", "resend", "queued"),
        ("d360-onprem", "wait", "uncertain"),
        ("d360-onprem", "ask", "uncertain"),
        ("d360-onprem", "resend", "queued"),
    ],
)
def test_the_policy_decides_what_the_sweep_does_after_proof_or_grace(
    sessions: Sessions, settings: Settings, provider: str, policy: str, state: str
) -> None:
    with session_scope(sessions) as session:
        campaign = doubtful(session, {"timeout": 1}, provider, uncertain_policy=policy)
        at = NOON + timedelta(minutes=2)
        later = {"state": "sent", "claimed_at": at, "accepted_at": at, "sent_at": at, "attempt": 1}
        make_messages(session, campaign, 5, first=50, **later)
    sweep_uncertain(sessions, settings, now=NOW)
    assert messages(sessions)[0].state == state


@pytest.mark.parametrize("provider", ["cloud", "d360-onprem"])
def test_resend_never_goes_before_the_grace_and_never_without_proof_where_proof_is_possible(
    sessions: Sessions, settings: Settings, provider: str
) -> None:
    with session_scope(sessions) as session:
        doubtful(session, {"timeout": 1}, provider, uncertain_policy="resend")
    wait = settings.departure_window_s + settings.answer_timeout_s + settings.uncertain_grace_s
    sweep_uncertain(sessions, settings, now=NOON + timedelta(seconds=wait - 0.1))
    assert messages(sessions)[0].state == "uncertain"
    sweep_uncertain(sessions, settings, now=NOON + timedelta(seconds=wait + 0.1))
    assert messages(sessions)[0].state == ("uncertain" if provider == "cloud" else "queued")


def test_a_message_sent_again_on_purpose_says_so_and_keeps_its_attempt(sessions: Sessions, settings: Settings) -> None:
    with session_scope(sessions) as session:
        doubtful(session, {"timeout": 1}, "d360-onprem", uncertain_policy="resend")
    sweep_uncertain(sessions, settings, now=NOW)
    assert messages(sessions)[0].reason == "send_again"
    with sessions() as session:
        assert session.scalars(select(Attempt)).one().ended_as == "sent_again"

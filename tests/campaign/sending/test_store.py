"""Claims and records on a real database."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.sending.store import (
    RECORD_SIGNALS,
    Claimed,
    Recorded,
    claim_due,
    record_outcomes,
    senders_with_work,
)
from models import Attempt, Campaign, Message
from models.session import Sessions, session_scope
from models.states import CampaignState, MessageState, Signal, next_state
from tests.factories import (
    NOON,
    fiction_phone,
    grant,
    make_campaign,
    make_messages,
    make_sender,
    make_template,
    withdraw,
)

LEASE = timedelta(seconds=60)


def campaign_of(session: Session, count: int, name: str = "spring", first: int = 0, **given: object) -> Campaign:
    """A running campaign of `count` consenting people."""
    sender = make_sender(session, name)
    campaign = make_campaign(session, sender, make_template(session, sender, name), name, **given)
    make_messages(session, campaign, count, first=first)
    grant(session, [fiction_phone(first + number) for number in range(count)])
    return campaign


def claim(session: Session, campaign: Campaign, limit: int = 50) -> list[Claimed]:
    return claim_due(session, {campaign.id: limit}, limit=limit, now=NOON, lease=LEASE)[0]


def states(session: Session, campaign: Campaign) -> Counter[str]:
    return Counter(session.scalars(select(Message.state).where(Message.campaign_id == campaign.id)))


def test_a_claim_is_written_ahead(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = campaign_of(session, 3)
        claimed = claim(session, campaign, limit=2)
    with sessions() as session:
        messages = session.scalars(select(Message).order_by(Message.id)).all()
    assert [c.id for c in claimed] == [m.id for m in messages[:2]]
    assert [(m.state, m.attempt, m.claimed_at, m.lease_until) for m in messages] == [
        ("sending", 1, NOON, NOON + LEASE),
        ("sending", 1, NOON, NOON + LEASE),
        ("queued", 0, None, None),
    ]
    assert (claimed[0].phone_e164, claimed[0].parameters) == (fiction_phone(0), {"body.1": "Ann", "body.2": "15%"})


def test_what_is_not_due_is_not_claimed(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = campaign_of(session, 1)
        session.execute(update(Message).values(due_at=NOON + timedelta(seconds=1)))
        assert claim(session, campaign) == []
        assert senders_with_work(session, NOON) == []
        assert senders_with_work(session, NOON + timedelta(seconds=1)) == [campaign.sender_id]


@pytest.mark.parametrize("state", [s for s in CampaignState if s is not CampaignState.RUNNING])
def test_only_a_running_campaign_gives_messages(sessions: Sessions, state: CampaignState) -> None:
    with session_scope(sessions) as session:
        campaign = campaign_of(session, 1, state=state)
        assert claim(session, campaign) == []
        assert senders_with_work(session, NOON) == []


@pytest.mark.parametrize(("state", "count"), [("connected", 1), ("flagged", 1), ("restricted", 0), ("disabled", 0)])
def test_a_restricted_sender_sends_nothing(sessions: Sessions, state: str, count: int) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session, state=state)
        campaign = make_campaign(session, sender, make_template(session, sender))
        make_messages(session, campaign, 1)
        grant(session, [fiction_phone(0)])
        assert len(claim(session, campaign)) == count


def test_the_gate_is_asked_again_at_the_claim(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = campaign_of(session, 3)
        withdraw(session, [fiction_phone(1)])
        claimed, withheld = claim_due(session, {campaign.id: 50}, limit=50, now=NOON, lease=LEASE)
    assert len(claimed) == 2
    assert withheld == 1
    with sessions() as session:
        skipped = session.scalars(select(Message).where(Message.state == "skipped")).one()
    assert (skipped.phone_e164, skipped.reason, skipped.attempt) == (fiction_phone(1), "consent_withdrawn", 0)


def test_nothing_goes_out_after_the_deadline(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = campaign_of(session, 2, deadline_at=NOON)
        assert claim(session, campaign) == []
        assert set(session.scalars(select(Message.reason))) == {"deadline"}
        assert states(session, campaign) == {"skipped": 2}


def test_campaigns_take_turns(sessions: Sessions) -> None:
    """The newer campaign does not wait for the older one's ten thousand."""
    with session_scope(sessions) as session:
        old = campaign_of(session, 30, "old")
        sender_id = old.sender_id
        new = campaign_of(session, 5, "new", first=100)
        session.execute(update(Campaign).where(Campaign.id == new.id).values(sender_id=sender_id))
        claimed, _ = claim_due(session, {old.id: 10, new.id: 10}, limit=10, now=NOON, lease=LEASE)
    assert Counter(c.campaign_id for c in claimed) == {old.id: 5, new.id: 5}


def test_what_one_campaign_leaves_of_its_turns_goes_to_the_others_within_their_shares(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        few = campaign_of(session, 2, "few")
        sender_id = few.sender_id
        many, bounded = (
            campaign_of(session, 30, name, first=100 * place) for place, name in ((1, "many"), (2, "bounded"))
        )
        others = Campaign.id.in_([many.id, bounded.id])
        session.execute(update(Campaign).where(others).values(sender_id=sender_id))
        shares = {few.id: 20, many.id: 20, bounded.id: 4}
        claimed, _ = claim_due(session, shares, limit=20, now=NOON, lease=LEASE)
    assert Counter(c.campaign_id for c in claimed) == {few.id: 2, many.id: 14, bounded.id: 4}


def test_a_share_bounds_what_one_campaign_gives(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = campaign_of(session, 10)
        claimed, _ = claim_due(session, {campaign.id: 3}, limit=10, now=NOON, lease=LEASE)
    assert len(claimed) == 3


def test_two_workers_never_claim_the_same_message(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = campaign_of(session, 400)
    taken: list[int] = []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        while True:
            with session_scope(sessions) as session:
                claimed = claim(session, campaign, limit=7)
            if not claimed:
                return
            taken.extend(c.id for c in claimed)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(taken) == len(set(taken)) == 400


def record(session: Session, *outcomes: Recorded) -> None:
    record_outcomes(session, outcomes)
    session.expire_all()


def test_an_acceptance_keeps_the_ids(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        [claimed] = claim(session, campaign_of(session, 1))
        end = NOON + timedelta(days=30)
        record(session, Recorded(claimed.id, 1, Signal.ACCEPT, NOON, wamid="w1", wa_id="1201", expires_at=end))
        message = session.get_one(Message, claimed.id)
    assert (message.state, message.wamid, message.wa_id, message.accepted_at) == ("accepted", "w1", "1201", NOON)
    assert (message.expires_at, message.lease_until) == (end, None)


def test_a_webhook_that_was_faster_is_not_undone(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        [claimed] = claim(session, campaign_of(session, 1))
        session.execute(update(Message).values(state="delivered", delivered_at=NOON))
        record(session, Recorded(claimed.id, 1, Signal.ACCEPT, NOON, wamid="w1", wa_id="1201"))
        message = session.get_one(Message, claimed.id)
    assert (message.state, message.wamid, message.wa_id, message.accepted_at) == ("delivered", "w1", "1201", NOON)


def test_an_early_failure_keeps_its_error(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        [claimed] = claim(session, campaign_of(session, 1))
        session.execute(update(Message).values(state="failed", error_code=131026, error_text="Undeliverable"))
        record(session, Recorded(claimed.id, 1, Signal.ACCEPT, NOON, wamid="w1"))
        message = session.get_one(Message, claimed.id)
    assert (message.state, message.error_code, message.error_text) == ("failed", 131026, "Undeliverable")


def test_a_refusal_for_now_goes_back_with_its_history(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        [claimed] = claim(session, campaign_of(session, 1))
        due = NOON + timedelta(seconds=4)
        again = Recorded(
            claimed.id,
            1,
            Signal.RETRY_LATER,
            NOON,
            due_at=due,
            punished=True,
            reason="pair_rate_limit",
            error_code=131056,
        )
        record(session, again)
        message = session.get_one(Message, claimed.id)
        attempt = session.scalars(select(Attempt)).one()
    assert (message.state, message.attempt, message.retries, message.due_at) == ("queued", 1, 1, due)
    assert (message.reason, message.error_code) == ("pair_rate_limit", 131056)
    assert (attempt.number, attempt.ended_as, attempt.error_code, attempt.claimed_at) == (1, "refused", 131056, NOON)


def test_the_next_acceptance_forgets_the_error(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = campaign_of(session, 1)
        [first] = claim(session, campaign)
        record(session, Recorded(first.id, 1, Signal.RETRY_LATER, NOON, due_at=NOON, reason="x", error_code=131056))
        [second] = claim(session, campaign)
        assert second.attempt == 2
        record(session, Recorded(second.id, 2, Signal.ACCEPT, NOON, wamid="w2"))
        message = session.get_one(Message, second.id)
    assert (message.state, message.error_code, message.reason, message.attempt) == ("accepted", None, None, 2)


def test_what_never_left_counts_as_no_attempt(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        [claimed] = claim(session, campaign_of(session, 1))
        record(session, Recorded(claimed.id, 1, Signal.NOT_SENT, NOON))
        message = session.get_one(Message, claimed.id)
        assert session.scalars(select(Attempt)).all() == []
    assert (message.state, message.attempt, message.retries, message.claimed_at) == ("queued", 0, 0, None)


def test_an_outcome_of_a_superseded_attempt_changes_nothing(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        [claimed] = claim(session, campaign_of(session, 1))
        session.execute(update(Message).values(attempt=2))
        record(session, Recorded(claimed.id, 1, Signal.ACCEPT, NOON, wamid="w1"))
        message = session.get_one(Message, claimed.id)
    assert (message.state, message.wamid) == ("sending", None)


def test_an_answer_after_the_lease_ran_out_still_counts(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        [claimed] = claim(session, campaign_of(session, 1))
        session.execute(update(Message).values(state="uncertain", uncertain_at=NOON))
        record(session, Recorded(claimed.id, 1, Signal.ACCEPT, NOON, wamid="w1"))
        message = session.get_one(Message, claimed.id)
    assert (message.state, message.uncertain_at) == ("accepted", None)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(state=st.sampled_from(list(MessageState)), signal=st.sampled_from(RECORD_SIGNALS))
def test_the_statement_moves_as_the_table_says(sessions: Sessions, state: MessageState, signal: Signal) -> None:
    if state is MessageState.QUEUED:
        return  # an outcome never touches what waits for another attempt: the case above
    with sessions() as session:
        campaign = campaign_of(session, 1, name=f"{state}-{signal}")
        session.execute(update(Message).values(state=state, attempt=1))
        [message_id] = session.scalars(select(Message.id).where(Message.campaign_id == campaign.id))
        record(session, Recorded(message_id, 1, signal, NOON))
        moved = session.get_one(Message, message_id)
        assert moved.state == (next_state(state, signal) or state)
        session.rollback()

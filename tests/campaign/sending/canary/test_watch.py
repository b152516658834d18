"""A canary on a real database: exactly so many people, the wait, and what follows."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from campaign.lifecycle import resume
from campaign.policies import Policies
from campaign.sending.canary.terms import CanaryTerms
from campaign.sending.canary.watch import bounded_shares, follow_canaries, note_taken
from campaign.sending.store import claim_due
from models import Campaign, Message, Sender
from models.session import Sessions, session_scope
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
TERMS = CanaryTerms(20, wait_s=600, failed=0.1, held=0.0, blocked=0.05)
LATER = NOON + timedelta(seconds=601)


def canary(session: Session, people: int = 100, terms: CanaryTerms = TERMS) -> Campaign:
    sender = make_sender(session)
    template = make_template(session, sender)
    campaign = make_campaign(session, sender, template, **Policies(canary=terms).columns("marketing"))
    make_messages(session, campaign, people)
    grant(session, [fiction_phone(number) for number in range(people)])
    return campaign


def claim(session: Session, campaign: Campaign, limit: int = 50) -> int:
    """As a lane does it: bounded, claimed and counted in one transaction."""
    shares = bounded_shares(session, {campaign.id: limit}, [campaign.id])
    claimed, _ = claim_due(session, shares, limit=limit, now=NOON, lease=LEASE)
    note_taken(session, {campaign.id: [each.id for each in claimed]} if claimed else {}, NOON)
    return len(claimed)


def taken(sessions: Sessions, **outcome: Any) -> Campaign:
    """A canary whose people have all been written to and sent, but for those with another outcome: state to number."""
    with session_scope(sessions) as session:
        campaign = canary(session)
        claim(session, campaign)
        session.execute(update(Message).where(Message.state == "sending").values(state="sent"))
        for state, number in outcome.items():
            some = select(Message.id).where(Message.state == "sent").order_by(Message.id).limit(number)
            session.execute(update(Message).where(Message.id.in_(some)).values(state=state))
    return campaign


def standing(sessions: Sessions, campaign: Campaign) -> tuple[str, str | None]:
    with sessions() as session:
        found = session.get_one(Campaign, campaign.id)
        return found.state, found.state_reason


def test_only_its_people_are_claimed_and_then_it_waits(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = canary(session)
        assert [claim(session, campaign, limit=15), claim(session, campaign, limit=15)] == [15, 5]
        assert claim(session, campaign) == 0
    with sessions() as session:
        found = session.get_one(Campaign, campaign.id)
        first = session.scalars(select(Message.id).order_by(Message.row_number).limit(20)).all()
        assert sorted(found.canary_ids) == first
    assert (found.state, found.state_reason, found.canary_left) == ("paused", "canary", 0)
    assert found.canary_until == NOON + timedelta(seconds=600)
    assert "Goes on by itself when the wait is over" in (found.state_text or "")


def test_two_lanes_never_take_more_between_them(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = canary(session)
    start, counts = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        for _ in range(5):
            with session_scope(sessions) as session:
                counts.append(claim(session, campaign, limit=3))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sum(counts) == 20
    with sessions() as session:
        assert session.scalar(select(func.count()).where(Message.state == "sending")) == 20


def test_before_the_wait_is_over_nothing_follows(sessions: Sessions) -> None:
    campaign = taken(sessions)
    with session_scope(sessions) as session:
        assert follow_canaries(session, LATER - timedelta(seconds=2)) == []
    assert standing(sessions, campaign) == ("paused", "canary")


@pytest.mark.parametrize("outcome", [{}, {"failed": 2}, {"delivered": 20}, {"uncertain": 3}])
def test_within_the_bounds_it_goes_on_by_itself(sessions: Sessions, outcome: dict[str, int]) -> None:
    campaign = taken(sessions, **outcome)
    with session_scope(sessions) as session:
        assert follow_canaries(session, LATER) == [campaign.id]
    assert standing(sessions, campaign) == ("running", None)
    with session_scope(sessions) as session:
        assert claim(session, campaign) == 50


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ({"failed": 3}, "3 of 20 failed (10% allowed)"),
        ({"held": 1}, "1 of 20 are held for quality (0% allowed)"),
        ({"dropped": 1}, "1 of 20 are held for quality (0% allowed)"),
        ({"failed": 3, "held": 1}, "3 of 20 failed (10% allowed); 1 of 20 are held for quality (0% allowed)"),
    ],
)
def test_beyond_a_bound_it_stays_for_a_person(sessions: Sessions, outcome: dict[str, int], words: str) -> None:
    campaign = taken(sessions, **outcome)
    with session_scope(sessions) as session:
        assert follow_canaries(session, LATER) == []
        assert follow_canaries(session, LATER + timedelta(days=1)) == []
    assert standing(sessions, campaign) == ("paused", "canary")
    with sessions() as session:
        text = session.get_one(Campaign, campaign.id).state_text or ""
    assert words in text
    assert "campaign resume goes on all the same" in text


def test_opting_out_counts_by_reply_and_in_whatsapp(sessions: Sessions) -> None:
    campaign = taken(sessions)
    with session_scope(sessions) as session:
        withdraw(session, [fiction_phone(1)], occurred_at=NOON + timedelta(minutes=1))
        session.execute(update(Message).where(Message.row_number == 3).values(error_code=131050, state="failed"))
        assert follow_canaries(session, LATER) == []
        text = session.get_one(Campaign, campaign.id).state_text or ""
    assert "2 of 20 opted out (5% allowed)" in text


def test_who_opted_out_before_does_not_count(sessions: Sessions) -> None:
    campaign = taken(sessions)
    with session_scope(sessions) as session:
        withdraw(session, [fiction_phone(number) for number in range(5)], "utility")
        assert follow_canaries(session, LATER) == [campaign.id]


def test_a_person_goes_on_all_the_same(sessions: Sessions) -> None:
    campaign = taken(sessions, failed=20)
    with session_scope(sessions) as session:
        follow_canaries(session, LATER)
    resume(sessions, campaign.name, now=LATER)
    assert standing(sessions, campaign) == ("running", None)
    with session_scope(sessions) as session:
        assert claim(session, campaign) == 50


def test_people_whom_nothing_reached_are_written_to_once_more(sessions: Sessions) -> None:
    """The network was away: what went back to the queue says nothing of the template."""
    campaign = taken(sessions)
    with session_scope(sessions) as session:
        back = select(Message.id).where(Message.state == "sent").order_by(Message.id).limit(12)
        session.execute(update(Message).where(Message.id.in_(back)).values(state="queued", attempt=0))
        assert follow_canaries(session, LATER) == []
    assert standing(sessions, campaign) == ("running", None)
    with session_scope(sessions) as session:
        assert claim(session, campaign) == 12
    assert standing(sessions, campaign) == ("paused", "canary")


def test_a_list_shorter_than_the_canary_needs_none(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = canary(session, people=7)
        assert claim(session, campaign) == 7
    assert standing(sessions, campaign) == ("running", None)


def test_while_the_sender_may_not_send_the_judgement_waits(sessions: Sessions) -> None:
    campaign = taken(sessions)
    with session_scope(sessions) as session:
        session.execute(update(Sender).values(state="restricted"))
        assert follow_canaries(session, LATER) == []
    assert standing(sessions, campaign) == ("paused", "canary")

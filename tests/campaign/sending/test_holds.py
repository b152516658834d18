"""The hold watch on a real database: stop feeding the hold, follow the verdict."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from campaign.sending.holds import follow_verdicts, watch_holds
from models import Campaign, Message
from models.session import Sessions, session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

GUARD = timedelta(hours=2)


def held_campaign(session: Session, held: int, **given: object) -> Campaign:
    sender = make_sender(session)
    campaign = make_campaign(session, sender, make_template(session, sender), **given)
    make_messages(session, campaign, held, state="held", held_at=NOON)
    make_messages(session, campaign, 5, first=500)
    return campaign


def standing(session: Session, campaign: Campaign) -> tuple[str, str | None]:
    session.expire_all()
    found = session.get_one(Campaign, campaign.id)
    return found.state, found.state_reason


@pytest.mark.parametrize(
    ("held", "policy", "expected"),
    [
        (3, "pause", ("paused", "held_for_quality")),
        (2, "pause", ("running", None)),
        (9, "continue", ("running", None)),
    ],
)
def test_a_campaign_stops_feeding_the_hold(
    sessions: Sessions, held: int, policy: str, expected: tuple[str, str | None]
) -> None:
    with session_scope(sessions) as session:
        campaign = held_campaign(session, held, hold_policy=policy)
        watch_holds(session, [campaign.id], 3)
        assert standing(session, campaign) == expected


def waiting(session: Session, held: int = 3) -> Campaign:
    return held_campaign(session, held, state="paused", state_reason="held_for_quality")


def test_without_a_verdict_it_waits(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = waiting(session)
        follow_verdicts(session, GUARD, NOON + timedelta(minutes=119))
        assert standing(session, campaign) == ("paused", "held_for_quality")


def test_the_guard_time_ends_the_wait(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = waiting(session)
        follow_verdicts(session, GUARD, NOON + timedelta(minutes=121))
        assert standing(session, campaign) == ("running", None)


def test_a_good_verdict_lets_it_go_on(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = waiting(session)
        session.execute(update(Message).where(Message.state == "held").values(state="delivered"))
        follow_verdicts(session, GUARD, NOON)
        assert standing(session, campaign) == ("running", None)


def test_while_some_are_still_held_it_waits(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = waiting(session)
        first = session.query(Message.id).filter_by(state="held").limit(1).scalar_subquery()
        session.execute(update(Message).where(Message.id == first).values(state="sent"))
        follow_verdicts(session, GUARD, NOON)
        assert standing(session, campaign) == ("paused", "held_for_quality")


def test_a_bad_verdict_keeps_it_paused_for_its_template(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = waiting(session)
        session.execute(update(Message).where(Message.state == "held").values(state="dropped"))
        follow_verdicts(session, GUARD, NOON + timedelta(days=1))
        assert standing(session, campaign) == ("paused", "template_paused")


def test_other_pauses_are_left_alone(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = held_campaign(session, 0, state="paused", state_reason="operator")
        follow_verdicts(session, GUARD, NOON)
        assert standing(session, campaign) == ("paused", "operator")

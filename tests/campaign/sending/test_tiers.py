"""Messaging limit and warm-up on a real database: room, pause in words, and going on."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from campaign.planning.warm_up import WarmUp
from campaign.sending.tiers import count_claimed, pause_exhausted, resume_freed, room_in_tier
from models import Campaign, Sender
from models.session import Sessions, session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def session(sessions: Sessions):  # type: ignore[no-untyped-def]
    with session_scope(sessions) as session:
        yield session


def warming(session: Session, **given: object) -> tuple[Sender, Campaign]:
    plan = WarmUp(4, 2, DAY, until=20).to_keep()
    sender = make_sender(session, **{"warm_up": plan} | given)
    return sender, make_campaign(session, sender, make_template(session, sender))


def use(session: Session, sender: Sender, people: range, at: datetime) -> None:
    count_claimed(session, sender, [f"1202555{number:04d}" for number in people], at)
    session.expire_all()


def test_a_warm_up_bounds_an_unlimited_sender_and_begins_with_its_first_message(session: Session) -> None:
    sender, _ = warming(session)
    assert room_in_tier(session, sender, 0.0, NOON) == 4
    use(session, sender, range(3), NOON)
    assert sender.warm_up_began_at == NOON
    assert room_in_tier(session, sender, 0.0, NOON + HOUR) == 1
    # Those of the first day stop counting at the instant at which the cap rises.
    assert room_in_tier(session, sender, 0.0, NOON + DAY) == 8


def test_the_tighter_limit_wins(session: Session) -> None:
    sender, _ = warming(session, tier=6)
    assert room_in_tier(session, sender, 0.0, NOON) == 4
    use(session, sender, range(1), NOON)
    assert room_in_tier(session, sender, 0.0, NOON + DAY) == 6


def test_a_pause_names_the_warm_up_and_ends_when_the_cap_rises(session: Session) -> None:
    sender, campaign = warming(session)
    use(session, sender, range(2), NOON)
    use(session, sender, range(2, 4), NOON + 20 * HOUR)
    pause_exhausted(session, sender, 0.0, NOON + 21 * HOUR)
    session.refresh(campaign)
    assert (campaign.state, campaign.state_reason) == ("paused", "tier_exhausted")
    assert "warm-up of sender shop, 4 people in 24 hours" in (campaign.state_text or "")
    assert "when the cap rises at 2026-11-21 12:00 UTC" in (campaign.state_text or "")
    assert resume_freed(session, 0.0, NOON + 21 * HOUR) == []
    assert resume_freed(session, 0.0, NOON + DAY) == [campaign.id]
    assert room_in_tier(session, sender, 0.0, NOON + DAY) == 8 - 2


def test_a_warm_up_that_is_ended_lets_its_campaigns_go_on(session: Session) -> None:
    sender, campaign = warming(session)
    use(session, sender, range(4), NOON)
    pause_exhausted(session, sender, 0.0, NOON)
    sender.warm_up = None
    session.flush()
    assert resume_freed(session, 0.0, NOON + HOUR) == [campaign.id]


def test_all_numbers_of_a_portfolio_count_for_a_warm_up(session: Session) -> None:
    sender, _ = warming(session)
    other = make_sender(session, "other", phone_number_id="2", tier=1000)
    use(session, other, range(3), NOON)
    assert room_in_tier(session, sender, 0.0, NOON) == 1


def test_the_words_tell_the_rise_though_the_lane_began_before_the_first_message(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        before, campaign = warming(session)
    with session_scope(sessions) as session:
        count_claimed(session, before, [f"1202555{number:04d}" for number in range(4)], NOON)
        assert before.warm_up_began_at is None
        pause_exhausted(session, before, 0.0, NOON + HOUR)
        assert "when the cap rises at 2026-11-21 12:00 UTC" in (session.get_one(Campaign, campaign.id).state_text or "")

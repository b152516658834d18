"""Turns between campaigns of one sender: by priority, and nobody starves."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from campaign.policies import default_priority
from campaign.sending.store import WEIGHTS, claim_due
from models import Campaign
from models.campaign import Priority
from models.session import Sessions, session_scope
from tests.factories import NOON, fiction_phone, grant, make_campaign, make_messages, make_sender, make_template

LEASE = timedelta(seconds=60)


def campaigns(session: Session, priorities: Sequence[str], count: int) -> dict[int, str]:
    """A campaign of each priority, all of one sender; id to priority."""
    sender = make_sender(session)
    template = make_template(session, sender)
    made = {}
    for place, priority in enumerate(priorities):
        campaign = make_campaign(session, sender, template, f"{priority}-{place}", priority=priority)
        make_messages(session, campaign, count, first=place * count)
        made[campaign.id] = priority
    grant(session, [fiction_phone(number) for number in range(len(priorities) * count)])
    return made


def claim(session: Session, ids: Sequence[int], limit: int) -> Counter[int]:
    claimed, _ = claim_due(session, dict.fromkeys(ids, limit), limit=limit, now=NOON, lease=LEASE)
    return Counter(each.campaign_id for each in claimed)


def test_while_all_are_busy_each_gives_by_its_weight(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        made = campaigns(session, ["low", "normal", "high"], 45)
        given = claim(session, list(made), 42)
    by_priority = {priority: given[id_] for id_, priority in made.items()}
    assert by_priority["low"] in {1, 2, 3}
    assert 7 <= by_priority["normal"] <= 9
    assert 30 <= by_priority["high"] <= 34


def test_the_low_one_moves_even_where_claims_are_of_one_message(sessions: Sessions) -> None:
    """The draw is the database's; its seed is set, so that the test is the same each time."""
    with session_scope(sessions) as session:
        made = campaigns(session, ["low", "normal", "high", "high"], 150)
        session.execute(text("SELECT setseed(0.25)"))
        given: Counter[str] = Counter()
        for _ in range(250):
            [(id_, _count)] = claim(session, list(made), 1).items()
            given[made[id_]] += 1
    assert given["low"] >= 1
    assert given["normal"] > given["low"]
    assert given["high"] > 5 * given["normal"]


def test_what_the_high_one_does_not_need_goes_to_the_low_one(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        made = campaigns(session, ["low", "high"], 30)
        low, high = made
        session.execute(
            text("UPDATE message SET due_at = due_at + interval '1 hour' WHERE campaign_id = :id AND row_number > 35"),
            {"id": high},
        )
        given = claim(session, list(made), 30)
    assert given == {high: 5, low: 25}


@pytest.mark.parametrize(
    ("category", "priority"), [("marketing", "normal"), ("utility", "high"), ("authentication", "high")]
)
def test_what_somebody_waits_for_goes_before_marketing(category: str, priority: str) -> None:
    assert default_priority(category) == priority
    assert WEIGHTS[Priority.HIGH] > WEIGHTS[Priority.NORMAL] > WEIGHTS[Priority.LOW] >= 1


def test_oldest_due_first_within_a_campaign(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        [id_] = campaigns(session, ["normal"], 5)
        session.execute(text("UPDATE message SET due_at = due_at - interval '1 hour' WHERE row_number = 4"))
        claimed, _ = claim_due(session, {id_: 1}, limit=1, now=NOON, lease=LEASE)
        assert [each.phone_e164 for each in claimed] == [fiction_phone(3)]
        assert session.get_one(Campaign, id_).priority == "normal"


def test_with_many_campaigns_a_claim_asks_few_and_over_time_all_alike(sessions: Sessions) -> None:
    """The draw is the database's; its seed is set, so that the test is the same each time."""
    with session_scope(sessions) as session:
        made = campaigns(session, ["normal"] * 30, 40)
        session.execute(text("SELECT setseed(0.25)"))
        given: Counter[int] = Counter()
        for _ in range(20):
            once = claim(session, list(made), 24)
            assert once.total() == 24
            assert len(once) == 12
            given += once
    assert given.keys() == made.keys()
    assert 4 <= min(given.values()) <= max(given.values()) <= 32  # 16 each, were it not drawn


def test_with_many_campaigns_that_have_little_left_a_claim_is_full_all_the_same(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        made = campaigns(session, ["normal"] * 30, 4)
        later = "UPDATE message SET due_at = due_at + interval '1 hour' WHERE row_number % 4 <> 1"
        session.execute(text(later))
        assert [claim(session, list(made), 24).total() for _ in range(3)] == [24, 6, 0]

"""Webhooks about messages that were moved to another template since."""

from datetime import timedelta

import pytest

from campaign.moving.move import Move, What, move
from campaign.webhooks.store import campaigns_of
from models import Campaign, Template
from models.session import session_scope
from models.states import CampaignState
from tests.campaign.webhooks.desk import Desk, failed, status
from tests.factories import NOON, make_template

DROPPED = {"state": "dropped", "held_at": NOON, "failed_at": NOON, "error_code": 132015}


@pytest.fixture
def moved(desk: Desk) -> int:
    """A message that was dropped and then moved; its wamid was w1."""
    [id_] = desk.messages(1, **DROPPED)
    with session_scope(desk.sessions) as session:
        session.get_one(Campaign, desk.campaign.id).state = CampaignState.COMPLETED.value
        make_template(session, desk.sender, "calm_sale", ttl_seconds=60)
    done = move(desk.sessions, Move("spring", "calm_sale", what=What.DROPPED), now=NOON + timedelta(hours=1))
    assert done.messages == {"dropped": 1}
    return id_


def test_the_report_that_dropped_it_changes_nothing_when_it_comes_again(desk: Desk, moved: int) -> None:
    applied = desk.tell(failed("w1", 5, 132015, biz_opaque_callback_data=desk.callback(moved)))
    assert (applied.unmatched, desk.message(moved).state) == (0, "queued")
    assert [attempt.wamid for attempt in desk.attempts(moved)] == ["w1"]


@pytest.mark.parametrize(("word", "state"), [("delivered", "delivered"), ("read", "read"), ("sent", "dropped")])
def test_a_report_that_it_was_sent_after_all_keeps_it_from_being_sent_again(
    desk: Desk, moved: int, word: str, state: str
) -> None:
    assert desk.tell(status(word, "w1", 5)).unmatched == 0
    assert desk.message(moved).state == state


def test_each_message_has_the_time_to_live_of_its_own_template(desk: Desk, moved: int) -> None:
    """The new template's is a minute; what went with the old one keeps the default of 30 days."""
    [old] = desk.messages(1, state="uncertain", template_id=desk.campaign.template_id)
    desk.write(
        "UPDATE message SET state = 'uncertain', claimed_at = :noon, attempt = 2 WHERE id = :id", noon=NOON, id=moved
    )
    desk.tell(
        status("sent", "w8", 2, biz_opaque_callback_data=desk.callback(moved, 2)),
        status("sent", "w9", 2, biz_opaque_callback_data=desk.callback(old)),
    )
    new_end, old_end = desk.message(moved).expires_at, desk.message(old).expires_at
    assert new_end is not None
    assert new_end - NOON == timedelta(hours=1, seconds=60)
    assert old_end is not None
    assert old_end - NOON == timedelta(days=30, hours=1)


def test_the_times_to_live_are_told_by_template(desk: Desk, moved: int) -> None:
    with desk.sessions() as session:
        [row] = campaigns_of(session, [desk.campaign.id])
        calm = session.query(Template).filter_by(name="calm_sale").one()
    assert row.ttls == {str(desk.campaign.template_id): None, str(calm.id): 60}
    assert row.template_id == calm.id

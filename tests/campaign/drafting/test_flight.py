"""The pre-flight: everything that is to be known before a launch."""

from campaign.drafting.flight import pre_flight
from campaign.drafting.making import make
from campaign.drafting.obstacles import stopping
from tests.factories import NOON


def flight(desk, **given):
    make(desk.sessions, desk.by, desk.id, desk.settings, now=NOON, progress=lambda rows: None)
    with desk.sessions() as session:
        return pre_flight(session, "spring", desk.settings.model_copy(update=given), by=desk.by.name, now=NOON)


def test_everything_is_known_before_a_launch(desk):
    found = flight(desk)
    assert (found.forecast.rows, found.forecast.to_message, found.wanted) == (4, 2, False)
    assert not stopping(found.obstacles)


def test_who_may_say_yes_is_known_where_a_second_word_is_wanted(desk):
    found = flight(desk, approval_above=0)
    assert (found.wanted, found.approval, list(found.approvers)) == (True, None, [])

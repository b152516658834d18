"""What stands in the way of a launch, and what is only good to know."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaign.drafting.flight import pre_flight
from campaign.drafting.making import make
from campaign.drafting.obstacles import obstacles, stopping
from models.sender import SenderState
from tests.factories import NOON


@pytest.fixture
def found(desk):
    """The pre-flight of a campaign that nothing stops."""
    make(desk.sessions, desk.by, desk.id, desk.settings, now=NOON, progress=lambda rows: None)
    with desk.sessions() as session:
        return pre_flight(session, "spring", desk.settings, by=desk.by.name, now=NOON)


def test_what_stops_a_launch_is_told_first(found):
    found.sender.state, found.sender.status = SenderState.RESTRICTED.value, "RESTRICTED"
    found.campaign.deadline_at = NOON - timedelta(hours=1)
    empty = replace(found.forecast, to_message=0)
    told = obstacles(found.campaign, found.sender, empty, sendable=False, now=NOON)
    assert [each.code for each in told if each.stops] == ["nobody", "template", "sender", "deadline"]
    assert stopping(told)


def test_what_is_good_to_know_stops_nothing(found):
    found.sender.state, found.campaign.start_at = SenderState.FLAGGED.value, NOON - timedelta(hours=1)
    tight = replace(found.forecast, tier=replace(found.forecast.tier, limit=1))
    told = obstacles(found.campaign, found.sender, tight, sendable=True, now=NOON)
    assert [each.code for each in told] == ["flagged", "start_passed", "limit"]
    assert not stopping(told)

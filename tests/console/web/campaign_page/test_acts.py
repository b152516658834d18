"""What is offered to whom."""

import pytest

from campaign.access.roles import Actor
from campaign.overview.campaigns import CampaignLine
from campaign.overview.glance import Glance, Pace
from campaign.overview.telling import Told
from console.web.campaign_page.acts import offered
from models.access import Role
from tests.factories import NOON


def seen(state, *, reason=None, asked_by=None, **counts):
    line = CampaignLine(
        id=1, name="spring", state=state, reason=reason, text=None, category="marketing", sender="shop",
        template="spring_sale", language="en_US", rows=9, refused=0, counts=counts, created_at=NOON, start_at=None,
        launched_at=NOON, ended_at=None, counted_at=NOON,
    )  # fmt: skip
    return Glance(line, Told("running"), Pace(0, 0, 1, 1), None, NOON, True, asked_by, NOON)


def acts(now_at, role="operator", name="user:olga"):
    return [offer.act for offer in offered(now_at, Actor(name, Role(role)))]


@pytest.mark.parametrize(
    ("now_at", "expected"),
    [
        (seen("draft"), ["launch", "take_back"]),
        (seen("scheduled"), ["pause", "cancel"]),
        (seen("running", queued=1), ["pause", "cancel"]),
        (seen("paused", reason="operator", queued=1), ["resume", "move", "cancel"]),
        (seen("paused", reason="template_paused", dropped=1), ["resume", "stay_paused", "move", "cancel"]),
        (seen("settling", sent=1), ["cancel"]),
        (seen("completed", dropped=1), ["move"]),
        (seen("completed", read=1), []),
        (seen("cancelled", skipped=1), []),
    ],
)
def test_an_operator_is_offered_what_the_state_allows(now_at, expected):
    assert acts(now_at) == expected


@pytest.mark.parametrize("state", ["draft", "scheduled", "running", "paused", "settling", "completed"])
def test_a_viewer_is_offered_nothing(state):
    assert acts(seen(state, queued=1), "viewer") == []


def test_a_launch_that_was_asked_for_is_approved_by_somebody_else():
    asked = seen("draft", asked_by="user:olga")
    assert acts(asked, "approver", "user:ana")[0] == "approve"
    assert "approve" not in acts(asked, "approver", "user:olga")
    assert "approve" not in acts(asked, "operator", "user:ana")

"""When a launch wants a second person."""

import pytest

from campaign.access.approvals import approval_of, approve, ask, wanted
from campaign.access.roles import Actor
from campaign.errors import Conflict
from models.access import Role
from models.session import session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

PIA = Actor("user:pia", Role.APPROVER)


@pytest.mark.parametrize(("above", "needed"), [(None, False), (0, True), (2, True), (3, False)])
def test_it_goes_by_how_many_messages_would_be_sent(sessions, above, needed):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender), state="draft")
        make_messages(session, campaign, 3)
        assert wanted(session, campaign, above) is needed


def test_an_approval_is_given_once(sessions, operator):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender), state="draft")
        ask(session, campaign, operator, NOON)
        approve(session, campaign, PIA, NOON)
        assert approval_of(session, campaign).approved_by == "user:pia"
        with pytest.raises(Conflict, match="approved by user:pia already"):
            approve(session, campaign, PIA, NOON)

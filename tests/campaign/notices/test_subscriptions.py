"""Subscriptions: made by an admin, listed with how they stand, ended."""

import pytest

from campaign.access.roles import Actor
from campaign.errors import Conflict, Forbidden, NotFound, UsageError
from campaign.notices.subscriptions import (
    NewSubscription,
    add_subscription,
    notices,
    remove_subscription,
    subscriptions,
    trouble,
)
from models import AuditEntry, Notice
from models.access import Role
from models.session import session_scope
from tests.campaign.notices.conftest import ROOT
from tests.factories import NOON

URL = "https://example.com/campaigns"


def new(**changes):
    given = {"name": "crm", "url": URL, "secret_env": "HOOK_SECRET", "events": ["campaign.paused"]} | changes
    return NewSubscription(**given)


def test_one_is_made_listed_and_ended_and_the_log_tells(sessions, settings):
    add_subscription(sessions, ROOT, new(), settings)
    with sessions() as session:
        (found,) = subscriptions(session)
    assert (found.name, found.events, found.waiting, found.given_up) == ("crm", ["campaign.paused"], 0, 0)
    remove_subscription(sessions, ROOT, "crm")
    with sessions() as session:
        assert subscriptions(session) == []
        assert [entry.subject for entry in session.query(AuditEntry)] == ["subscription:crm"] * 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"events": ["campaign.exploded"]}, "there is no event"),
        ({"events": []}, "names none"),
        ({"secret_env": "not a variable"}, "name of a variable"),
        ({"secret_env": "CAMPAIGN_DATABASE_URL"}, "name of a variable"),
        ({"url": "http://example.com"}, "https"),
        ({"name": "A B"}, "not usable"),
    ],
)
def test_what_cannot_be_is_refused(sessions, settings, changes, says):
    with pytest.raises(UsageError, match=says):
        add_subscription(sessions, ROOT, new(**changes), settings)
    with sessions() as session:
        assert subscriptions(session) == []


def test_a_name_is_taken_once_and_a_wrong_one_gets_the_nearest(sessions, settings):
    add_subscription(sessions, ROOT, new(), settings)
    with pytest.raises(Conflict):
        add_subscription(sessions, ROOT, new(), settings)
    with pytest.raises(NotFound, match="crm"):
        remove_subscription(sessions, ROOT, "crn")


def test_only_an_admin_may(sessions, settings):
    with pytest.raises(Forbidden):
        add_subscription(sessions, Actor("user:olga", Role.APPROVER), new(), settings)


def test_notices_come_page_by_page(sessions, settings):
    add_subscription(sessions, ROOT, new(), settings)
    with session_scope(sessions) as session:
        for number in range(3):
            session.add(Notice(subscription_id=1, event_id=f"evt_{number}", body={}, due_at=NOON))
    with sessions() as session:
        first = notices(session, "crm", limit=2)
        rest = notices(session, "crm", before_id=first[-1].id)
    assert [notice.event_id for notice in (*first, *rest)] == ["evt_2", "evt_1", "evt_0"]


def test_a_secret_that_is_not_there_is_trouble(sessions, settings):
    made = add_subscription(sessions, ROOT, new(), settings)
    assert "HOOK_SECRET" in trouble(made, {})
    assert trouble(made, {"HOOK_SECRET": "x"}) is None

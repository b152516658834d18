"""`/subscriptions`."""

import pytest

from models import Notice
from models.session import session_scope
from tests.factories import NOON

BODY = {"name": "crm", "url": "https://example.com/hook", "secret_env": "CRM_SECRET", "events": ["campaign.paused"]}


@pytest.fixture
def admin(ask):
    return lambda method, path, **more: ask(method, path, role="admin", **more)


def test_one_is_made_shown_and_removed_by_an_admin_alone(ask, admin):
    assert ask("POST", "/subscriptions", json=BODY).status_code == 403
    made = admin("POST", "/subscriptions", json=BODY)
    assert (made.status_code, made.json()["events"]) == (201, ["campaign.paused"])
    assert [each["name"] for each in ask("GET", "/subscriptions").json()] == ["crm"]
    assert admin("DELETE", "/subscriptions/crm").status_code == 204
    assert ask("GET", "/subscriptions/crm").status_code == 404


@pytest.mark.parametrize("url", ["http://example.com/", "https://127.0.0.1/", "https://169.254.169.254/latest"])
def test_an_address_inside_our_network_is_refused(admin, url):
    assert admin("POST", "/subscriptions", json=BODY | {"url": url}).status_code == 422


def test_what_was_given_up_is_seen_and_tried_again(ask, admin, sessions):
    admin("POST", "/subscriptions", json=BODY)
    with session_scope(sessions) as session:
        notice = {"subscription_id": 1, "event_id": "evt_1", "body": {"type": "campaign.paused"}, "due_at": NOON}
        session.add(Notice(**notice, given_up_at=NOON, last_error="HTTP 500"))
    assert ask("GET", "/subscriptions/crm").json()["given_up"] == 1
    assert ask("GET", "/subscriptions/crm/notices").json()[0]["last_error"] == "HTTP 500"
    assert admin("POST", "/subscriptions/crm/retry").json() == {"count": 1}


def test_a_test_without_its_secret_says_which_variable(admin):
    admin("POST", "/subscriptions", json=BODY)
    tried = admin("POST", "/subscriptions/crm/test").json()
    assert (tried["taken"], "CRM_SECRET" in tried["error"]) == (False, True)

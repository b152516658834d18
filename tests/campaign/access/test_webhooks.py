"""Webhooks that could not be read, settled by people."""

import pytest

from campaign.access.audit import entries
from campaign.access.webhooks import dismiss
from campaign.errors import Conflict, Forbidden
from campaign.webhooks.problems import list_problems
from models import WebhookEvent
from models.session import session_scope
from tests.factories import NOON, make_sender


@pytest.fixture
def unread(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        event = WebhookEvent(
            sender_id=sender.id,
            body=b"{",
            received_at=NOON,
            processed_at=NOON,
            error="the body is not JSON",
            hides=True,
        )
        session.add(event)
        session.flush()
        return event.id


def test_an_approver_lets_a_problem_be_once(sessions, unread, admin):
    dismiss(sessions, admin, unread, now=NOON)
    with sessions() as session:
        assert list_problems(session).count == 0
        assert [(entry.act, entry.subject) for entry in entries(session)] == [("dismiss_webhook", f"webhook:{unread}")]
    with pytest.raises(Conflict):
        dismiss(sessions, admin, unread, now=NOON)


def test_an_operator_may_not(sessions, unread, operator):
    with pytest.raises(Forbidden):
        dismiss(sessions, operator, unread, now=NOON)

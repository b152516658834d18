"""A page sends as many statements for many campaigns, templates and numbers as for one."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from console.api.door import COOKIE
from models import AudienceImport
from models.session import session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

PAGES = ("/", "/schedules", "/contacts", "/templates", "/senders", "/problems", "/audit", "/settings", "/consent")
FEW = 20
"""Statements beyond which a page asks for too much one by one."""


def make(sessions, number):
    """A number, its template, and a paused campaign with messages and a list."""
    with session_scope(sessions) as session:
        sender = make_sender(session, f"s{number}", phone_number_id=str(number), account=str(number), tier=250)
        told = {"state": "paused", "state_reason": "payment", "state_text": "Pay.", "launched_at": NOON}
        campaign = make_campaign(session, sender, make_template(session, sender), f"campaign {number}", **told)
        make_messages(session, campaign, 3, state="uncertain", uncertain_at=NOON - timedelta(days=1))
        session.add(
            AudienceImport(
                campaign_id=campaign.id, file_name="list.csv", sha256=str(number) * 64, columns=["phone"],
                phone_column="phone", row_count=3, message_count=3, rejected_count=0,
            )
        )  # fmt: skip


@pytest.fixture
def statements(sessions, client, token):
    """How many statements a page sends until it is there."""

    client.cookies.set(COOKIE, token("admin"))

    def statements(path):
        sent = []

        def count(connection, cursor, statement, parameters, context, many):
            sent.append(statement)

        client.get(path)
        event.listen(sessions.kw["bind"], "before_cursor_execute", count)
        try:
            assert client.get(path).status_code == 200
        finally:
            event.remove(sessions.kw["bind"], "before_cursor_execute", count)
        return len(sent)

    return statements


def test_no_page_asks_for_each_thing_by_itself(sessions, statements):
    make(sessions, 0)
    one = {path: statements(path) for path in PAGES}
    for number in range(1, 6):
        make(sessions, number)
    many = {path: statements(path) for path in PAGES}
    assert [path for path in PAGES if many[path] > one[path] + 1] == []
    assert {path: count for path, count in many.items() if count > FEW} == {}

"""A test to one's own number."""

import pytest

from campaign.access.roles import Actor
from campaign.drafting.looking import look_at
from campaign.drafting.trial import agree, send_test
from campaign.errors import Conflict, Forbidden, UsageError
from models import Campaign, ConsentEvent, Message
from models.access import AuditEntry, Role
from tests.factories import NOON, fiction_phone

OWN = fiction_phone(90)


def send(desk, by=None, **changed):
    content = desk.content.changed(**{"test_phone": OWN} | changed)
    look = look_at(desk.sessions, desk.settings, content)
    return send_test(desk.sessions, by or desk.by, content, look, look.rows[1], settings=desk.settings, now=NOON)


def rows(desk, model):
    with desk.sessions() as session:
        return session.query(model).all()


def test_the_message_of_the_row_goes_to_ones_own_number_alone(desk):
    agree(desk.sessions, desk.by, desk.content.changed(test_phone=OWN), "marketing", now=NOON)
    campaign = send(
        desk, start="at", start_at="2027-01-01T09:00", hours="text", window_text="mon 03:00-03:05", canary=5
    )
    (message,) = rows(desk, Message)
    assert (message.phone_e164, message.parameters) == (OWN, {"body.1": "Person 1", "body.2": "15%"})
    assert (campaign.state, campaign.name[:12]) == ("running", "test spring ")
    acts = {entry.act: entry for entry in rows(desk, AuditEntry)}
    assert acts["test_send"].subject == f"person:…{OWN[-3:]}"
    assert acts["test_send"].after["row"] == 2


def test_without_consent_nothing_is_sent_and_nothing_is_left(desk):
    with pytest.raises(Conflict, match=r"no test was sent.*has not agreed"):
        send(desk)
    assert rows(desk, Campaign) == rows(desk, Message) == []


def test_agreeing_records_where_it_comes_from(desk):
    agree(desk.sessions, desk.by, desk.content.changed(test_phone=OWN), "marketing", now=NOON)
    event = next(event for event in rows(desk, ConsentEvent) if event.phone_e164 == OWN)
    assert (event.action, event.recorded_by, event.source) == ("opt_in", "user:olga", "own number, for a test message")


def test_a_number_that_is_none_is_refused(desk):
    with pytest.raises(UsageError, match="your number"):
        send(desk, test_phone="12")


def test_a_viewer_sends_no_test(desk):
    with pytest.raises(Forbidden):
        send(desk, by=Actor("user:vera", Role.VIEWER))

"""`campaign webhooks` from the command line."""

from datetime import timedelta

import pytest

from models import WebhookEvent
from models.session import session_scope
from tests.campaign.webhooks.desk import envelope, status
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

RANGE = ("--from", "2026-11-20T00:00:00Z", "--to", "2026-11-21T00:00:00Z")


@pytest.fixture
def told(cli, sessions):
    """A message that was delivered, told by one webhook; beside it one that is no JSON, and one of an unknown field."""
    odd = b'{"entry":[{"changes":[{"field":"a_field_of_tomorrow","value":{}}]}]}'
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender), state="completed")
        values = {"state": "accepted", "attempt": 1, "claimed_at": NOON, "accepted_at": NOON, "wamid": "w1"}
        make_messages(session, campaign, 1, **values)
        arrival = {"sender_id": sender.id, "received_at": NOON + timedelta(minutes=1), "processed_at": NOON}
        bodies = (envelope(status("delivered", "w1", 3)), b"no JSON", odd)
        session.add_all([WebhookEvent(body=body, **arrival) for body in bodies])
    return cli


def test_a_replay_brings_back_what_is_missing_and_then_changes_nothing(told):
    dry = told("webhooks", "replay", *RANGE, "--dry-run", "--json").json
    assert (dry["webhooks"], dry["changed"], dry["problems"], dry["dry_run"]) == (3, 1, 1, True)
    first = told("webhooks", "replay", *RANGE)
    assert first.out.startswith("Applied 3 webhooks with 1 report again: 1 message changed,")
    assert told("webhooks", "replay", *RANGE, "--sender", "shop", "--json").json["changed"] == 0


def test_wrong_ranges_and_senders_are_one_clear_line(told):
    swapped = told("webhooks", "replay", "--from", RANGE[3], "--to", RANGE[1])
    assert (swapped.code, "is not before --to" in swapped.err) == (2, True)
    assert told("webhooks", "replay", "--from", "yesterday", "--to", RANGE[3]).code == 2
    assert told("webhooks", "replay", *RANGE, "--sender", "nobody").code == 1


def test_a_problem_is_listed_shown_retried_and_dismissed(told):
    assert "Every webhook could be read" in told("webhooks", "problems").out
    assert told("webhooks", "retry", 2, 3).code == 1
    listed = told("webhooks", "problems").out
    assert "2 of shop, 2026-11-20 12:01:00 UTC: the body is not JSON" in listed
    assert "something else posts to this address with your secret" in listed
    assert "a_field_of_tomorrow" in listed
    found = told("webhooks", "problems", "--sender", "shop", "--json").json
    assert (found["count"], found["problems"][0]["id"], found["problems"][0]["hides"]) == (1, 2, True)
    shown = told("webhooks", "show", 2)
    assert "no JSON" in shown.out
    assert "campaign webhooks retry 2" in shown.out
    assert told("webhooks", "show", 1, "--json").json["body"]["object"] == "whatsapp_business_account"
    assert told("webhooks", "dismiss", 2).out == "Dismissed 1 problem.\n"
    assert told("webhooks", "dismiss", 2).err == "Error: webhook 2 has no open problem\n"
    assert told("webhooks", "problems", "--json").json["count"] == 0
    assert told("webhooks", "retry", 4711).err.startswith("Error: there is no webhook 4711")

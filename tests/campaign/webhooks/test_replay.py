"""Webhooks applied once more change nothing that they changed before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from campaign.consent.replies import ReplyRules
from campaign.errors import NotFound
from campaign.providers.base import UnreadableWebhook, WebhookContent
from campaign.providers.events import read_webhook
from campaign.webhooks.inbox_store import Range
from campaign.webhooks.listening import Listening
from campaign.webhooks.replay import replay, retry
from tests.campaign.webhooks.desk import Desk, envelope, failed, status
from tests.factories import NOON, make_sender

TABLES = ("message", "attempt", "suppression", "consent_event", "marketing_cap", "contact", "template", "sender")


def everything(desk: Desk) -> dict[str, Sequence[Any]]:
    """What webhooks may write, but for the inbox itself."""
    return {table: [tuple(row) for row in desk.read(f"SELECT * FROM {table} ORDER BY 1, 2")] for table in TABLES}


def whole(desk: Desk) -> Range:
    first, last = desk.read("SELECT min(received_at), max(received_at) FROM webhook_event")[0]
    return Range(first, last + timedelta(seconds=1))


def finished_campaign(desk: Desk) -> None:
    """Messages that ended in every way, told of one status per webhook and in one of many."""
    read, lost, banned, capped, dropped, opted = desk.messages(6)
    told = [
        status("sent", f"w{read}", 2, pricing={"billable": True, "category": "marketing"}),
        status("delivered", f"w{read}", 3),
        status("read", f"w{read}", 60),
        status("sent", f"w{lost}", 2),
        failed(f"w{banned}", 5, 131026),
        failed(f"w{capped}", 5, 131049),
        failed(f"w{dropped}", 9, 132015),
        failed(f"w{opted}", 9, 131050),
        status("sent", "w of another", 5),
    ]
    desk.receive(*map(envelope, told))
    desk.receive(envelope(*told))
    desk.apply()


def test_replaying_all_webhooks_changes_nothing(desk: Desk) -> None:
    finished_campaign(desk)
    before = everything(desk)
    applied = replay(desk.sessions, whole(desk), desk.rules, clock=lambda: desk.now + timedelta(days=3))
    assert (applied.webhooks, applied.events, applied.problems) == (10, 18, 0)
    assert applied.changed == set()
    assert everything(desk) == before


def test_a_range_is_walked_in_small_batches_to_its_end(desk: Desk) -> None:
    finished_campaign(desk)
    before = everything(desk)
    rules = replace(desk.rules, batch=3, batch_bytes=600)
    assert replay(desk.sessions, whole(desk), rules, clock=lambda: desk.now).webhooks == 10
    assert everything(desk) == before


def test_a_replay_brings_back_what_was_lost_and_a_dry_run_only_says_so(desk: Desk) -> None:
    (message,) = desk.messages()
    desk.tell(status("delivered", f"w{message}", 3))
    desk.write("UPDATE message SET state = 'accepted', delivered_at = NULL")
    dry = replay(desk.sessions, whole(desk), desk.rules, clock=lambda: desk.now, dry_run=True)
    assert dry.changed == {message}
    assert desk.message(message).state == "accepted"
    assert replay(desk.sessions, whole(desk), desk.rules, clock=lambda: desk.now).changed == {message}
    assert desk.message(message).state == "delivered"


def test_a_range_and_a_sender_bound_what_is_applied(desk: Desk) -> None:
    desk.receive(envelope(status("sent", "w1", 1)))
    with desk.sessions() as session, session.begin():
        other = make_sender(session, "other", phone_number_id="7")
    desk.receive(envelope(status("sent", "w2", 1)), sender=other)
    desk.apply()
    span = whole(desk)
    assert replay(desk.sessions, span._replace(sender_id=other.id), desk.rules, clock=lambda: desk.now).webhooks == 1
    outside = span._replace(since=span.until, until=span.until + timedelta(days=1))
    assert replay(desk.sessions, outside, desk.rules, clock=lambda: desk.now).webhooks == 0


def test_what_waits_is_left_to_the_applier(desk: Desk) -> None:
    desk.receive(envelope(status("sent", "w1", 1)))
    assert replay(desk.sessions, whole(desk), desk.rules, clock=lambda: desk.now).webhooks == 0


def test_a_template_that_was_paused_long_ago_is_not_paused_again(desk: Desk) -> None:
    value = {"event": "PAUSED", "message_template_name": "spring_sale", "message_template_language": "en_US"}
    body = (
        b'{"object":"w","entry":[{"id":"100000000000010","changes":[{"field":"message_template_status_update","value":'
        + str(value).replace("'", '"').encode()
        + b"}]}]}"
    )
    desk.receive(body)
    listening = Listening(ReplyRules())
    desk.apply(listen=listening)
    assert desk.read("SELECT status FROM template")[0][0] == "PAUSED"
    desk.write("UPDATE template SET status = 'APPROVED'")
    replay(desk.sessions, whole(desk), replace(desk.rules, listen=listening), clock=lambda: desk.now)
    assert desk.read("SELECT status FROM template")[0][0] == "APPROVED"


def test_a_retried_webhook_is_applied_as_if_it_had_just_come(desk: Desk) -> None:
    (message,) = desk.messages()

    def refuses(provider: str, body: bytes) -> WebhookContent:
        raise UnreadableWebhook("not today")

    (event,) = desk.receive(envelope(status("delivered", f"w{message}", 3)))
    desk.apply(read=refuses)
    assert desk.event(event).error == "not today"
    left_at = desk.event(event).processed_at
    applied = retry(desk.sessions, [event], replace(desk.rules, read=read_webhook), clock=lambda: NOON)
    assert (applied.problems, desk.event(event).error, desk.message(message).state) == (0, None, "delivered")
    assert desk.event(event).processed_at == left_at


def test_one_that_does_not_exist_stops_the_retry_of_all(desk: Desk) -> None:
    with pytest.raises(NotFound, match="there is no webhook 12345"):
        retry(desk.sessions, [12345], desk.rules, clock=lambda: NOON)

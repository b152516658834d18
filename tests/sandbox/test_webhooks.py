"""Webhooks as they arrive: signed, batched, tried again until 200, never in the way of a send."""

import hashlib
import hmac
import time

import pytest

from tests.sandbox.client import NUMBER, Client
from tests.sandbox.conftest import Start
from tests.sandbox.receiver import Receiver

EVERYBODY_READS = {"people": {"read": 1.0}}


def test_a_message_is_sent_then_delivered_then_read(start: Start, receiver: Receiver) -> None:
    client = start(EVERYBODY_READS)
    wamid = client.accepted(data="c1:m1:a1")
    receiver.until(lambda: len(receiver.statuses(wamid)) == 3)
    statuses = receiver.statuses(wamid)
    assert [status["status"] for status in statuses] == ["sent", "delivered", "read"]
    assert {status["biz_opaque_callback_data"] for status in statuses} == {"c1:m1:a1"}
    assert {status["recipient_id"] for status in statuses} == {"525555500001"}
    (entry,) = client.settled()
    assert entry["truth"] == "read"
    assert [status["status"] for status in entry["statuses"]] == ["sent", "delivered", "read"]
    assert all(status["delivered_to_receiver"] for status in entry["statuses"])


def test_a_webhook_is_signed_over_its_raw_body(start: Start, receiver: Receiver) -> None:
    start(app_secret="a secret of this test").accepted()
    receiver.until(receiver.statuses)
    for post in receiver.posts:
        expected = hmac.new(b"a secret of this test", post.body, hashlib.sha256).hexdigest()
        assert post.headers["X-Hub-Signature-256"] == f"sha256={expected}"
        assert post.headers["Content-Type"] == "application/json"


def test_what_is_due_together_is_told_together(start: Start, receiver: Receiver) -> None:
    client = start({**EVERYBODY_READS, "webhooks": {"gather_ms": 200, "batch": 40, "spread": 0, "read_after_s": 0.03}})
    for number in range(60):
        client.accepted(f"+52555550{number:04d}")
    receiver.until(lambda: len(receiver.statuses()) == 180)
    sizes = [len(value["statuses"]) for value in receiver.values()]
    assert max(sizes) == 40
    assert len(sizes) < 20


def test_no_callback_data_none_echoed(start: Start, receiver: Receiver) -> None:
    start().accepted()
    receiver.until(receiver.statuses)
    assert "biz_opaque_callback_data" not in receiver.statuses()[0]


def test_callback_data_comes_back_as_it_was(start: Start, receiver: Receiver) -> None:
    strange = 'c1:"m2"\\ é 🙂\n'
    start().accepted(data=strange)
    receiver.until(receiver.statuses)
    assert receiver.statuses()[0]["biz_opaque_callback_data"] == strange


def test_a_webhook_comes_again_until_the_answer_is_200(start: Start, receiver: Receiver) -> None:
    receiver.status = 503
    client = start()
    client.accepted()
    receiver.until(lambda: len(receiver.posts) >= 4)
    (entry,) = client.entries()
    assert not any(status["delivered_to_receiver"] for status in entry["statuses"])
    assert client.control("summary")["webhooks"]["queue"] > 0
    receiver.status = 200
    (entry,) = client.settled()
    assert all(status["delivered_to_receiver"] for status in entry["statuses"])
    bodies = [post.body for post in receiver.posts]
    assert len(set(bodies)) < len(bodies)


@pytest.mark.parametrize("status", [201, 204, 302, 404])
def test_only_200_is_a_receipt(start: Start, receiver: Receiver, status: int) -> None:
    receiver.status = status
    client = start()
    client.accepted()
    receiver.until(lambda: client.control("summary")["webhooks"]["posts_refused"] >= 2)
    assert client.control("summary")["webhooks"]["items_received"] == 0


def test_an_old_webhook_is_given_up_and_counted(start: Start, receiver: Receiver) -> None:
    receiver.status = 500
    client = start({"people": {"read": 0}, "webhooks": {"give_up_after_s": 0.2}})
    client.accepted()
    receiver.until(lambda: client.control("summary")["webhooks"]["items_given_up"] == 2)
    assert client.control("summary")["webhooks"]["queue"] == 0
    assert client.control("summary")["statuses_not_received"] == 2


def test_the_queue_is_bounded(start: Start, receiver: Receiver) -> None:
    receiver.status = 500
    client = start({"webhooks": {"queue": 20, "batch": 1, "connections": 1, "retry_after_s": 0.05}})
    for number in range(40):
        client.accepted(f"+52555550{number:04d}")
    receiver.until(lambda: client.control("summary")["webhooks"]["items_given_up"] >= 40)
    assert client.control("summary")["webhooks"]["queue"] <= 40


def test_a_receiver_that_is_away_does_not_slow_sending(start: Start) -> None:
    client = start(webhook_url="http://127.0.0.1:9/webhooks/nobody")
    begun = time.monotonic()
    for number in range(50):
        client.accepted(f"+52555550{number:04d}")
    assert time.monotonic() - begun < 2


def test_without_an_address_nothing_is_posted_and_all_is_counted(start: Start) -> None:
    client = start({"people": {"read": 0}}, webhook_url=None)
    client.accepted()
    client.settled()
    counted = client.control("summary")["webhooks"]
    assert (counted["posts"], counted["items_without_address"]) == (0, 2)


def test_v23_has_a_conversation_and_v24_has_none(start: Start, receiver: Receiver) -> None:
    client = start()
    old, new = client.accepted("+525555500001"), client.accepted("+525555500002", version="v24.0")
    receiver.until(lambda: receiver.statuses(old) and receiver.statuses(new))
    assert receiver.statuses(old)[0]["conversation"]["origin"] == {"type": "marketing"}
    assert "conversation" not in receiver.statuses(new)[0]


def troubled(start: Start, **webhooks: object) -> Client:
    return start({**EVERYBODY_READS, "webhooks": webhooks})


def test_statuses_can_be_lost(start: Start, receiver: Receiver) -> None:
    client = troubled(start, lost=1.0)
    client.accepted()
    (entry,) = client.settled()
    assert entry["truth"] == "read"
    assert not receiver.posts
    assert client.control("summary")["webhooks"]["items_lost_on_purpose"] == 3


def test_a_share_of_each_kind_is_lost(start: Start, receiver: Receiver) -> None:
    client = troubled(start, lost=0.5)
    for number in range(60):
        client.accepted(f"+52555550{number:04d}")
    client.settled()
    kinds = [status["status"] for status in receiver.statuses()]
    assert all(10 < kinds.count(kind) < 50 for kind in ("sent", "delivered", "read"))


def test_statuses_can_come_twice(start: Start, receiver: Receiver) -> None:
    client = troubled(start, duplicated=1.0)
    client.accepted()
    client.settled()
    assert sorted(status["status"] for status in receiver.statuses()) == ["delivered"] * 2 + ["read"] * 2 + ["sent"] * 2


def test_statuses_can_come_out_of_order_with_true_timestamps(start: Start, receiver: Receiver) -> None:
    client = troubled(start, reordered=1.0, spread=0, read_after_s=0.2, sent_after_s=0.01, delivered_after_s=0.1)
    client.accepted()
    client.settled()
    statuses = receiver.statuses()
    assert [status["status"] for status in statuses] == ["read", "delivered", "sent"]
    times = {status["status"]: int(status["timestamp"]) for status in statuses}
    assert times["sent"] <= times["delivered"] <= times["read"]


def test_statuses_can_be_late(start: Start, receiver: Receiver) -> None:
    client = troubled(start, late=1.0, late_by_s=0.5)
    client.accepted()
    client.settled()
    (entry,) = client.entries()
    assert receiver.posts[0].at - entry["statuses"][0]["at"] >= 0.5


def test_a_status_can_overtake_the_answer(start: Start, receiver: Receiver) -> None:
    client = troubled(start, early=1.0)
    wamid = client.accepted()
    assert [status["status"] for status in receiver.statuses(wamid)][:1] == ["sent"]


def test_quirks_are_those_seen_in_the_wild(start: Start, receiver: Receiver) -> None:
    quirks = ["string_codes", "millisecond_timestamps", "dashed_language", "quality_under_status"]
    client = start({"people": {"not_on_whatsapp": 1.0}, "webhooks": {"quirks": quirks}})
    client.accepted()
    client.control("templates/spring_sale/quality", {"quality": "YELLOW", "language": "en_US"})
    receiver.until(lambda: receiver.statuses() and receiver.values("message_template_status_update"))
    (status,) = receiver.statuses()
    assert status["errors"][0]["code"] == "131026"
    assert int(status["timestamp"]) > 10**12
    (event,) = receiver.values("message_template_status_update")
    assert event["new_quality_score"] == "YELLOW"
    assert event["message_template_language"] == "en-US"


def test_an_override_takes_messages_and_not_template_events(start: Start, receiver: Receiver) -> None:
    other = Receiver()
    try:
        client = start()
        client.control("webhook", {"url": other.url, "phone_number_id": NUMBER})
        client.accepted()
        client.control("templates/spring_sale/status", {"status": "PAUSED", "language": "en_US"})
        other.until(other.statuses)
        receiver.until(lambda: receiver.values("message_template_status_update"))
        assert not receiver.statuses()
        assert not other.values("message_template_status_update")
    finally:
        other.close()

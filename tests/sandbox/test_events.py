"""Webhook items against the fixtures, field by field."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.events import phone_of_user_id, user_id_of
from tests.sandbox.client import Client
from tests.sandbox.conftest import Start
from tests.sandbox.receiver import Receiver

WEBHOOKS = Path(__file__).parents[1] / "fixtures" / "webhooks"


def change(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((WEBHOOKS / name).read_text())["entry"][0]["changes"][0]
    return content


def sample_status(name: str) -> dict[str, Any]:
    status: dict[str, Any] = change(name)["value"]["statuses"][0]
    return status


def shape(value: Any) -> Any:
    """Keys and types, the same for two bodies that differ in their facts only."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(inner) for inner in value[:1]] if isinstance(value, list) else type(value).__name__


def one_status(start: Start, receiver: Receiver, kind: str, version: str, **people: float) -> dict[str, Any]:
    client: Client = start({"people": {"read": 1.0, **people}})
    client.accepted(data="c0001:r0111:a1", version=version)
    client.settled()
    return next(status for status in receiver.statuses() if status["status"] == kind)


@pytest.mark.parametrize(
    ("fixture", "kind", "version", "people"),
    [
        ("webhook_status_sent_v23.json", "sent", "v23.0", {}),
        ("webhook_status_released_after_hold.json", "sent", "v24.0", {}),
        ("webhook_status_delivered.json", "delivered", "v23.0", {}),
        ("webhook_status_read.json", "read", "v23.0", {}),
        ("webhook_status_failed_131026.json", "failed", "v23.0", {"not_on_whatsapp": 1.0}),
        ("webhook_status_failed_131049.json", "failed", "v23.0", {"capped": 1.0}),
        ("webhook_status_failed_131050.json", "failed", "v23.0", {"opted_out": 1.0}),
    ],
)
def test_a_status_has_the_fields_of_the_platforms(
    start: Start, receiver: Receiver, fixture: str, kind: str, version: str, people: dict[str, float]
) -> None:
    expected = sample_status(fixture)
    given = one_status(start, receiver, kind, version, **people)
    assert shape(given) == shape(expected)
    if kind == "failed":
        assert given["errors"] == expected["errors"]
    if "pricing" in expected:
        assert given["pricing"] == expected["pricing"]


def test_read_without_delivered_carries_the_price(start: Start, receiver: Receiver) -> None:
    status = one_status(start, receiver, "read", "v24.0", read_without_delivered=1.0)
    assert status["pricing"]["category"] == "marketing"


def inbound(start: Start, receiver: Receiver) -> Iterator[tuple[str, dict[str, Any]]]:
    client = start()
    press = {"payload": "optout", "text": "Stop promotions"}
    client.control("inbound", {"from": "525555500001", "text": "STOP"})
    client.control("inbound", {"from": "525555500001", "button": press, "reply_to": "wamid.X"})
    client.control("inbound", {"from": "525555500001", "new_number": "525555500002"})
    receiver.until(lambda: len(receiver.messages()) == 3)
    yield from zip(
        ("webhook_inbound_text_stop", "webhook_inbound_button_stop", "webhook_system_user_changed_number"),
        receiver.messages(),
        strict=True,
    )


def test_messages_from_people_have_the_fields_of_the_platforms(start: Start, receiver: Receiver) -> None:
    for name, message in inbound(start, receiver):
        assert shape(message) == shape(change(f"{name}.json")["value"]["messages"][0])


def test_account_and_template_events_have_the_fields_of_the_platforms(start: Start, receiver: Receiver) -> None:
    client = start()
    client.control("templates/spring_sale/status", {"status": "PAUSED", "language": "en_US"})
    client.control("templates/spring_offer/quality", {"quality": "RED"})
    client.control("templates/order_shipped/category", {"category": "MARKETING"})
    client.control("preferences", {"from": "525555500001", "value": "stop"})
    client.control("quality", {"quality": "RED"})
    client.control("restrict", {})
    for name in (
        "webhook_template_status_paused",
        "webhook_quality_update",
        "webhook_template_category_update",
        "webhook_user_preferences_stop",
        "webhook_phone_number_quality_update",
        "webhook_account_update_restriction",
    ):
        expected = change(f"{name}.json")
        receiver.until(lambda field=expected["field"]: receiver.values(field))
        assert shape(receiver.values(expected["field"])[0]) == shape(expected["value"])


@pytest.mark.parametrize("phone", ["12025550111", "525555500001", "999999999999999"])
def test_a_business_scoped_id_leads_back_to_its_person(phone: str) -> None:
    assert phone_of_user_id(user_id_of(phone)) == phone


@pytest.mark.parametrize("text", ["", "US.1", "US.x", "12025550111", "US.00000000000000000000"])
def test_what_is_no_such_id_is_nobody(text: str) -> None:
    assert phone_of_user_id(text) is None

"""The control endpoints."""

from typing import Any

import pytest

from sandbox.config import SandboxConfig
from sandbox.control import Control
from sandbox.platform import Platform
from tests.sandbox.client import NUMBER, Client
from tests.sandbox.conftest import Start
from tests.sandbox.receiver import Receiver


def test_the_ledger_is_read_in_pages(start: Start) -> None:
    client = start()
    for number in range(7):
        client.accepted(f"+52555550{number:04d}")
    seen, after = list[int](), 0
    while True:
        page = client.control(f"ledger?after={after}&limit=3")
        seen += [entry["seq"] for entry in page["entries"]]
        assert page["total"] == 7
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    assert client.control("ledger?after=7") == {"entries": [], "next": None, "total": 7}


def test_the_summary_adds_up(start: Start) -> None:
    client = start({"seed": 3, "people": {"not_on_whatsapp": 0.3}})
    for number in range(20):
        client.send(f"+52555550{number:04d}", data=f"c1:m{number}:a1")
    client.send("+525555500000", data="c1:m0:a2")
    client.send("+525555500000", name="nowhere")
    client.settled()
    summary = client.control("summary")
    assert summary["requests"] == sum(summary["outcomes"].values()) == 22
    assert summary["accepted"] == sum(summary["truth"].values()) == 21
    assert summary["codes"] == {"132001": 1}
    assert summary["failed_codes"] == {"131026": summary["truth"]["failed"]}
    assert summary["duplicates"] == 1
    assert summary["busiest_second"][NUMBER]["count"] == 22
    assert summary["statuses_not_received"] == 0


def test_a_scenario_changes_under_way(start: Start) -> None:
    client = start()
    assert client.send("+525555500001").status_code == 200
    changed = client.control("scenario", {"people": {"not_on_whatsapp": 1.0}, "clock_factor": 60})
    assert changed["people"]["not_on_whatsapp"] == 1.0
    assert changed["people"]["read"] == 0.7
    assert client.control("scenario") == changed
    client.accepted("+525555500002")
    assert [entry["truth"] == "failed" for entry in client.settled()] == [False, True]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("scenario", {"people": {"lucky": 0.5}}),
        ("scenario", {"people": {"read": 2}}),
        ("scenario", [1]),
        ("templates", {"name": "half"}),
        ("templates/nowhere/status", {"status": "PAUSED"}),
        ("templates/spring_sale/status", {}),
        ("inbound", {"from": "anna", "text": "Hi"}),
        ("inbound", {"from": "525555500001"}),
        ("inbound", {"from": "525555500001", "text": "Hi", "phone_number_id": "7"}),
        ("preferences", {"from": "525555500001", "value": "maybe"}),
        ("verdict", {"verdict": "mixed"}),
        ("faults", {"kind": "magic"}),
    ],
)
def test_a_misunderstanding_is_told_in_one_sentence(client: Client, path: str, body: Any) -> None:
    answer = client.http.post(f"/_sandbox/{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_an_unknown_control_names_those_there_are(client: Client) -> None:
    answer = client.http.get("/_sandbox/magic")
    assert answer.status_code == 404
    assert "/_sandbox/ledger" in answer.json()["error"]


def test_a_templates_status_changes_in_one_language_or_all(start: Start, receiver: Receiver) -> None:
    client = start()
    changed = client.control("templates/spring_sale/status", {"status": "paused", "language": "en_US"})["changed"]
    assert [(one["language"], one["status"]) for one in changed] == [("en_US", "PAUSED")]
    client.control("templates/spring_sale/status", {"status": "DISABLED", "title": "DISABLED"})
    receiver.until(lambda: len(receiver.values("message_template_status_update")) == 3)
    events = receiver.values("message_template_status_update")
    assert [event["event"] for event in events] == ["PAUSED", "DISABLED", "DISABLED"]
    assert events[0]["other_info"]["title"] == "FIRST_PAUSE"
    assert isinstance(events[0]["message_template_id"], int)
    assert client.send().json()["error"]["code"] == 132016


def test_a_templates_category_can_move(start: Start, receiver: Receiver) -> None:
    client = start()
    client.control("templates/order_shipped/category", {"category": "MARKETING"})
    receiver.until(lambda: receiver.values("template_category_update"))
    (event,) = receiver.values("template_category_update")
    assert (event["previous_category"], event["new_category"]) == ("UTILITY", "MARKETING")


def test_quality_tier_and_restriction_are_told(start: Start, receiver: Receiver) -> None:
    client = start()
    assert client.control("quality", {"quality": "RED"})["quality_rating"] == "RED"
    assert client.control("quality", {"tier": 2000})["whatsapp_business_manager_messaging_limit"] == "TIER_2K"
    assert client.control("restrict", {})["status"] == "RESTRICTED"
    assert client.get(NUMBER).json()["health_status"]["can_send_message"] == "BLOCKED"
    receiver.until(lambda: receiver.values("account_update"))
    events = receiver.values("phone_number_quality_update")
    assert [event["event"] for event in events] == ["FLAGGED", "DOWNGRADE"]
    (restriction,) = receiver.values("account_update")
    assert restriction["event"] == "ACCOUNT_RESTRICTION"
    assert restriction["restriction_info"][0]["restriction_type"] == "RESTRICTED_BIZ_INITIATED_MESSAGING"
    assert client.control("restrict", {"status": "CONNECTED"})["status"] == "CONNECTED"
    assert client.send().status_code == 200


def test_a_raised_tier_lets_more_people_through(start: Start) -> None:
    client = start({"limits": {"tier": 1}})
    client.control("quality", {"tier": 2})
    assert [client.send(f"+52555550000{number}").status_code for number in (1, 2, 3)] == [200, 200, 400]


def test_the_address_of_webhooks_can_be_changed_and_asked_for_consent(start: Start, receiver: Receiver) -> None:
    client = start(webhook_url=None)
    client.control("webhook", {"url": receiver.url, "verify": True})
    client.accepted("+525555500001")
    receiver.until(receiver.statuses)
    receiver.token = "another"
    assert client.http.post("/_sandbox/webhook", json={"url": receiver.url, "verify": True}).status_code == 400
    client.control("webhook", {"url": None})
    client.accepted("+525555500002")
    client.settled()
    assert {status["recipient_id"] for status in receiver.statuses()} == {"525555500001"}


def test_a_reset_forgets_everything_but_scenario_and_addresses(start: Start, receiver: Receiver) -> None:
    client = start({"people": {"read": 0.0}})
    client.accepted()
    client.settled()
    client.control("faults", {"kind": "refuse"})
    client.control("templates/spring_sale/status", {"status": "PAUSED"})
    client.control("inbound", {"from": "525555500001", "text": "Hi"})
    client.control("reset", {})
    assert client.entries() == []
    assert client.control("faults") == {"faults": []}
    assert client.control("scenario")["people"]["read"] == 0.0
    wamid = client.accepted()
    receiver.until(lambda: receiver.statuses(wamid))
    assert client.entries()[0]["seq"] == 1


def test_every_control_is_documented(page: str) -> None:
    for method, pattern, _ in Control(Platform(SandboxConfig()))._routes:
        path = pattern.pattern.replace("([^/]+)", "NAME")
        for aspect in ("status", "quality", "category") if "(status" in path else ("",):
            shown = path.replace("(status|quality|category)", aspect)
            assert f"/_sandbox{shown}" in page, f"{method} /_sandbox{shown} is missing in docs/sandbox.md"

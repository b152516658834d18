"""360dialog: its keys, its envelopes, its endpoints, in both dialects."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.refusals import TABLE
from tests.sandbox.client import D360_KEY, SALE, Client, message, on_premise_message
from tests.sandbox.conftest import Start
from tests.sandbox.receiver import Receiver

FIXTURES = Path(__file__).parents[1] / "fixtures"
LISTED = Path(__file__).parent / "fixtures" / "d360_cloud_templates_list.json"
TO = "525555500001"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text())


def cloud(client: Client, body: Any, key: dict[str, str] = D360_KEY) -> httpx.Response:
    return client.http.post("/messages", json=body, headers=key)


def premise(client: Client, body: Any, key: dict[str, str] = D360_KEY) -> httpx.Response:
    return client.http.post("/v1/messages", json=body, headers=key)


def test_the_cloud_dialect_answers_as_meta_does(client: Client) -> None:
    answer = cloud(client, message(TO, data="c1:m1:a1"))
    assert answer.status_code == 200
    assert set(answer.json()) == {"messaging_product", "contacts", "messages"}
    assert client.entries()[-1]["dialect"] == "d360"


def test_on_premise_answers_with_an_id_alone(client: Client) -> None:
    answer = premise(client, on_premise_message(TO)).json()
    sample = fixture("answers/d360_onprem_send_ok.json")
    assert set(answer) == set(sample)
    assert answer["messages"][0]["id"].startswith("gBGG")
    assert client.entries()[-1]["dialect"] == "d360-onprem"


@pytest.mark.parametrize("key", [{}, {"D360-API-KEY": "wrong"}, {"Authorization": "Bearer sandbox-token"}])
def test_a_wrong_key_is_the_gateways_affair(client: Client, key: dict[str, str]) -> None:
    answer = cloud(client, message(TO), key)
    assert answer.status_code == 401
    assert set(answer.json()["meta"]) == set(fixture("answers/d360_cloud_error_rate_limit.json")["meta"])
    assert premise(client, on_premise_message(TO), key).json()["meta"]["httpCode"] == 401


def test_above_the_throughput_the_gateway_says_400_and_a_sentence(start: Start) -> None:
    client = start({"limits": {"throughput_per_s": 1, "retry_after_s": 1.0}})
    cloud(client, message(TO))
    answer = cloud(client, message("525555500002"))
    assert answer.status_code == 400
    assert answer.json() == fixture("answers/d360_cloud_error_rate_limit.json")
    assert answer.headers["retry-after"] == "1"


def test_an_error_of_the_platform_comes_bare_or_wrapped(start: Start) -> None:
    client = start()
    assert cloud(client, message(TO, name="nowhere")).json()["error"]["code"] == 132001
    client.control("scenario", {"webhooks": {"quirks": ["wrapped_errors"]}})
    assert cloud(client, message(TO, name="nowhere")).json()["detail"]["error"]["code"] == 132001


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"messaging_product": "whatsapp"}, 1010),
        ({"biz_opaque_callback_data": "c1:m1:a1"}, 1010),
        ({"to": "anna"}, 1009),
        ({"type": "hologram"}, 501),
        ({"template": {**on_premise_message(TO)["template"], "namespace": ""}}, 2014),
        ({"template": {**on_premise_message(TO)["template"], "namespace": "somebody_elses"}}, 2001),
        ({"template": {**on_premise_message(TO)["template"], "name": "nowhere"}}, 2001),
        ({"template": {**on_premise_message(TO)["template"], "name": "winter_clearance"}}, 2061),
        ({"template": {**on_premise_message(TO)["template"], "components": []}}, 2000),
        (
            {
                "template": {
                    **on_premise_message(TO)["template"],
                    "components": [{"type": "body", "parameters": [{"type": "text", "text": "a\nb"}] * 2}],
                }
            },
            2006,
        ),
    ],
)
def test_on_premise_has_codes_of_its_own(client: Client, change: dict[str, Any], code: int) -> None:
    answer = premise(client, on_premise_message(TO) | change)
    assert answer.json()["errors"][0]["code"] == code
    assert set(answer.json()) == {"errors", "meta"}


def test_an_on_premise_contact_may_have_to_be_checked_first(start: Start) -> None:
    client = start({"people": {"contact_check": True}})
    refused = premise(client, on_premise_message(TO))
    assert (refused.status_code, refused.json()) == (404, fixture("answers/d360_onprem_error_1006.json"))
    checked = client.http.post(
        "/v1/contacts", json={"blocking": "wait", "contacts": [f"+{TO}", "anna"]}, headers=D360_KEY
    ).json()["contacts"]
    assert checked == [
        {"input": f"+{TO}", "status": "valid", "wa_id": TO},
        {"input": "anna", "status": "invalid"},
    ]
    assert premise(client, on_premise_message(TO)).status_code == 200
    assert client.http.post("/v1/contacts", json={}, headers=D360_KEY).status_code == 400


def test_on_premise_webhooks_are_flat_and_echo_nothing(start: Start, receiver: Receiver) -> None:
    client = start({"people": {"read": 0.0}})
    message_id = premise(client, on_premise_message(TO)).json()["messages"][0]["id"]
    receiver.until(lambda: len(receiver.statuses(message_id)) == 2)
    content = receiver.posts[-1].json()
    assert set(content) == {"statuses"}
    sample = fixture("webhooks/onprem_status_delivered.json")["statuses"][0]
    assert set(content["statuses"][0]) == set(sample)
    assert "X-Hub-Signature-256" not in receiver.posts[-1].headers


def test_an_on_premise_failure_has_its_twin_code(start: Start, receiver: Receiver) -> None:
    client = start({"people": {"not_on_whatsapp": 1.0}})
    premise(client, on_premise_message(TO))
    receiver.until(receiver.statuses)
    (error,) = receiver.statuses()[0]["errors"]
    assert set(error) == set(fixture("webhooks/onprem_failed_2061.json")["statuses"][0]["errors"][0])
    assert error["code"] == TABLE[131026].on_premise == 1013


def test_webhooks_bring_the_configured_headers(start: Start, receiver: Receiver) -> None:
    client = start(webhook_url=None)
    wanted = {"url": receiver.url, "headers": {"Authorization": "Bearer of news"}}
    assert client.http.post("/v1/configs/webhook", json=wanted, headers=D360_KEY).json() == wanted
    assert client.http.get("/v1/configs/webhook", headers=D360_KEY).json() == {"url": receiver.url}
    cloud(client, message(TO, data="c1:m1:a1"))
    receiver.until(receiver.statuses)
    assert receiver.posts[0].headers["Authorization"] == "Bearer of news"
    assert "X-Hub-Signature-256" not in receiver.posts[0].headers
    assert receiver.statuses()[0]["biz_opaque_callback_data"] == "c1:m1:a1"
    client.control("templates/spring_sale/status", {"status": "PAUSED", "language": "en_US"})
    receiver.until(lambda: receiver.values("message_template_status_update"))
    assert client.http.post("/v1/configs/webhook", json={"url": "x"}, headers=D360_KEY).status_code == 400


def test_the_authorization_of_the_command_line_goes_along(start: Start, receiver: Receiver) -> None:
    client = start(webhook_authorization="Bearer from the environment", dialects=("d360",))
    cloud(client, message(TO))
    receiver.until(receiver.statuses)
    assert receiver.posts[0].headers["Authorization"] == "Bearer from the environment"


def test_templates_are_listed_in_360dialogs_words(client: Client) -> None:
    listed = client.http.get("/v1/configs/templates", headers=D360_KEY).json()
    sample = json.loads(LISTED.read_text())["waba_templates"][0]
    assert len(listed["waba_templates"]) == listed["total"] == 8
    offer = next(one for one in listed["waba_templates"] if one["name"] == "spring_offer")
    assert set(offer) == set(sample)
    assert (offer["status"], offer["components"]) == ("approved", sample["components"])
    page = client.http.get("/v1/configs/templates", params={"limit": 3, "offset": 6}, headers=D360_KEY).json()
    assert [one["name"] for one in page["waba_templates"]] == ["free_money", "new_arrivals"]


def test_a_template_is_made_and_deleted(start: Start) -> None:
    client = start()
    new = {
        "name": "autumn",
        "language": "en_US",
        "category": "MARKETING",
        "components": [{"type": "BODY", "text": "Hi"}],
    }
    made = client.http.post("/v1/configs/templates", json=new, headers=D360_KEY)
    assert (made.status_code, made.json()["status"]) == (201, "pending")
    assert client.http.post("/v1/configs/templates", json={}, headers=D360_KEY).status_code == 400
    assert client.http.delete("/v1/configs/templates/autumn", headers=D360_KEY).status_code == 200
    assert client.http.delete("/v1/configs/templates/autumn", headers=D360_KEY).status_code == 404


def test_media_on_premise_is_the_bare_bytes(client: Client) -> None:
    headers = {**D360_KEY, "Content-Type": "image/png"}
    made = client.http.post("/v1/media", content=b"\x89PNG", headers=headers)
    media_id = made.json()["media"][0]["id"]
    assert client.http.get(f"/v1/media/{media_id}", headers=D360_KEY).json()["file_size"] == 4
    assert client.http.get(f"/{media_id}", headers=D360_KEY).json()["mime_type"] == "image/png"
    assert client.http.delete(f"/v1/media/{media_id}", headers=D360_KEY).status_code == 200


def test_health_and_reading_are_answered(client: Client) -> None:
    health = client.http.get("/health_status", headers=D360_KEY).json()["health_status"]
    assert health["can_send_message"] == "AVAILABLE"
    assert client.http.put("/v1/messages/ABGG", json={"status": "read"}, headers=D360_KEY).json() == {}
    assert client.http.get("/v1/nothing", headers=D360_KEY).status_code == 404


def test_each_number_has_a_key_of_its_own(start: Start) -> None:
    client = start(phone_number_ids=("1001", "1002"))
    cloud(client, message(TO))
    cloud(client, message(TO), {"D360-API-KEY": "sandbox-token-1002"})
    assert [entry["phone_number_id"] for entry in client.entries()] == ["1001", "1002"]


def test_a_dialect_that_is_not_served_is_not_found(start: Start) -> None:
    client = start(dialects=("cloud",))
    assert cloud(client, message(TO)).status_code == 404
    assert client.http.get("/v1/configs/templates", headers=D360_KEY).status_code == 404
    assert client.send(components=SALE).status_code == 200


def test_on_premise_free_text_has_its_preview_outside(client: Client) -> None:
    body = {"to": TO, "type": "text", "text": {"body": "See https://example.com"}, "preview_url": True}
    assert premise(client, body).status_code == 200

"""Templates, numbers, history and webhook set-up of the Cloud dialect."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sandbox.client import ACCOUNT, CLOUD_KEY, NUMBER, Client, refusal
from tests.sandbox.conftest import Start
from tests.sandbox.receiver import Receiver

ANSWERS = Path(__file__).parents[1] / "fixtures" / "answers"
LIST = f"{ACCOUNT}/message_templates"


def names(answer: httpx.Response) -> list[str]:
    return [f"{one['name']}/{one['language']}" for one in answer.json()["data"]]


def test_all_pages_together_are_all_templates(client: Client) -> None:
    everything, seen, page = names(client.get(LIST, limit=100)), [], client.get(LIST, limit=3)
    while True:
        seen += names(page)
        following = page.json()["paging"].get("next")
        if following is None:
            break
        assert page.json()["paging"]["cursors"]["after"] in following
        page = client.http.get(following, headers=CLOUD_KEY)
    assert seen == everything
    assert len(everything) == 8


def test_a_cursor_can_be_used_without_its_link(client: Client) -> None:
    first = client.get(LIST, limit=5)
    after = first.json()["paging"]["cursors"]["after"]
    assert names(client.get(LIST, limit=5, after=after)) == names(client.get(LIST, limit=100))[5:]
    assert client.get(LIST, after="bm9uc2Vuc2U").status_code == 400


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"name": "spring_sale"}, ["spring_sale/en_US", "spring_sale/es_MX"]),
        ({"name": "spring_sale", "language": "es_MX"}, ["spring_sale/es_MX"]),
        ({"status": "PAUSED"}, ["winter_clearance/en_US"]),
        ({"status": "rejected"}, ["free_money/en_US"]),
        ({"category": "AUTHENTICATION"}, ["login_code/en_US"]),
        ({"name": "nowhere"}, []),
    ],
)
def test_templates_can_be_filtered(client: Client, query: dict[str, str], found: list[str]) -> None:
    assert names(client.get(LIST, **query)) == found


def test_a_listed_template_has_the_platforms_fields(client: Client) -> None:
    sample = json.loads((ANSWERS / "cloud_templates_page.json").read_text())["data"][0]
    fields = "name,language,status,category,components,quality_score,parameter_format"
    (listed,) = client.get(LIST, name="spring_offer", fields=fields).json()["data"]
    assert set(listed) == set(sample)
    assert listed["components"] == sample["components"]


def test_only_the_fields_asked_for_are_listed(client: Client) -> None:
    (listed,) = client.get(LIST, name="order_shipped", fields="name,message_send_ttl_seconds").json()["data"]
    assert listed == {"name": "order_shipped", "message_send_ttl_seconds": 43200, "id": "900000000000004"}


def test_a_number_has_the_platforms_fields(client: Client) -> None:
    sample = json.loads((ANSWERS / "cloud_phone_number_info.json").read_text())
    shown = client.get(NUMBER).json()
    assert set(shown) == set(sample)
    assert set(shown["health_status"]["entities"][0]) <= set(sample["health_status"]["entities"][0])
    assert set(client.get(NUMBER, fields="quality_rating,status").json()) == {"id", "quality_rating", "status"}


def test_a_template_can_be_asked_for_by_id(client: Client) -> None:
    assert client.get("900000000000006", fields="status").json() == {"status": "PAUSED", "id": "900000000000006"}


@pytest.mark.parametrize("path", ["999999", "999999/message_templates", f"{NUMBER}/message_templates", "x/y"])
def test_what_is_not_ours_does_not_exist(client: Client, path: str) -> None:
    assert refusal(client.get(path))[:2] == (400, 33)


def test_management_needs_the_token(client: Client) -> None:
    assert client.http.get(f"/v23.0/{LIST}").status_code == 401
    assert client.http.get(f"/v23.0/{LIST}", headers={"Authorization": "Bearer x"}).json()["error"]["code"] == 190


def test_a_new_template_waits_for_review_and_can_be_deleted(start: Start) -> None:
    client = start()
    new = {
        "name": "autumn",
        "language": "en_US",
        "category": "MARKETING",
        "components": [{"type": "BODY", "text": "Hi"}],
    }
    path = f"/v23.0/{LIST}"
    assert client.http.post(path, json=new, headers=CLOUD_KEY).json()["status"] == "PENDING"
    assert client.http.post(path, json=new, headers=CLOUD_KEY).status_code == 400
    assert refusal(client.send(name="autumn", components=None))[1] == 132001
    client.control("templates/autumn/status", {"status": "APPROVED"})
    assert client.send(name="autumn", components=None).status_code == 200
    assert client.http.delete(path, params={"name": "autumn"}, headers=CLOUD_KEY).json() == {"success": True}
    assert client.http.delete(path, params={"name": "autumn"}, headers=CLOUD_KEY).status_code == 400
    assert client.http.post(path, json={"name": "half"}, headers=CLOUD_KEY).status_code == 400


def test_history_tells_what_happened_and_whether_it_was_told(start: Start, receiver: Receiver) -> None:
    client = start({"people": {"read": 1.0}, "webhooks": {"lost": 1.0}})
    wamid = client.accepted()
    client.settled()
    history = f"{NUMBER}/message_history"
    (bare,) = client.get(history, message_id=wamid).json()["data"]
    assert set(bare) == {"id", "message_id"}
    fields = "id,message_id,events{delivery_status,timestamp,webhook_update_state}"
    (row,) = client.get(history, message_id=wamid, fields=fields).json()["data"]
    events = row["events"]["data"]
    assert [event["delivery_status"] for event in events] == ["SENT", "DELIVERED", "READ"]
    assert {event["webhook_update_state"] for event in events} == {"PENDING"}
    assert all(isinstance(event["timestamp"], int) for event in events)
    assert "525555500001" not in json.dumps(row)
    assert client.get(history, message_id="wamid.unknown").json() == {"data": []}
    assert refusal(client.get(history))[1] == 100


def test_history_tells_a_failure(start: Start, receiver: Receiver) -> None:
    client = start({"people": {"not_on_whatsapp": 1.0}})
    wamid = client.accepted()
    client.settled()
    (row,) = client.get(f"{NUMBER}/message_history", message_id=wamid, fields="events").json()["data"]
    (event,) = row["events"]["data"]
    assert (event["delivery_status"], event["webhook_update_state"]) == ("FAILED", "DELIVERED")
    assert event["error_description"] == "Message undeliverable"


def subscribe(client: Client, **body: Any) -> httpx.Response:
    return client.http.post(f"/v23.0/{ACCOUNT}/subscribed_apps", json=body, headers=CLOUD_KEY)


def test_an_override_is_asked_for_its_consent(start: Start, receiver: Receiver) -> None:
    client = start(webhook_url=None)
    wrong = subscribe(client, override_callback_uri=receiver.url, verify_token="wrong")
    assert refusal(wrong)[1] == 100
    assert subscribe(client, override_callback_uri="http://127.0.0.1:9/x", verify_token="x").status_code == 400
    assert subscribe(client, override_callback_uri=receiver.url + "x" * 200, verify_token="x").status_code == 400
    assert subscribe(client, override_callback_uri=receiver.url, verify_token=receiver.token).json() == {
        "success": True
    }
    client.accepted()
    receiver.until(receiver.statuses)
    (app,) = client.get(f"{ACCOUNT}/subscribed_apps").json()["data"]
    assert app["override_callback_uri"] == receiver.url
    client.http.delete(f"/v23.0/{ACCOUNT}/subscribed_apps", headers=CLOUD_KEY)
    assert "override_callback_uri" not in client.get(f"{ACCOUNT}/subscribed_apps").json()["data"][0]


def test_a_number_may_have_an_address_of_its_own(start: Start, receiver: Receiver) -> None:
    client = start(webhook_url=None)
    wanted = {"override_callback_uri": receiver.url, "verify_token": receiver.token}
    path = f"/v23.0/{NUMBER}"
    assert client.http.post(path, json={}, headers=CLOUD_KEY).status_code == 400
    answer = client.http.post(path, json={"webhook_configuration": wanted}, headers=CLOUD_KEY)
    assert answer.json() == {"success": True}
    client.accepted()
    receiver.until(receiver.statuses)


def test_management_calls_have_a_budget(start: Start) -> None:
    client = start({"limits": {"management_calls_per_h": 2}})
    codes = [client.get(LIST).status_code for _ in range(3)]
    assert codes == [200, 200, 400]
    assert refusal(client.get(LIST))[1] == 80007
    assert client.send().status_code == 200


def test_an_active_template_cannot_be_unpaused(client: Client) -> None:
    answer = client.http.post("/v23.0/900000000000001/unpause", headers=CLOUD_KEY)
    assert refusal(answer)[:2] == (400, 100)

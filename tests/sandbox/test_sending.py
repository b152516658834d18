"""What a client is answered, and that the ledger knows of every request."""

import time

import pytest

from tests.sandbox.client import CLOUD_KEY, NUMBER, SALE, Client, message, refusal, text_message
from tests.sandbox.conftest import Start
from tests.sandbox.receiver import Receiver


def test_an_accepted_message_is_answered_as_the_platform_does(client: Client) -> None:
    answer = client.send("+525555500101")
    content = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert content["contacts"] == [{"input": "+525555500101", "wa_id": "525555500101"}]
    (sent,) = content["messages"]
    assert sent["message_status"] == "accepted"
    assert sent["id"].startswith("wamid.HBg")
    assert content["messaging_product"] == "whatsapp"


def test_ids_are_never_given_twice(client: Client) -> None:
    ids = [client.accepted(f"+52555550{number:04d}") for number in range(50)]
    assert len(set(ids)) == 50


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [({}, 401, 104), ({"Authorization": "Bearer wrong"}, 401, 190), ({"Authorization": "sandbox-token"}, 401, 190)],
)
def test_a_request_without_the_right_token_is_turned_away(
    client: Client, headers: dict[str, str], status: int, code: int
) -> None:
    answer = client.post(message("+525555500102"), headers=headers)
    assert refusal(answer)[:2] == (status, code)
    assert client.entries()[-1]["code"] == code


def test_a_number_of_somebody_else_does_not_exist(client: Client) -> None:
    answer = client.http.post("/v23.0/999/messages", json=message("+525555500103"), headers=CLOUD_KEY)
    assert refusal(answer)[:2] == (400, 33)


def test_the_sender_cannot_be_the_recipient(client: Client) -> None:
    own = client.get(NUMBER).json()["display_phone_number"]
    assert refusal(client.send(own))[1] == 131021


def test_the_ledger_holds_accepted_and_refused_alike(start: Start) -> None:
    client = start()
    before = time.time()
    client.send("+525555500104", data="c7:m1:a1")
    client.send("+525555500105", name="nowhere", data="c7:m2:a1")
    first, second = client.entries()
    assert before <= first["at"] <= second["at"] <= time.time()
    assert (first["outcome"], first["http_status"], first["code"]) == ("accepted", 200, None)
    assert (second["outcome"], second["http_status"], second["code"]) == ("refused", 404, 132001)
    assert (first["to"], first["wa_id"], first["callback_data"]) == ("+525555500104", "525555500104", "c7:m1:a1")
    assert (first["template"], first["language"]) == ("spring_sale", "en_US")
    assert (second["wamid"], second["statuses"], second["template"]) == (None, [], "nowhere")


def test_a_broken_body_stands_in_the_ledger_too(client: Client) -> None:
    client.http.post(f"/v23.0/{NUMBER}/messages", content=b"{", headers=CLOUD_KEY)
    assert client.entries()[-1]["code"] == 100


def test_the_marketing_path_takes_marketing_templates_only(client: Client) -> None:
    path = f"/v23.0/{NUMBER}/marketing_messages"
    sale = {**message("+525555500106"), "product_policy": "STRICT"}
    assert client.http.post(path, json=sale, headers=CLOUD_KEY).status_code == 200
    text = text_message("+525555500106")
    assert refusal(client.http.post(path, json=text, headers=CLOUD_KEY))[1] == 131055
    body = {"type": "body", "parameters": SALE[0]["parameters"]}
    names = zip(("order_number", "first_name"), body["parameters"], strict=True)
    named = [{**parameter, "parameter_name": name} for name, parameter in names]
    url = {"type": "button", "sub_type": "url", "index": 0, "parameters": [{"type": "text", "text": "A-1"}]}
    order = message("+525555500106", name="order_shipped", components=[{**body, "parameters": named}, url])
    assert refusal(client.http.post(path, json=order, headers=CLOUD_KEY))[1] == 134100


def test_a_restricted_number_sends_nothing_until_its_time_is_over(start: Start) -> None:
    client = start({"clock_factor": 100_000})
    client.control("restrict", {"lasts_s": 50_000})
    assert refusal(client.send())[:2] == (403, 131031)
    ends = time.monotonic() + 5
    while client.send().status_code != 200:
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_some_answers_have_no_message_status_and_some_say_paused(start: Start) -> None:
    client = start({"people": {"read": 0}, "templates": {"answers_without_status": 1.0}})
    assert "message_status" not in client.send("+525555500107").json()["messages"][0]
    client.control("scenario", {"templates": {"answers_paused": 1.0}})
    assert client.send("+525555500108").json()["messages"][0]["message_status"] == "paused"
    entries = client.settled()
    assert [(entry["outcome"], entry["truth"]) for entry in entries] == [
        ("accepted", "delivered"),
        ("paused", "paused"),
    ]


def test_the_other_spelling_may_come_back(start: Start) -> None:
    client = start({"people": {"other_spelling": 1.0}})
    answer = client.send("+5215555500109").json()
    assert answer["contacts"] == [{"input": "+5215555500109", "wa_id": "525555500109"}]
    answer = client.send("+525555500110").json()
    assert answer["contacts"] == [{"input": "+525555500110", "wa_id": "5215555500110"}]


def test_a_person_known_by_id_only_has_no_phone_in_answers_and_statuses(start: Start, receiver: Receiver) -> None:
    client = start({"people": {"hidden_phone": 1.0}})
    answer = client.send("+525555500111").json()
    assert set(answer["contacts"][0]) == {"input", "user_id"}
    receiver.until(receiver.statuses)
    assert "recipient_id" not in receiver.statuses()[0]
    assert receiver.statuses()[0]["recipient_user_id"] == answer["contacts"][0]["user_id"]

"""People who write back."""

from tests.sandbox.client import NUMBER, SALE
from tests.sandbox.conftest import Start
from tests.sandbox.receiver import Receiver

SALE_WITH_BUTTON = [
    *SALE,
    {
        "type": "button",
        "sub_type": "quick_reply",
        "index": "0",
        "parameters": [{"type": "payload", "payload": "optout:marketing:c1"}],
    },
]
SOON = {"reply_after_s": 0.01, "read": 0.0}


def test_some_answer_stop(start: Start, receiver: Receiver) -> None:
    client = start({"people": {**SOON, "stop_replies": 1.0, "stop_words": [" Stop. "]}})
    client.accepted("+525555500001")
    receiver.until(receiver.messages)
    (message,) = receiver.messages()
    assert (message["from"], message["type"], message["text"]) == ("525555500001", "text", {"body": " Stop. "})
    assert "context" not in message
    (value,) = [value for value in receiver.values() if "messages" in value]
    assert value["contacts"] == [{"profile": {"name": "Person 0001"}, "wa_id": "525555500001"}]
    assert value["metadata"]["phone_number_id"] == NUMBER


def test_some_press_the_button_that_stops(start: Start, receiver: Receiver) -> None:
    client = start({"people": {**SOON, "button_stops": 1.0}})
    wamid = client.accepted(components=SALE_WITH_BUTTON)
    receiver.until(receiver.messages)
    (message,) = receiver.messages()
    assert message["button"] == {"payload": "optout:marketing:c1", "text": "Stop promotions"}
    assert message["context"]["id"] == wamid
    assert message["type"] == "button"


def test_a_button_without_payload_brings_its_label(start: Start, receiver: Receiver) -> None:
    client = start({"people": {**SOON, "button_stops": 1.0}})
    client.accepted()
    receiver.until(receiver.messages)
    assert receiver.messages()[0]["button"] == {"payload": "Stop promotions", "text": "Stop promotions"}


def test_some_stop_in_the_app_and_get_no_marketing_any_more(start: Start, receiver: Receiver) -> None:
    client = start({"people": {**SOON, "in_app_stops": 1.0}})
    client.accepted("+525555500001")
    receiver.until(lambda: receiver.values("user_preferences"))
    (preference,) = receiver.values("user_preferences")[0]["user_preferences"]
    assert (preference["wa_id"], preference["value"]) == ("525555500001", "stop")
    assert isinstance(preference["timestamp"], int)
    client.accepted("+5215555500001")
    assert client.settled()[-1]["error_code"] == 131050


def test_a_resume_in_the_app_undoes_a_stop(start: Start) -> None:
    client = start({"people": {"read": 0}})
    client.control("preferences", {"from": "525555500001", "value": "stop"})
    client.control("preferences", {"from": "525555500001", "value": "resume"})
    client.accepted()
    assert client.settled()[-1]["truth"] == "delivered"


def test_small_talk_opens_a_window_and_nothing_more(start: Start, receiver: Receiver) -> None:
    client = start({"people": {**SOON, "other_replies": 1.0}})
    client.accepted()
    receiver.until(receiver.messages)
    assert "stop" not in receiver.messages()[0]["text"]["body"].lower()


def test_a_person_can_be_played_from_outside(start: Start, receiver: Receiver) -> None:
    client = start()
    client.control("inbound", {"from": "+525555500001", "text": "BAJA"})
    press = {"payload": "optout", "text": "Stop promotions"}
    client.control("inbound", {"from": "525555500002", "button": press, "reply_to": "wamid.X"})
    client.control("inbound", {"from": "525555500003", "new_number": "525555500004"})
    client.control("inbound", {"from": "525555500005", "text": "Hi", "hidden": True})
    receiver.until(lambda: len(receiver.messages()) == 4)
    text, button, system, hidden = receiver.messages()
    assert text["text"]["body"] == "BAJA"
    assert button["context"]["id"] == "wamid.X"
    assert system["system"]["wa_id"] == "525555500004"
    assert system["system"]["type"] == "user_changed_number"
    assert "from" not in hidden
    assert hidden["from_user_id"].startswith("US.")
    ids = [message["id"] for message in receiver.messages()]
    assert len(set(ids)) == 4


def test_a_person_on_premise_writes_a_flat_webhook(start: Start, receiver: Receiver) -> None:
    client = start(dialects=("d360-onprem",))
    client.control("inbound", {"from": "525555500001", "text": "STOP"})
    receiver.until(lambda: receiver.posts)
    content = receiver.posts[0].json()
    assert set(content) == {"contacts", "messages"}
    assert content["messages"][0]["id"].startswith("ABG")

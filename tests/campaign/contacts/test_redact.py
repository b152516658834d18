"""One person out of a webhook, and nothing else of it."""

import json

from campaign.contacts.redact import redact
from campaign.providers.events import read_webhook
from tests.factories import NOON

ANN, BOB = "12025550111", "12025550122"
MARKS = [ANN, "wamid.ann"]


def body(value: dict[str, object]) -> bytes:
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def status(phone: str, wamid: str, message: int) -> dict[str, object]:
    at = str(int(NOON.timestamp()))
    mark = f"c1:m{message}:a1"
    return {"id": wamid, "status": "read", "timestamp": at, "recipient_id": phone, "biz_opaque_callback_data": mark}


def test_a_report_still_finds_its_message_by_our_callback_data() -> None:
    clean = redact(body({"statuses": [status(ANN, "wamid.ann", 1), status(BOB, "wamid.bob", 2)]}), MARKS)
    events = read_webhook("cloud", clean).deliveries
    assert [(event.callback_data, event.status) for event in events] == [("c1:m1:a1", "read"), ("c1:m2:a1", "read")]
    assert [mark in clean for mark in (ANN.encode(), b"wamid.ann")] == [False, False]
    assert [mark in clean for mark in (BOB.encode(), b"wamid.bob")] == [True, True]


def test_what_they_wrote_and_their_name_go_while_others_stay() -> None:
    contacts = [{"wa_id": phone, "profile": {"name": name}} for phone, name in ((ANN, "Ann"), (BOB, "Bob"))]
    messages = [
        {"from": phone, "id": f"in.{phone}", "timestamp": "1", "type": "text", "text": {"body": f"I am {phone[-2:]}"}}
        for phone in (ANN, BOB)
    ]
    clean = redact(body({"contacts": contacts, "messages": messages}), MARKS).decode()
    assert [words in clean for words in ("Ann", "I am 11", ANN)] == [False, False, False]
    assert [words in clean for words in ("Bob", "I am 22", BOB)] == [True, True, True]


def test_a_phone_as_a_number_and_in_a_sentence_goes_too() -> None:
    clean = redact(json.dumps({"about": int(ANN), "text": f"call +{ANN} now"}).encode(), MARKS)
    assert json.loads(clean) == {"about": "erased", "text": "call +erased now"}


def test_what_is_no_json_loses_the_marks() -> None:
    assert redact(f"from={ANN}&x=\xff".encode("latin-1"), MARKS) == b"from=erased&x=\xff"

"""The outside of a message: what the platform wants to see around a template."""

from typing import Any

import pytest

from sandbox.envelope import read_json
from sandbox.events import user_id_of
from sandbox.refusals import Refusal
from tests.sandbox.client import Client, message, refusal, text_message

GOOD = message("+525555500001")
TEMPLATE: dict[str, Any] = GOOD["template"]


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name != key}


def with_template(**changes: Any) -> dict[str, Any]:
    return {**GOOD, "template": {**TEMPLATE, **changes}}


REFUSED = [
    (without("messaging_product"), 400, 100, "The parameter messaging_product is required."),
    ({**GOOD, "messaging_product": "sms"}, 400, 100, "must be one of"),
    (without("to"), 400, 100, "The parameter to is required."),
    ({**GOOD, "to": 525555500001}, 400, 100, "must be a string"),
    ({**GOOD, "to": "anna"}, 400, 131009, "not a valid phone number"),
    ({**GOOD, "to": "+123"}, 400, 131009, "not a valid phone number"),
    ({**GOOD, "to": "0555555500001"}, 400, 131009, "not a valid phone number"),
    ({**GOOD, "recipient_type": "group"}, 400, 131009, "recipient_type"),
    ({**without("to"), "recipient": "US.1"}, 400, 131009, "not the id of a user"),
    ({**GOOD, "colour": "red"}, 400, 100, 'Unexpected key "colour"'),
    ({**GOOD, "biz_opaque_callback_data": "x" * 513}, 400, 100, "at most 512"),
    ({**GOOD, "biz_opaque_callback_data": 7}, 400, 100, "must be a string"),
    ({**GOOD, "type": "hologram"}, 400, 131051, "not supported"),
    (without("template"), 400, 131008, "'template' is mandatory"),
    ({**GOOD, "template": "spring_sale"}, 400, 100, "must be a JSON object"),
    (with_template(name=""), 400, 131008, "template['name']"),
    (with_template(language=None), 400, 131008, "template['language']"),
    (with_template(language={"policy": "deterministic"}), 400, 131008, "['code']"),
    (with_template(language={"code": "en_US", "policy": "fallback"}), 400, 100, "DETERMINISTIC"),
    (with_template(language={"code": "en_US", "tone": "warm"}), 400, 100, 'Unexpected key "tone"'),
    (with_template(namespace="0f1c"), 400, 100, 'Unexpected key "namespace"'),
    (with_template(name="nowhere"), 404, 132001, "template name (nowhere) does not exist in en_US"),
    (with_template(language={"code": "en-US"}), 404, 132001, "does not exist in en-US"),
    (with_template(name="free_money", components=[]), 404, 132001, "does not exist"),
    (with_template(name="winter_clearance"), 400, 132015, "paused"),
    (text_message("+525555500001", ""), 400, 100, "text['body']"),
    (text_message("+525555500001", "x" * 4097), 400, 100, "4096"),
    ({**text_message("+525555500001"), "text": {"body": "a", "preview_url": "yes"}}, 400, 100, "boolean"),
    ([], 400, 100, "must be a JSON object"),
]


@pytest.mark.parametrize(("body", "status", "code", "details"), REFUSED)
def test_what_the_platform_would_refuse_is_refused(
    client: Client, body: Any, status: int, code: int, details: str
) -> None:
    given = refusal(client.post(body))
    assert given[:2] == (status, code)
    assert details in given[2]


@pytest.mark.parametrize("to", ["525555500002", "+525555500002", "+52 (55) 5550-0002", "52.5555.500002"])
def test_a_recipient_may_be_spelt_with_plus_and_separators(client: Client, to: str) -> None:
    client.control("scenario", {"limits": {"pair_interval_s": 0}})
    assert client.send(to).json()["contacts"] == [{"input": to, "wa_id": "525555500002"}]


def test_a_person_may_be_named_by_id_alone(client: Client) -> None:
    user_id = user_id_of("525555500003")
    answer = client.post({**without("to"), "recipient": user_id})
    assert answer.json()["contacts"] == [{"input": "", "user_id": user_id}]


def test_codes_to_log_in_need_a_phone(client: Client) -> None:
    components = [
        {"type": "body", "parameters": [{"type": "text", "text": "493817"}]},
        {"type": "button", "sub_type": "url", "index": 0, "parameters": [{"type": "text", "text": "493817"}]},
    ]
    login = message("", name="login_code", components=components)
    del login["to"]
    assert refusal(client.post({**login, "recipient": user_id_of("525555500003")}))[1] == 131062


def test_an_inbound_message_can_be_marked_as_read(client: Client) -> None:
    total = client.control("ledger")["total"]
    answer = client.post({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.X"})
    assert answer.json() == {"success": True}
    assert client.control("ledger")["total"] == total


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b"\xff\xfe"])
def test_a_body_that_is_no_object_is_refused(raw: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_json(raw)
    assert refused.value.code == 100

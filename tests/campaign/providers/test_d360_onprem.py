"""The retired On-Premise API over a real connection."""

import json

import pytest

from campaign.providers.base import Accepted, OutboundTemplate, Outcome, Refused
from campaign.providers.d360_onprem import OnPremProvider
from campaign.providers.transport import Wire
from campaign.settings import Settings
from tests.campaign.providers.listening import Answers, json_bytes
from tests.campaign.providers.wire_server import wire_server
from tests.fixtures.reading import answer

MESSAGE = OutboundTemplate("+12025550111", "spring_sale", "en_US", [], "c1:m1:a1", namespace="ns")
UNKNOWN = json_bytes(answer("d360_onprem_error_1006"), "404 Not Found")


async def send(settings: Settings, server: Answers) -> Outcome:
    async with wire_server(server) as base:
        onprem = OnPremProvider(Wire(settings), base_url=f"{base}/v1/", api_key="secret-key")
        outcome = await onprem.send(MESSAGE)
        await onprem.aclose()
    return outcome


async def test_a_message_goes_out_with_key_and_namespace(settings: Settings) -> None:
    server = Answers(json_bytes(answer("d360_onprem_send_ok"), "201 Created"))
    assert await send(settings, server) == Accepted("gBGHEgJVUBERTwIJFicTionAl0001")
    assert server.asked == ["POST /v1/messages"]
    assert "d360-api-key: secret-key" in server.heads[0].lower()
    body = json.loads(server.bodies[0])
    assert body["template"]["namespace"] == "ns"
    assert not {"messaging_product", "biz_opaque_callback_data"} & set(body)


@pytest.mark.parametrize(
    ("contact", "code"),
    [
        (json_bytes({"contacts": [{"input": "+12025550111", "status": "valid", "wa_id": "12025550111"}]}), 1006),
        (json_bytes({"contacts": [{"input": "+12025550111", "status": "invalid"}]}), 1013),
        (json_bytes({"contacts": []}), 1006),
        (json_bytes({"contacts": "none"}), 1006),
        (json_bytes({}, "500 Oops"), 1006),
    ],
)
async def test_an_unknown_contact_is_asked_for_and_never_sent_to_at_once(
    settings: Settings, contact: bytes, code: int
) -> None:
    """The second try needs a permit of its own."""
    server = Answers(UNKNOWN, contact)
    outcome = await send(settings, server)
    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert server.asked == ["POST /v1/messages", "POST /v1/contacts"]
    assert json.loads(server.bodies[1]) == {"blocking": "wait", "contacts": ["+12025550111"], "force_check": True}


async def test_an_id_with_odd_letters_stays_one_part_of_the_path(settings: Settings) -> None:
    server = Answers(json_bytes({}))
    async with wire_server(server) as base:
        onprem = OnPremProvider(Wire(settings), base_url=f"{base}/v1", api_key="secret-key")
        await onprem.mark_read("a/b+c=")
        await onprem.aclose()
    assert server.asked == ["PUT /v1/messages/a%2Fb%2Bc="]
    assert json.loads(server.bodies[0]) == {"status": "read"}

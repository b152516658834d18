"""360dialog's hosting of the Cloud API over a real connection."""

import json

from campaign.providers.base import Accepted, OutboundTemplate, Refused, Uncertain
from campaign.providers.d360 import D360Provider
from campaign.providers.transport import Wire
from campaign.settings import Settings
from tests.campaign.providers.listening import Answers, json_bytes
from tests.campaign.providers.wire_server import wire_server
from tests.fixtures.reading import answer

MESSAGE = OutboundTemplate("+12025550111", "spring_sale", "en_US", [], "c1:m1:a1")


def provider(settings: Settings, base: str) -> D360Provider:
    return D360Provider(Wire(settings), base_url=f"{base}/", api_key="secret-key")


async def test_a_message_goes_to_the_host_with_the_key(settings: Settings) -> None:
    server = Answers(json_bytes(answer("cloud_send_accepted")))
    async with wire_server(server) as base:
        d360 = provider(settings, base)
        outcome = await d360.send(MESSAGE)
        await d360.aclose()
    assert isinstance(outcome, Accepted)
    assert server.asked == ["POST /messages"]
    assert "d360-api-key: secret-key" in server.heads[0].lower()
    assert "authorization" not in server.heads[0].lower()
    body = json.loads(server.bodies[0])
    assert (body["to"], body["biz_opaque_callback_data"]) == ("12025550111", "c1:m1:a1")


async def test_the_gateways_sentence_is_kept(settings: Settings) -> None:
    server = Answers(json_bytes(answer("d360_cloud_error_rate_limit"), "400 Bad Request"), json_bytes({}, "500 Oops"))
    async with wire_server(server) as base:
        d360 = provider(settings, base)
        limited, broken = await d360.send(MESSAGE), await d360.send(MESSAGE)
        await d360.aclose()
    assert limited == Refused(None, "You have exceeded the endpoint rate limit.", 400)
    assert isinstance(broken, Uncertain)

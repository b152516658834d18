"""Meta's Cloud API over a real connection."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from campaign.errors import PlatformError
from campaign.providers.base import Accepted, OutboundTemplate
from campaign.providers.cloud import CloudProvider
from campaign.providers.transport import Wire
from campaign.settings import Settings
from tests.campaign.providers.listening import Answers
from tests.campaign.providers.wire_server import answer_bytes, wire_server

ANSWERS = Path(__file__).parents[2] / "fixtures" / "answers"
MESSAGE = OutboundTemplate("+12025550111", "spring_sale", "en_US", [], "c1:m1:a1")


def provider(settings: Settings, base: str) -> CloudProvider:
    ids = {"phone_number_id": "100000000000020", "waba_id": "100000000000010"}
    return CloudProvider(Wire(settings), base_url=f"{base}/v23.0/", token="secret-token", **ids)


async def test_a_message_goes_to_the_number_with_the_token(settings: Settings) -> None:
    server = Answers(answer_bytes((ANSWERS / "cloud_send_accepted.json").read_bytes()))
    async with wire_server(server) as base:
        cloud = provider(settings, base)
        outcome = await cloud.send(MESSAGE)
        await cloud.aclose()
    assert isinstance(outcome, Accepted)
    head = server.heads[0].lower()
    assert head.startswith("post /v23.0/100000000000020/messages http/1.1")
    assert "authorization: bearer secret-token" in head
    assert "content-type: application/json" in head
    assert json.loads(server.bodies[0])["to"] == "+12025550111"


async def test_templates_are_read_from_every_page(settings: Settings) -> None:
    first = (ANSWERS / "cloud_templates_page.json").read_bytes()
    last = json.dumps({"data": [{"id": 7, "name": "late", "language": "es", "status": "approved"}], "paging": {}})
    server = Answers(answer_bytes(first), answer_bytes(last.encode()))
    async with wire_server(server) as base:
        cloud = provider(settings, base)
        templates = await cloud.list_templates()
        await cloud.aclose()
    assert [(t.name, t.status, t.category, t.parameter_format, t.quality) for t in templates] == [
        ("spring_offer", "APPROVED", "marketing", "POSITIONAL", "UNKNOWN"),
        ("order_shipped", "PAUSED", "utility", "NAMED", "RED"),
        ("late", "APPROVED", "", "POSITIONAL", None),
    ]
    assert templates[2].platform_id == "7"
    queries = [parse_qs(urlsplit(head.split(" ")[1]).query) for head in server.heads]
    assert "after" not in queries[0]
    assert queries[1]["after"] == ["MjQZD"]
    assert "message_send_ttl_seconds" in queries[0]["fields"][0]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (answer_bytes((ANSWERS / "cloud_error_190.json").read_bytes(), "401 Unauthorized"), "HTTP 401: code 190"),
        (answer_bytes(b"<html>", "502 Bad Gateway"), "HTTP 502"),
        (answer_bytes(b"[]"), "HTTP 200"),
    ],
)
async def test_a_refused_list_says_what_the_platform_said(settings: Settings, answer: bytes, words: str) -> None:
    async with wire_server(Answers(answer)) as base:
        cloud = provider(settings, base)
        with pytest.raises(PlatformError, match=words) as raised:
            await cloud.list_templates()
        await cloud.aclose()
    assert "secret-token" not in str(raised.value)


async def test_a_platform_out_of_reach_is_said(settings: Settings) -> None:
    cloud = provider(settings, "http://127.0.0.1:1")
    with pytest.raises(PlatformError, match="cannot be reached"):
        await cloud.list_templates()
    await cloud.aclose()

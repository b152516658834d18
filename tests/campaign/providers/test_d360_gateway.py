"""Paging through the gateway's templates, whatever it makes of `limit` and `offset`."""

from typing import Any

import pytest

from campaign.errors import PlatformError
from campaign.providers import d360_gateway
from campaign.providers.base import TemplateRecord
from campaign.providers.d360_gateway import D360Gateway
from campaign.providers.transport import Wire
from campaign.settings import Settings
from tests.campaign.providers.listening import Answers, json_bytes
from tests.campaign.providers.wire_server import wire_server


def page(first: int, count: int) -> bytes:
    return json_bytes({"waba_templates": [{"name": f"t{first + n}", "language": "en"} for n in range(count)]})


async def listed(settings: Settings, server: Answers) -> list[TemplateRecord]:
    async with wire_server(server) as base:
        wire = Wire(settings)
        try:
            return await D360Gateway(wire, f"{base}/v1", "key").list_templates()
        finally:
            await wire.aclose()


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(d360_gateway, "TEMPLATES_PER_PAGE", 3)
    monkeypatch.setattr(d360_gateway, "MAX_PAGES", 4)


@pytest.mark.parametrize(
    ("pages", "templates", "requests"),
    [
        ([page(0, 2)], 2, 1),
        ([page(0, 3), page(3, 1)], 4, 2),
        ([page(0, 3), page(3, 0)], 3, 2),
        ([page(0, 3), page(0, 3)], 3, 2),  # knows no offset
        ([page(0, 7)], 7, 1),  # knows no limit
    ],
)
async def test_every_template_is_read_once(
    settings: Settings, pages: list[bytes], templates: int, requests: int
) -> None:
    server = Answers(*pages)
    assert len(await listed(settings, server)) == templates
    assert len(server.asked) == requests
    assert server.asked[0] == "GET /v1/configs/templates?limit=3&offset=0"


async def test_pages_without_end_are_given_up(settings: Settings) -> None:
    with pytest.raises(PlatformError, match="more than 4 pages"):
        await listed(settings, Answers(*(page(3 * n, 3) for n in range(4))))


@pytest.mark.parametrize("content", [{}, {"waba_templates": None}, {"waba_templates": {}}])
async def test_an_answer_without_a_list_is_said(settings: Settings, content: dict[str, Any]) -> None:
    with pytest.raises(PlatformError, match="without waba_templates"):
        await listed(settings, Answers(json_bytes(content)))

"""Requests that wait for their turn: all that 360dialog limits beside messages, and no message."""

from collections.abc import Mapping

import httpx
import pytest

from campaign.errors import PlatformError
from campaign.providers.base import Accepted, OutboundTemplate, WebhookAddress
from campaign.providers.d360 import D360Provider
from campaign.providers.d360_onprem import OnPremProvider
from campaign.providers.media import d360_upload
from campaign.providers.transport import Answer, Wire
from campaign.providers.turns import in_turn
from campaign.settings import Settings


class Recording(Wire):
    """A wire that leads nowhere and remembers what happened in which order."""

    def __init__(self, told: list[str]) -> None:
        super().__init__(Settings(_env_file=None))
        self.told = told

    async def exchange(
        self, method: str, url: httpx.URL | str, headers: Mapping[str, str], content: bytes | None = None
    ) -> Answer:
        self.told.append(f"{method} {httpx.URL(url).path}")
        return Answer(200, b'{"messages": [{"id": "w"}], "waba_templates": [], "id": "7"}', {})


@pytest.mark.parametrize("kind", [D360Provider, OnPremProvider])
async def test_all_but_messages_takes_a_turn(kind: type[D360Provider] | type[OnPremProvider]) -> None:
    told: list[str] = []

    async def turn() -> None:
        told.append("turn")

    provider = kind(Recording(told), base_url="http://127.0.0.1:9/v1", api_key="k", turn=turn)
    assert await provider.send(OutboundTemplate("+12015550100", "spring", "en", (), "c1:m1:a1")) == Accepted("w")
    assert "turn" not in told
    await provider.list_templates()
    await provider.register_webhook(WebhookAddress("https://example.com", "s"))
    assert [each.rpartition("/")[2] for each in told] == ["messages", "turn", "templates", "turn", "webhook"]
    await provider.aclose()


async def test_an_upload_takes_a_turn_and_one_that_does_not_come_is_no_upload() -> None:
    told: list[str] = []

    async def never() -> None:
        raise PlatformError("more are waiting already")

    door = d360_upload(in_turn(Recording(told), never), base_url="http://127.0.0.1:9", api_key="k")
    with pytest.raises(PlatformError, match="waiting already"):
        await door.upload("a.png", "image/png", b"x")
    assert told == []
    await door.aclose()

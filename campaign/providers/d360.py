"""360dialog's hosting of the Cloud API: address and key around Meta's envelope. Source: platform.md A.1, C.4."""

import httpx

from campaign.providers.answers import read_send_answer
from campaign.providers.base import (
    NotSent,
    NumberInfo,
    OutboundTemplate,
    OutboundText,
    Outcome,
    TemplateRecord,
    Uncertain,
    WebhookAddress,
)
from campaign.providers.d360_gateway import D360Gateway
from campaign.providers.number import read_health
from campaign.providers.payload import cloud_read, d360_body, d360_text
from campaign.providers.transport import Wire
from campaign.providers.turns import Turn, in_turn


class D360Provider:
    """A number at 360dialog; the key tells which. `base_url` is the host alone, `turn` for all but messages."""

    def __init__(self, wire: Wire, *, base_url: str, api_key: str, turn: Turn | None = None) -> None:
        base = base_url.rstrip("/")
        self._wire = wire
        self._gateway = D360Gateway(in_turn(wire, turn), f"{base}/v1", api_key)
        self._messages = httpx.URL(f"{base}/messages")
        self._health = f"{base}/health_status"
        self._headers = self._gateway.key | {"content-type": "application/json"}

    async def send(self, message: OutboundTemplate) -> Outcome:
        """Hand over one message. Never raises for anything the network or the platform does."""
        return await self._hand_over(d360_body(message))

    async def send_text(self, message: OutboundText) -> Outcome:
        """Hand over free-form text."""
        return await self._hand_over(d360_text(message))

    async def mark_read(self, inbound_id: str) -> None:
        """Show a person that their message was read. Source: platform.md A.6."""
        await self._gateway.manage.send("POST", str(self._messages), cloud_read(inbound_id))

    async def list_templates(self) -> list[TemplateRecord]:
        """Every template of the account, all pages.

        raises  PlatformError when the gateway refuses, does not answer, or pages without end
        """
        return await self._gateway.list_templates()

    async def read_number(self) -> NumberInfo:
        """The health of the number: all that this dialect tells."""
        return read_health(await self._gateway.manage.get(self._health))

    async def register_webhook(self, address: WebhookAddress) -> None:
        """Set the address of this number."""
        await self._gateway.register_webhook(address)

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._wire.aclose()

    async def _hand_over(self, body: bytes) -> Outcome:
        answer = await self._wire.exchange("POST", self._messages, self._headers, body)
        return answer if isinstance(answer, NotSent | Uncertain) else read_send_answer(answer)

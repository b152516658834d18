"""360dialog's hosting of the On-Premise API, which Meta retired in October 2025. Source: platform.md A.1, A.3, C.5.

It brings no callback data back, so a request without an answer can never be matched to a report: such a message waits
for a person.
"""

from urllib.parse import quote

import httpx

from campaign.errors import PlatformError
from campaign.providers.answers import read_send_answer
from campaign.providers.base import (
    NotSent,
    NumberInfo,
    OutboundTemplate,
    OutboundText,
    Outcome,
    Refused,
    TemplateRecord,
    Uncertain,
    WebhookAddress,
)
from campaign.providers.d360_gateway import D360Gateway
from campaign.providers.payload import onprem_body, onprem_text
from campaign.providers.transport import Wire
from campaign.providers.turns import Turn, in_turn

UNKNOWN_CONTACT = 1006
NOT_ON_WHATSAPP = 1013


class OnPremProvider:
    """A number on the retired client; the key tells which. `base_url` ends in `/v1`, `turn` for all but messages."""

    def __init__(self, wire: Wire, *, base_url: str, api_key: str, turn: Turn | None = None) -> None:
        base = base_url.rstrip("/")
        self._wire = wire
        self._gateway = D360Gateway(in_turn(wire, turn), base, api_key)
        self._messages = httpx.URL(f"{base}/messages")
        self._contacts = f"{base}/contacts"
        self._headers = self._gateway.key | {"content-type": "application/json"}

    async def send(self, message: OutboundTemplate) -> Outcome:
        """Hand over one message. Never raises for anything the network or the platform does."""
        return await self._hand_over(message.to, onprem_body(message))

    async def send_text(self, message: OutboundText) -> Outcome:
        """Hand over free-form text."""
        return await self._hand_over(message.to, onprem_text(message))

    async def mark_read(self, inbound_id: str) -> None:
        """Show a person that their message was read. Source: platform.md A.6."""
        await self._gateway.manage.put(f"{self._messages}/{quote(inbound_id, safe='')}", {"status": "read"})

    async def list_templates(self) -> list[TemplateRecord]:
        """Every template of the account, all pages, each with the namespace that its messages need.

        raises  PlatformError when the gateway refuses, does not answer, or pages without end
        """
        return await self._gateway.list_templates()

    async def read_number(self) -> NumberInfo:
        """Nothing: the dialect has no such question. Source: platform.md A.1."""
        return NumberInfo()

    async def register_webhook(self, address: WebhookAddress) -> None:
        """Set the address of this number."""
        await self._gateway.register_webhook(address)

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._wire.aclose()

    async def _hand_over(self, to: str, body: bytes) -> Outcome:
        answer = await self._wire.exchange("POST", self._messages, self._headers, body)
        outcome = answer if isinstance(answer, NotSent | Uncertain) else read_send_answer(answer)
        if isinstance(outcome, Refused) and outcome.code == UNKNOWN_CONTACT:
            return await self._introduce(to, outcome)
        return outcome

    async def _introduce(self, to: str, refused: Refused) -> Refused:
        """Check a contact that the client does not know. The message is tried again later, with a permit of its own."""
        question = {"blocking": "wait", "contacts": [to], "force_check": True}
        try:
            contacts = (await self._gateway.manage.post(self._contacts, question)).get("contacts")
        except PlatformError:
            return refused  # the next try asks again
        contact = contacts[0] if isinstance(contacts, list) and contacts else None
        if isinstance(contact, dict) and contact.get("status") == "invalid":
            return Refused(NOT_ON_WHATSAPP, "the contact check answered invalid", refused.http_status)
        return refused

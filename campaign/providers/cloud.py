"""Meta's Cloud API: address, key and envelope."""

from collections.abc import Mapping
from typing import Any

import httpx

from campaign.errors import PlatformError
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
from campaign.providers.management import Management
from campaign.providers.number import GRAPH_FIELDS, read_graph_number
from campaign.providers.payload import cloud_body, cloud_read, cloud_text
from campaign.providers.templates import read_graph_template
from campaign.providers.transport import Wire

TEMPLATE_FIELDS = (
    "id,name,language,status,category,components,quality_score,rejected_reason,parameter_format,"
    "message_send_ttl_seconds"
)
TEMPLATES_PER_PAGE = 100
MAX_PAGES = 200


class CloudProvider:
    """A number at Meta. `base_url` carries the version, such as `https://graph.facebook.com/v23.0`."""

    def __init__(self, wire: Wire, *, base_url: str, token: str, phone_number_id: str, waba_id: str) -> None:
        base = base_url.rstrip("/")
        key = {"authorization": f"Bearer {token}"}
        self._wire = wire
        self._manage = Management(wire, key)
        self._number = f"{base}/{phone_number_id}"
        self._account = f"{base}/{waba_id}"
        self._messages = httpx.URL(f"{self._number}/messages")
        self._headers = key | {"content-type": "application/json"}

    async def send(self, message: OutboundTemplate) -> Outcome:
        """Hand over one message. Never raises for anything the network or the platform does."""
        return await self._hand_over(cloud_body(message))

    async def send_text(self, message: OutboundText) -> Outcome:
        """Hand over free-form text."""
        return await self._hand_over(cloud_text(message))

    async def mark_read(self, inbound_id: str) -> None:
        """Show a person that their message was read. Source: platform.md A.6."""
        await self._manage.send("POST", str(self._messages), cloud_read(inbound_id))

    async def list_templates(self) -> list[TemplateRecord]:
        """Every template of the WABA, all pages.

        raises  PlatformError when the platform refuses, does not answer, or pages without end
        """
        found: list[TemplateRecord] = []
        url = f"{self._account}/message_templates"
        query: Mapping[str, Any] = {"fields": TEMPLATE_FIELDS, "limit": TEMPLATES_PER_PAGE}
        for _ in range(MAX_PAGES):
            page = await self._manage.get(url, query)
            items = page.get("data")
            if not isinstance(items, list):
                raise PlatformError(f"{url} answered without a list of templates; check the sender's ids")
            found += [read_graph_template(item) for item in items if isinstance(item, dict)]
            after = _next_cursor(page)
            if after is None:
                return found
            query = {**query, "after": after}
        raise PlatformError(f"{url} gave more than {MAX_PAGES} pages of templates; none were kept")

    async def read_number(self) -> NumberInfo:
        """What Graph tells about the number. Source: platform.md A.2."""
        return read_graph_number(await self._manage.get(self._number, {"fields": GRAPH_FIELDS}))

    async def register_webhook(self, address: WebhookAddress) -> None:
        """Override the app's address for this account; Meta asks the new one for its consent first.

        Only messages and statuses follow an override; events of templates and accounts go to the app's address.

        source  platform.md A.1
        """
        override = {"override_callback_uri": address.url, "verify_token": address.secret}
        await self._manage.post(f"{self._account}/subscribed_apps", override)

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._wire.aclose()

    async def _hand_over(self, body: bytes) -> Outcome:
        answer = await self._wire.exchange("POST", self._messages, self._headers, body)
        return answer if isinstance(answer, NotSent | Uncertain) else read_send_answer(answer)


def _next_cursor(page: Mapping[str, Any]) -> str | None:
    paging = page.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return None
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return str(after) if after else None

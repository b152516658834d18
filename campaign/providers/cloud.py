"""Meta's Cloud API: address, key and envelope."""

from collections.abc import Mapping
from typing import Any

import httpx

from campaign.errors import PlatformError
from campaign.providers.answers import read_send_answer
from campaign.providers.base import NotSent, OutboundTemplate, Outcome, TemplateRecord, Uncertain
from campaign.providers.management import read_json
from campaign.providers.payload import cloud_body
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
        self._wire = wire
        self._messages = httpx.URL(f"{base_url.rstrip('/')}/{phone_number_id}/messages")
        self._templates = f"{base_url.rstrip('/')}/{waba_id}/message_templates"
        self._auth = {"authorization": f"Bearer {token}"}
        self._headers = self._auth | {"content-type": "application/json"}

    async def send(self, message: OutboundTemplate) -> Outcome:
        """Hand over one message. Never raises for anything the network or the platform does."""
        answer = await self._wire.exchange("POST", self._messages, self._headers, cloud_body(message))
        return answer if isinstance(answer, NotSent | Uncertain) else read_send_answer(answer)

    async def list_templates(self) -> list[TemplateRecord]:
        """Every template of the WABA, all pages.

        raises  PlatformError when the platform refuses, does not answer, or pages without end
        """
        found: list[TemplateRecord] = []
        query: Mapping[str, Any] = {"fields": TEMPLATE_FIELDS, "limit": TEMPLATES_PER_PAGE}
        for _ in range(MAX_PAGES):
            page = await self._get(self._templates, query)
            found += [read_graph_template(item) for item in page.get("data", []) if isinstance(item, dict)]
            after = page.get("paging", {}).get("cursors", {}).get("after")
            if not after or not page.get("paging", {}).get("next"):
                return found
            query = {**query, "after": after}
        raise PlatformError(f"{self._templates} gave more than {MAX_PAGES} pages of templates; none were kept")

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._wire.aclose()

    async def _get(self, url: str, query: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self._wire.exchange("GET", httpx.URL(url, params=dict(query)), self._auth)
        return read_json(answer, url)

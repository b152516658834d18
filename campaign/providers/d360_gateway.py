"""What both dialects of 360dialog share: the key, the templates, the webhook address. Source: platform.md A.1."""

from typing import Any

from campaign.errors import PlatformError
from campaign.providers.base import TemplateRecord, WebhookAddress
from campaign.providers.management import Management
from campaign.providers.templates import read_d360_template
from campaign.providers.turns import Carrier

TEMPLATES_PER_PAGE = 100
MAX_PAGES = 200


class D360Gateway:
    """The configuration of one number at 360dialog. `base` ends in `/v1`."""

    def __init__(self, wire: Carrier, base: str, api_key: str) -> None:
        self.key = {"D360-API-KEY": api_key}
        self.manage = Management(wire, self.key)
        self._configs = f"{base}/configs"

    async def list_templates(self) -> list[TemplateRecord]:
        """Every template of the account, all pages.

        raises  PlatformError when the gateway refuses, does not answer, or pages without end
        """
        found: dict[tuple[str, str], TemplateRecord] = {}
        for page in range(MAX_PAGES):
            items = await self._page(page * TEMPLATES_PER_PAGE)
            records = [read_d360_template(item) for item in items if isinstance(item, dict)]
            known = len(found)
            found |= {(record.name, record.language): record for record in records}
            # Paging is known from third parties only, platform.md K.2: a gateway that knows none gives everything at
            # once, or the same page again.
            if len(items) != TEMPLATES_PER_PAGE or len(found) == known:
                return list(found.values())
        raise PlatformError(f"{self._configs}/templates gave more than {MAX_PAGES} pages; none were kept")

    async def register_webhook(self, address: WebhookAddress) -> None:
        """Set the one address of this number, and the header that proves where a webhook comes from."""
        document = {"url": address.url, "headers": {"Authorization": address.secret}}
        await self.manage.post(f"{self._configs}/webhook", document)

    async def _page(self, offset: int) -> list[Any]:
        url = f"{self._configs}/templates"
        items = (await self.manage.get(url, {"limit": TEMPLATES_PER_PAGE, "offset": offset})).get("waba_templates")
        if not isinstance(items, list):
            raise PlatformError(f"{url} answered without waba_templates; check the sender's base URL and key")
        return items

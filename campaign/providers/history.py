"""Meta's message history: what became of one message, asked by its wamid. Source: platform.md A.2."""

import json
from collections.abc import Mapping
from typing import Any

from campaign.providers.management import Management
from campaign.providers.transport import Wire

FIELDS = "id,message_id,events{delivery_status,timestamp,error_description}"


class CloudHistory:
    """The history of a number at Meta. Whether every account may ask is unconfirmed, platform.md K.5."""

    def __init__(self, wire: Wire, base_url: str, token: str, phone_number_id: str) -> None:
        self._wire = wire
        self._manage = Management(wire, {"authorization": f"Bearer {token}"})
        self._url = f"{base_url.rstrip('/')}/{phone_number_id}/message_history"

    async def ask(self, wamid: str) -> bytes | None:
        """A body as a webhook would bring it, with all statuses of the message; None where there are none.

        raises  PlatformError when the platform refuses or does not answer
        """
        return as_webhook(wamid, await self._manage.get(self._url, {"message_id": wamid, "fields": FIELDS}))

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._wire.aclose()


def as_webhook(wamid: str, page: Mapping[str, Any]) -> bytes | None:
    """A page of history in the envelope of webhooks, so that it is kept, merged and replayed like one. Pure."""
    rows = page.get("data")
    statuses = [
        status
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict) and isinstance(row.get("events"), dict)
        for event in row["events"].get("data", ())
        if isinstance(event, dict) and (status := _status(wamid, event))
    ]
    if not statuses:
        return None
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", "statuses": statuses}}
    return json.dumps({"object": "message_history", "entry": [{"changes": [change]}]}).encode()


def _status(wamid: str, event: Mapping[str, Any]) -> dict[str, Any] | None:
    word = str(event.get("delivery_status", "")).lower()
    if word not in _WORDS:
        return None
    status: dict[str, Any] = {"id": wamid, "status": word, "timestamp": event.get("timestamp")}
    if word == "failed":
        # History tells no code: an unknown failure is never sent again.
        status["errors"] = [{"title": str(event.get("error_description") or "told by the message history")}]
    return status


_WORDS = frozenset({"sent", "delivered", "read", "failed"})

"""Requests beside sending: a JSON object comes back, or an error in words."""

import json
from collections.abc import Mapping
from typing import Any

import httpx

from campaign.errors import PlatformError
from campaign.providers.answers import read_error
from campaign.providers.base import NotSent, Uncertain
from campaign.providers.payload import encode
from campaign.providers.transport import Answer
from campaign.providers.turns import Carrier

DONE = {200, 201}
"""Statuses of success; 201 is seen On-Premise."""


class Management:
    """Asks one provider with the key of one number. Every call raises PlatformError when it is refused."""

    def __init__(self, wire: Carrier, key: Mapping[str, str]) -> None:
        self._wire = wire
        self._key = key
        self._key_and_type = {**key, "content-type": "application/json"}

    async def get(self, url: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What stands at an address."""
        return read_json(await self._wire.exchange("GET", httpx.URL(url, params=dict(query or {})), self._key), url)

    async def put(self, url: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Change what stands at an address."""
        return await self.send("PUT", url, encode(document))

    async def post(self, url: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Hand over a document."""
        return await self.send("POST", url, encode(document))

    async def send(self, method: str, url: str, body: bytes) -> dict[str, Any]:
        """Hand over a body of JSON that is ready."""
        return read_json(await self._wire.exchange(method, url, self._key_and_type, body), url)


def read_json(answer: Answer | NotSent | Uncertain, url: str) -> dict[str, Any]:
    """The JSON object of a successful answer.

    raises  PlatformError naming the address and what the platform said
    """
    if isinstance(answer, NotSent | Uncertain):
        raise PlatformError(f"{url} cannot be reached ({answer.text}); check the sender's base URL and the network")
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    if answer.status in DONE and isinstance(body, dict):
        return body
    code, text = read_error(body if isinstance(body, dict) else None)
    said = f"code {code}, {text}" if code is not None else text or "no reason given"
    raise PlatformError(f"{url} answered HTTP {answer.status}: {said}; check the sender's token and ids")

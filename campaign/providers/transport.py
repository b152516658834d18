"""One POST or GET to the platform: what left, what came back, and whether sending again is safe.

httpx is the interface; aiohttp carries the bytes, since httpx's own pool costs eight times the CPU at 64 connections.
Requests go to httpx's transport without its client: redirects, cookies and log-ins are none of ours, and looking for
them took a third of what a request costs.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from campaign.providers.base import NotSent, Uncertain
from campaign.settings import Settings

MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""Longest answer that is read; template lists are the largest the platform gives."""

# Shorter than the 5 s after which common servers close an idle connection: a connection that is closed while it is
# taken up again loses the answer, and a message with it becomes uncertain.
IDLE_CONNECTION_S = 3.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer that was read to its end. Header names are lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Wire:
    """Carries requests to one host: bounded connections, a timeout for each phase. Belongs to one event loop."""

    def __init__(self, settings: Settings) -> None:
        limits = httpx.Limits(max_connections=settings.send_connections, keepalive_expiry=IDLE_CONNECTION_S)
        self._transport = AiohttpTransport(limits=limits, trust_env=False)
        self._timeout_s = settings.answer_timeout_s
        phases = httpx.Timeout(self._timeout_s, connect=min(settings.connect_timeout_s, self._timeout_s / 2))
        self._extensions = {"timeout": phases.as_dict()}

    async def exchange(
        self, method: str, url: httpx.URL | str, headers: Mapping[str, str], content: bytes | None = None
    ) -> Answer | NotSent | Uncertain:
        """Send a request once and read its answer.

        returns  the answer whatever its status; `NotSent` when no byte can have left; `Uncertain` otherwise
        source   platform.md C.6
        """
        try:
            request = httpx.Request(method, url, headers=headers, content=content, extensions=self._extensions)
            async with asyncio.timeout(self._timeout_s):
                return await _read(await self._transport.handle_async_request(request))
        except TimeoutError:
            return Uncertain(f"no answer within {self._timeout_s:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError) as error:
            return _without_answer(error)

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._transport.aclose()


async def _read(response: httpx.Response) -> Answer | Uncertain:
    body = bytearray()
    try:
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                return Uncertain(f"the answer was longer than {MAX_ANSWER_BYTES} bytes")
    finally:
        await response.aclose()
    return Answer(response.status_code, bytes(body), response.headers)


def _without_answer(error: Exception) -> NotSent | Uncertain:
    # The transport reports a connection that broke *after* the request as httpx.ConnectTimeout too, so only aiohttp's
    # own exception, kept as the cause, tells whether the request can have left.
    cause = error.__cause__ if isinstance(error, httpx.HTTPError) else error
    text = f"{type(cause or error).__name__}: {cause or error}"[:300]
    if isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return NotSent(text)
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return NotSent(text)
    return Uncertain(text)

"""One notice over the wire: once, with a bound on its time, to the address that was checked and to no other."""

import asyncio
from collections.abc import Mapping
from urllib.parse import SplitResult

import httpx

from campaign.errors import UsageError
from campaign.notices.address import resolved

LONGEST_ERROR = 300


class Poster:
    """Posts notices. Belongs to one event loop; follows no redirect, reads no proxy from the environment."""

    def __init__(self, *, timeout_s: float, loopback: bool) -> None:
        self._client = httpx.AsyncClient(
            timeout=timeout_s, follow_redirects=False, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )
        self._timeout_s, self._loopback = timeout_s, loopback

    async def post(self, parts: SplitResult, headers: Mapping[str, str], body: bytes) -> str | None:
        """Post a body; None when it was taken (2xx), or what went wrong in words. What is answered is not read."""
        try:
            async with asyncio.timeout(self._timeout_s):
                status = await self._exchange(parts, headers, body)
        except TimeoutError:
            return f"no answer within {self._timeout_s:g} s"
        except UsageError as error:
            return str(error)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
        if status // 100 == 3:
            return f"HTTP {status}: redirects are not followed; subscribe with the address itself"
        return None if status // 100 == 2 else f"HTTP {status}"

    async def _exchange(self, parts: SplitResult, headers: Mapping[str, str], body: bytes) -> int:
        address = await resolved(parts, loopback=self._loopback)
        name = parts.hostname or ""
        # To the very address that was looked up and found to be public; TLS and the server still go by the name.
        request = self._client.build_request(
            "POST", httpx.URL(parts.geturl()).copy_with(host=address), content=body,
            headers={**headers, "Host": parts.netloc}, extensions={"sni_hostname": name},
        )  # fmt: skip
        response = await self._client.send(request, stream=True)
        await response.aclose()
        return response.status_code

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

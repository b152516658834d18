"""Reading a webhook's body within bounds: of size, of time, and of the memory that all of them take together."""

import asyncio
from typing import Self

from starlette.types import Message, Receive

from campaign.settings import Settings
from campaign.webhooks.authenticity import Refusal


class Refused(Exception):
    """A request that is not taken, and why."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


class Memory:
    """Bytes of bodies that are being read or wait for their commit, bounded."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes

    def share(self) -> "MemoryShare":
        """What one request takes of it, given back at the end of the block."""
        return MemoryShare(self)

    def move(self, count: int) -> None:
        """Take bytes, or give them back with a negative count.

        raises  Refused when there are not as many left
        """
        if count > self._left:
            raise Refused(Refusal.FULL)
        self._left -= count


class MemoryShare:
    """Of the memory, what one request took."""

    __slots__ = ("_memory", "taken")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.taken = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._memory.move(-self.taken)

    def take(self, count: int) -> None:
        """Take bytes for this request.

        raises  Refused when there are not as many left
        """
        self._memory.move(count)
        self.taken += count


async def read_body(receive: Receive, declared: bytes | None, share: MemoryShare, settings: Settings) -> bytes:
    """The whole body of a request; reading stops as soon as a bound is passed.

    declared  the request's content-length, if it has one
    raises    Refused: too large, too slow, no memory left, or the client went away
    """
    if declared is not None and declared.isdigit() and int(declared) > settings.webhook_max_bytes:
        raise Refused(Refusal.TOO_LARGE)
    try:
        async with asyncio.timeout(settings.webhook_read_timeout_s):
            return await _read(receive, share, settings.webhook_max_bytes)
    except TimeoutError:
        raise Refused(Refusal.TOO_SLOW) from None


async def _read(receive: Receive, share: MemoryShare, most: int) -> bytes:
    chunks: list[bytes] = []
    more = True
    while more:
        message = await receive()
        chunk, more = _chunk(message)
        if share.taken + len(chunk) > most:
            raise Refused(Refusal.TOO_LARGE)
        share.take(len(chunk))
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _chunk(message: Message) -> tuple[bytes, bool]:
    if message["type"] == "http.disconnect":
        raise Refused(Refusal.DISCONNECTED)
    return message.get("body", b""), message.get("more_body", False)

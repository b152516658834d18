"""Bodies within bounds."""

import asyncio
from collections.abc import Sequence

import pytest
from starlette.types import Message

from campaign.settings import Settings
from campaign.webhooks.authenticity import Refusal
from console.webhook_body import Memory, Refused, read_body


class Client:
    """Sends chunks, then ends, stalls or goes away."""

    def __init__(self, *chunks: bytes, end: str = "complete") -> None:
        self._chunks, self._end, self.asked = list(chunks), end, 0

    async def receive(self) -> Message:
        self.asked += 1
        if self._chunks:
            chunk = self._chunks.pop(0)
            more = bool(self._chunks) or self._end != "complete"
            return {"type": "http.request", "body": chunk, "more_body": more}
        if self._end == "stall":
            await asyncio.sleep(60)
        return {"type": "http.disconnect"}


@pytest.fixture
def bounds(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_max_bytes": 10, "webhook_read_timeout_s": 0.1})


async def read(client: Client, bounds: Settings, memory: Memory, declared: bytes | None = None) -> bytes:
    with memory.share() as share:
        return await read_body(client.receive, declared, share, bounds)


@pytest.mark.parametrize("chunks", [(b"0123456789",), (b"01234", b"", b"56789"), (b"",)])
async def test_a_body_comes_whole(bounds: Settings, chunks: Sequence[bytes]) -> None:
    assert await read(Client(*chunks), bounds, Memory(100)) == b"".join(chunks)


@pytest.mark.parametrize(
    ("client", "declared", "why", "asked"),
    [
        (Client(b"0"), b"11", Refusal.TOO_LARGE, 0),
        (Client(b"012345", b"678901", b"never read"), None, Refusal.TOO_LARGE, 2),
        (Client(b"0", end="stall"), b"5", Refusal.TOO_SLOW, 2),
        (Client(b"0", end="leave"), b"5", Refusal.DISCONNECTED, 2),
    ],
)
async def test_reading_ends_at_each_bound(
    bounds: Settings, client: Client, declared: bytes | None, why: Refusal, asked: int
) -> None:
    memory = Memory(100)
    with pytest.raises(Refused) as refused:
        await read(client, bounds, memory, declared)
    assert (refused.value.why, client.asked) == (why, asked)
    memory.move(100)


async def test_what_all_bodies_take_together_is_bounded_and_given_back(bounds: Settings) -> None:
    memory = Memory(15)
    with memory.share() as first:
        assert await read_body(Client(b"0123456789").receive, None, first, bounds) == b"0123456789"
        with pytest.raises(Refused) as refused:
            await read(Client(b"012345"), bounds, memory)
        assert refused.value.why is Refusal.FULL
        assert await read(Client(b"01234"), bounds, memory) == b"01234"
    assert await read(Client(b"0123456789"), bounds, memory) == b"0123456789"

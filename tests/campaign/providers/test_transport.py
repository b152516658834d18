"""What left and what did not: the difference between sending again and never sending again."""

import asyncio
import socket
import struct

import pytest

from campaign.providers import transport
from campaign.providers.base import NotSent, Uncertain
from campaign.providers.transport import Answer, Wire
from campaign.settings import Settings
from tests.campaign.providers.wire_server import Handler, answer_bytes, read_request, wire_server

BODY = b'{"to":"+12025550100"}'


@pytest.fixture
def quick(settings: Settings) -> Settings:
    return settings.model_copy(update={"send_timeout_s": 0.4, "connect_timeout_s": 0.3})


async def post(settings: Settings, url: str) -> Answer | NotSent | Uncertain:
    wire = Wire(settings)
    try:
        return await wire.exchange("POST", url, {"content-type": "application/json"}, BODY)
    finally:
        await wire.aclose()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(
    "url",
    [
        "http://no-such-host.invalid/messages",
        "https://127.0.0.1:{closed}/messages",
        "http://127.0.0.1:{closed}/messages",
        "ftp://127.0.0.1/messages",
        "http://[::bad/messages",
    ],
)
async def test_no_connection_means_not_sent(quick: Settings, url: str) -> None:
    assert isinstance(await post(quick, url.replace("{closed}", str(closed_port()))), NotSent)


async def test_a_failed_handshake_means_not_sent(quick: Settings) -> None:
    async def plain_text(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"this is no TLS")
        await writer.drain()

    async with wire_server(plain_text) as base:
        outcome = await post(quick, base.replace("http:", "https:"))
    assert isinstance(outcome, NotSent)


async def test_an_answer_is_read_whatever_its_status(quick: Settings) -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(answer_bytes(b'{"error":{}}', "429 Too Many", "Retry-After: 7\r\n"))
        await writer.drain()

    async with wire_server(refuse) as base:
        outcome = await post(quick, f"{base}/v23.0/1/messages")
    assert isinstance(outcome, Answer)
    assert (outcome.status, outcome.body, outcome.headers["retry-after"]) == (429, b'{"error":{}}', "7")
    assert seen[0][0].startswith(b"POST /v23.0/1/messages HTTP/1.1")
    assert seen[0][1] == BODY


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    await asyncio.sleep(1.0)


async def closes_after_the_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)


async def resets_after_the_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def resets_within_the_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(10)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def truncates(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(answer_bytes(b'{"messages":[{"id":"wamid.1"}]}')[:-10])
    await writer.drain()


async def trickles(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(50):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def is_not_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize(
    "handler",
    [
        silent,
        closes_after_the_request,
        resets_after_the_request,
        resets_within_the_request,
        truncates,
        trickles,
        is_not_http,
    ],
)
async def test_once_a_byte_may_have_left_nothing_is_safe(quick: Settings, handler: Handler) -> None:
    async with wire_server(handler) as base:
        outcome = await post(quick, f"{base}/messages")
    assert isinstance(outcome, Uncertain), outcome
    assert outcome.text


async def test_a_kept_connection_that_dies_under_a_request_is_uncertain(quick: Settings) -> None:
    """The transport calls this a connect timeout; taken at its word, the message would be sent twice."""

    async def answers_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer_bytes(b"{}"))
        await writer.drain()
        await read_request(reader)

    async with wire_server(answers_once) as base:
        wire = Wire(quick)
        first = await wire.exchange("POST", f"{base}/messages", {}, BODY)
        second = await wire.exchange("POST", f"{base}/messages", {}, BODY)
        await wire.aclose()
    assert isinstance(first, Answer)
    assert isinstance(second, Uncertain)


async def test_an_endless_answer_is_cut_off(quick: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_ANSWER_BYTES", 100_000)

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
        while True:
            writer.write(b" " * 65536)
            await writer.drain()

    async with wire_server(endless) as base:
        outcome = await post(quick, f"{base}/messages")
    assert isinstance(outcome, Uncertain)
    assert "longer than" in outcome.text

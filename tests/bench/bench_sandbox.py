"""How many sends a second the stand-in takes on one core, webhooks on, beside a bare server that returns a constant.

Three runs, each with its server in a process of its own, pinned to one core where the system can: the bare server, the
sandbox without an address for webhooks, and the sandbox with three statuses per message, posted and answered.

    python tests/bench/bench_sandbox.py [--messages 30000] [--connections 64]
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, cast

import httptools
import uvloop

_ROOT = Path(__file__).resolve().parents[2]
_DRAIN_S = 30.0
_LONGEST_RUN_S = 120.0
_WARM_UP = 2_000
_BARE = """
import json, socket, sys, uvicorn
ANSWER = b'{"messaging_product":"whatsapp","messages":[{"id":"wamid.constant"}]}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]
async def app(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})
listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
sys.stdout.write(json.dumps({"port": listener.getsockname()[1]}) + "\\n")
sys.stdout.flush()
config = uvicorn.Config(app, http="httptools", loop="uvloop", lifespan="off", log_level="warning", access_log=False,
                        server_header=False, date_header=False)
uvicorn.Server(config).run(sockets=[listener])
"""


class Measured(NamedTuple):
    """One run: sends per second, CPU microseconds of the server per send."""

    per_s: float
    cpu_us: float


class _Client(asyncio.Protocol):
    """One connection that sends the next request as soon as the last was answered."""

    def __init__(self, requests: Iterator[bytes], done: asyncio.Event, counts: dict[int, int]) -> None:
        self._requests, self._done, self._counts = requests, done, counts
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        self._counts[status] = self._counts.get(status, 0) + 1
        self._parser = httptools.HttpResponseParser(self)
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        self._done.set()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)


class _Receiver(asyncio.Protocol):
    """Answers every webhook with 200 and counts its statuses."""

    received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._parser = cast(asyncio.Transport, transport), httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        _Receiver.received += body.count(b'"status":')

    def on_message_complete(self) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        self._parser = httptools.HttpRequestParser(self)


def main() -> None:
    """Run the three and print them side by side."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=30_000)
    parser.add_argument("--connections", type=int, default=64)
    flags = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_compare(flags.messages, flags.connections))


async def _compare(messages: int, connections: int) -> None:
    listener = await asyncio.get_running_loop().create_server(_Receiver, "127.0.0.1", 0)
    hook = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/webhooks/bench"
    every_read = _ROOT / "tests" / "bench" / "every_status.toml"
    sandbox = [sys.executable, "-m", "sandbox", "--scenario", str(every_read)]
    runs = {
        "bare server": [sys.executable, "-c", _BARE],
        "sandbox, no webhooks": sandbox,
        "sandbox, webhooks on": [*sandbox, "--webhook-url", hook],
    }
    results = {name: await _measure(command, messages, connections) for name, command in runs.items()}
    bare = results["bare server"].per_s
    _say(f"{messages} sends over {connections} connections, server on one core")
    for name, (per_s, cpu_us) in results.items():
        _say(f"{name:<22} {per_s:8.0f} sends/s   {cpu_us:6.0f} µs CPU each   ratio to bare {per_s / bare:4.2f}")
    _say(f"statuses received: {_Receiver.received} of {3 * (messages + _WARM_UP)}")
    listener.close()


async def _measure(command: list[str], messages: int, connections: int) -> Measured:
    with _server(command) as (process, port):
        # Made beforehand: a client that writes JSON meanwhile would be the bottleneck.
        warm_up, load = list(_requests(_WARM_UP, "w")), list(_requests(messages, "m"))
        await _drive(port, warm_up, connections)
        used, begun = _cpu_s(process.pid), time.perf_counter()
        counts = await _drive(port, load, connections)
        took = time.perf_counter() - begun
        assert counts == {200: messages}, f"unexpected answers: {counts}"
        if "--webhook-url" in command:
            await _drained(port)
        return Measured(messages / took, (_cpu_s(process.pid) - used) / messages * 1e6)


async def _drive(port: int, load: list[bytes], connections: int) -> dict[int, int]:
    requests, counts = iter(load), dict[int, int]()
    loop, ends = asyncio.get_running_loop(), [asyncio.Event() for _ in range(connections)]
    for end in ends:
        await loop.create_connection(lambda end=end: _Client(requests, end, counts), "127.0.0.1", port)
    async with asyncio.timeout(_LONGEST_RUN_S):
        await asyncio.gather(*(end.wait() for end in ends))
    return counts


def _requests(messages: int, mark: str) -> Iterator[bytes]:
    """The raw requests, each to another person."""
    for number in range(messages):
        body = json.dumps(
            {
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                "to": f"+5255{50_000_000 + number}" if mark == "m" else f"+5256{50_000_000 + number}",
                "type": "template",
                "biz_opaque_callback_data": f"c1:{mark}{number}:a1",
                "template": {
                    "name": "spring_sale",
                    "language": {"policy": "deterministic", "code": "en_US"},
                    "components": [
                        {
                            "type": "body",
                            "parameters": [{"type": "text", "text": "Ann"}, {"type": "text", "text": "SPRING15"}],
                        }
                    ],
                },
            }
        ).encode()
        yield (
            b"POST /v23.0/100000000000020/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            b"authorization: Bearer sandbox-token\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
        )


async def _drained(port: int) -> None:
    """Wait until every status has been posted, at most so long."""
    ends = time.monotonic() + _DRAIN_S
    while time.monotonic() < ends:
        await asyncio.sleep(0.5)
        summary = await asyncio.to_thread(_summary, port)
        if not summary["scheduled"] and not summary["webhooks"]["queue"]:
            return


def _summary(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_sandbox/summary", timeout=10) as answer:
        content: dict[str, Any] = json.load(answer)
    return content


@contextmanager
def _server(command: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        # One core for the server, the others for the client; elsewhere the system decides.
        with suppress(AttributeError, OSError):
            cores = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(process.pid, {cores[0]})
        yield process, port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _cpu_s(pid: int) -> float:
    """CPU seconds that a process has used; 0 where there is no /proc."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()

"""A light HTTP client for benches: prepared requests on kept connections, answers counted, waits measured."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

CLOSING_S = 0.05


@dataclass
class Result:
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    waits_s: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.statuses.total() / self.seconds

    def percentile_ms(self, share: float) -> float:
        return sorted(self.waits_s)[int(len(self.waits_s) * share)] * 1000


class _Client(asyncio.Protocol):
    """One connection with one request on its way at a time."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[int] | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, rest = self._received.partition(b"\r\n\r\n")
        if not separator:
            return
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(rest) >= length and self._answer is not None:
            self._received = b""
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(0)

    async def ask(self, request: bytes) -> int:
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


async def closed_loop(host: str, port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Result:
    """As many requests as are answered: each connection sends its next when it has the answer."""
    result = Result()
    end = time.perf_counter() + seconds

    async def client(place: int) -> None:
        _, connection = await asyncio.get_running_loop().create_connection(_Client, host, port)
        while (start := time.perf_counter()) < end:
            result.statuses[await connection.ask(requests[place % len(requests)])] += 1
            result.waits_s.append(time.perf_counter() - start)
            place += connections
        connection.transport.close()

    start = time.perf_counter()
    await asyncio.gather(*(client(place) for place in range(connections)))
    result.seconds = time.perf_counter() - start
    await asyncio.sleep(CLOSING_S)
    return result


async def open_loop(host: str, port: int, requests: Sequence[bytes], *, rate: int, seconds: float) -> Result:
    """So many requests a second, whether or not those before are answered; waits count from when they were due."""
    result = Result()
    loop = asyncio.get_running_loop()
    idle = [(await loop.create_connection(_Client, host, port))[1] for _ in range(64)]
    start = time.perf_counter()

    async def one(number: int, due: float) -> None:
        connection = idle.pop() if idle else (await loop.create_connection(_Client, host, port))[1]
        result.statuses[await connection.ask(requests[number % len(requests)])] += 1
        result.waits_s.append(time.perf_counter() - due)
        if not connection.transport.is_closing():
            idle.append(connection)

    asked = []
    for number in range(int(rate * seconds)):
        due = start + number / rate
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        asked.append(asyncio.create_task(one(number, due)))
    await asyncio.gather(*asked)
    result.seconds = time.perf_counter() - start
    for connection in idle:
        connection.transport.close()
    await asyncio.sleep(CLOSING_S)
    return result

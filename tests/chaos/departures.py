"""A worker process with real lanes, whose platform is a socket: each message that leaves is one datagram."""

import asyncio
import os
import random
import socket
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import NamedTuple

from redis import Redis

from campaign.providers.base import Accepted, OutboundTemplate, Outcome, TemplateRecord
from campaign.sending.lane import Tools
from campaign.sending.limiter import Limiter
from campaign.sending.pairs import Pairs
from campaign.sending.send_chunk import send_chunk
from campaign.settings import Settings
from models.session import make_engine, make_sessions

STAMP = 35
"""SO_TIMESTAMPNS and SCM_TIMESTAMPNS on Linux: the kernel notes when a datagram arrived, however late it is read."""


class DatagramPlatform:
    """Takes everything, and tells one port of this machine of it."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", port))

    async def send(self, message: OutboundTemplate) -> Outcome:
        self._socket.send(b"1")
        return Accepted(f"wamid.{message.callback_data}", message.to.lstrip("+"))

    async def list_templates(self) -> list[TemplateRecord]:
        return []

    async def aclose(self) -> None:
        self._socket.close()


class Work(NamedTuple):
    """Send for a sender, for so many seconds."""

    sender_id: int
    seconds: float


def work(orders: Connection, settings: Settings, port: int) -> None:
    """The life of a worker process: an order, a lane, an answer, until the other end is closed."""
    assert settings.database_url
    assert settings.redis_url
    redis = Redis.from_url(settings.redis_url.get_secret_value(), socket_timeout=5)
    engine = make_engine(settings.database_url.get_secret_value())
    limiters: dict[str, Limiter] = {}
    tools = Tools(
        sessions=make_sessions(engine),
        settings=settings,
        limiter=lambda key: limiters.setdefault(key, Limiter(redis, key, settings)),
        pairs=Pairs(redis, settings),
        provider=lambda sender: DatagramPlatform(port),
        clock=lambda: datetime.now(UTC),
        rng=random.Random(os.getpid()),
    )
    orders.send("ready")
    while (order := orders.recv()) is not None:
        ends_at = time.monotonic() + order.seconds
        orders.send(asyncio.run(send_chunk(order.sender_id, tools, lambda at=ends_at: time.monotonic() < at)))
    engine.dispose()
    redis.close()


class Arrivals:
    """The other end: when each datagram arrived, by the kernel's clock."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, STAMP, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def read(self) -> list[float]:
        """What has arrived since the last look, in seconds."""
        times = []
        while True:
            try:
                _, notes, _, _ = self._socket.recvmsg(16, 128)
            except BlockingIOError:
                return times
            seconds, nanoseconds = (int.from_bytes(notes[0][2][at : at + 8], "little") for at in (0, 8))
            times.append(seconds + nanoseconds / 1e9)

    def close(self) -> None:
        self._socket.close()


def busiest_second(times: Sequence[float]) -> int:
    """The most arrivals in any half-open second."""
    ordered, first, busiest = sorted(times), 0, 0
    for last, at in enumerate(ordered):
        while at - ordered[first] >= 1.0:
            first += 1
        busiest = max(busiest, last - first + 1)
    return busiest

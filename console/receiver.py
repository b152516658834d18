"""The public door for webhooks, an application of its own: verify, store, answer 200. Nothing is processed here.

POST /webhooks/{sender}   200: committed · 401 origin not proven · 404 no such sender · 408, 413 bounds · 503 later
POST /webhooks/{sender}/{token}   the same at 360dialog, where the token may stand in the address; it is never logged
GET  /webhooks/{sender}   Meta's challenge when the address is registered
GET  /healthz /readyz /metrics
"""

import argparse
import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from campaign.errors import CampaignError, ConfigurationError
from campaign.fault_points import FaultPoint, reached
from campaign.reconciliation.hearing import SILENCES, longest_silence
from campaign.settings import Settings, current_settings
from campaign.webhooks import hearing_store, store
from campaign.webhooks.arrivals import Arrival, Arrivals, Store
from campaign.webhooks.authenticity import (
    Door,
    Refusal,
    SenderSecrets,
    challenge_accepted,
    path_proof,
    refusal_of_body,
    refusal_of_header,
)
from campaign.webhooks.connection import DatabaseAway, HealingConnection
from campaign.webhooks.directory import Directory, DirectoryUnavailable
from campaign.webhooks.health import StreamHealth, look_of
from campaign.webhooks.inbox_store import read_health
from console.webhook_body import Memory, Refused, read_body
from console.webhook_metrics import UNKNOWN, WebhookMetrics
from tasks.log import set_up_log

log = structlog.get_logger(__name__)

WEBHOOKS = "/webhooks/"

LOOK_AGAIN_S = 15.0
"""Least time between two looks at the health of webhooks, however often the page is read."""

PULSE_S, LEAST_PULSE_S = 10.0, 0.2
"""How often the receiver keeps that it stands ready; more often where graces are short."""

COMMITTERS = 2
"""Connections that commit in turns."""

STATUSES: Mapping[Refusal, int] = {
    Refusal.UNKNOWN_SENDER: 404,
    Refusal.NO_SECRET: 401,
    Refusal.NO_SIGNATURE: 401,
    Refusal.BAD_SIGNATURE: 401,
    Refusal.BAD_TOKEN: 403,
    Refusal.TOO_LARGE: 413,
    Refusal.TOO_SLOW: 408,
    Refusal.DISCONNECTED: 400,
    Refusal.WRONG_METHOD: 405,
    # The platform tries again on anything but a 200, for a day at least: platform.md D.1.
    Refusal.FULL: 503,
    Refusal.NOT_STORED: 503,
}


def app() -> Starlette:
    """The receiver of this process's settings: `uvicorn --factory console.receiver:app`."""
    set_up_log()
    return create_receiver(current_settings())


def create_receiver(settings: Settings, environment: Mapping[str, str] = os.environ) -> Starlette:
    """A receiver on the database of the settings; secrets are looked up in `environment`.

    It starts and keeps answering (503) while the database is away, and recovers by itself.

    raises  ConfigurationError when no database is set
    """
    if settings.database_url is None:
        raise ConfigurationError("CAMPAIGN_DATABASE_URL is not set; start the receiver with campaign up, or set it")
    door = _WebhookDoor(settings, settings.database_url.get_secret_value(), environment)
    return _Receiver(door)


class _Receiver(Starlette):
    """The application. Webhooks go past the layers of the framework, which cost as much as verifying and storing."""

    def __init__(self, door: "_WebhookDoor") -> None:
        pages = {"/healthz": _healthy, "/readyz": door.ready, "/metrics": door.page}
        super().__init__(routes=[Route(path, page) for path, page in pages.items()], lifespan=door.open)
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(WEBHOOKS):
            await self._door(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


async def _healthy(request: Request) -> Response:
    return PlainTextResponse("alive\n")


class _WebhookDoor:
    """The ASGI application behind `/webhooks/{sender}`, with what it needs."""

    def __init__(self, settings: Settings, database_url: str, environment: Mapping[str, str]) -> None:
        self._settings = settings
        timeout_s = settings.webhook_commit_timeout_s
        self._writing = [
            HealingConnection(database_url, timeout_s=timeout_s, name="receiver") for _ in range(COMMITTERS)
        ]
        self._reading = HealingConnection(database_url, timeout_s=timeout_s, name="receiver-senders")
        self._pulsing = HealingConnection(database_url, timeout_s=timeout_s, name="receiver-pulse")
        # Its own connection: a scrape that takes long must not hold up those who ask for a sender.
        self._looking = HealingConnection(database_url, timeout_s=timeout_s, name="receiver-health")
        self._look_from = 0.0
        self._directory = Directory(self._load, environment, remember_s=settings.webhook_senders_s)
        self._arrivals = Arrivals(most=settings.webhook_queue, gather_s=settings.webhook_commit_ms / 1000)
        self._memory = Memory(settings.webhook_memory_bytes)
        self._metrics = WebhookMetrics(time.monotonic)
        self._metrics.watch_waiting(lambda: len(self._arrivals))

    @asynccontextmanager
    async def open(self, application: Starlette) -> AsyncIterator[None]:
        """The application's life: commits run, and connections are given back at the end."""
        committers = [asyncio.create_task(self._arrivals.run(self._storing(each))) for each in self._writing]
        pulse = asyncio.create_task(self._beat())
        for task in (*committers, pulse):
            task.add_done_callback(_end_of_committing)
        yield
        for task in (*committers, pulse):
            task.cancel()
        await asyncio.gather(*committers, pulse, return_exceptions=True)
        for connection in (*self._writing, self._reading, self._looking, self._pulsing):
            await connection.aclose()

    async def _beat(self) -> None:
        """Keep, again and again, that webhooks could be taken now: a proof of absence asks when they could."""
        silence = longest_silence(timedelta(seconds=self._settings.uncertain_grace_s))
        pause_s = max(LEAST_PULSE_S, min(PULSE_S, silence.total_seconds() / SILENCES))
        while True:
            if not self._arrivals.full:
                with suppress(DatabaseAway):
                    await self._pulsing.run(lambda opened: hearing_store.note_pulse(opened, silence))
            await asyncio.sleep(pause_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        label = UNKNOWN
        try:
            name, *token = scope["path"][len(WEBHOOKS) :].split("/", 1)
            door = await self._find(name)
            label = door.name
            headers = _headers_of(scope, door, token)
            if scope["method"] == "POST":
                await self._take(door, headers, receive)
                self._metrics.count_received(label)
                # Without a body the answer is one packet: two would wait for each other on some sockets.
                await _answer(send, 200, b"")
            elif scope["method"] == "GET":
                await _answer(send, 200, _challenge(door, scope["query_string"]))
            else:
                raise Refused(Refusal.WRONG_METHOD)
        except Refused as refused:
            self._metrics.count_refused(label, refused.why)
            await _answer(send, STATUSES[refused.why], refused.why.encode() + b"\n", _CLOSE)

    async def _find(self, name: str) -> Door:
        try:
            door = await self._directory.find(name)
        except DirectoryUnavailable:
            raise Refused(Refusal.NOT_STORED) from None
        if door is None:
            raise Refused(Refusal.UNKNOWN_SENDER)
        return door

    async def _take(self, door: Door, headers: Mapping[bytes, bytes], receive: Receive) -> None:
        """Read, verify and store one webhook; returns once it is committed."""
        proof = headers.get(door.header, b"")
        if why := refusal_of_header(door, proof):
            raise Refused(why)
        if self._arrivals.full:
            raise Refused(Refusal.FULL)
        with self._memory.share() as share:
            body = await read_body(receive, headers.get(b"content-length"), share, self._settings)
            if why := refusal_of_body(door, proof, body):
                raise Refused(why)
            if not await self._arrivals.keep(door.sender_id, body):
                raise Refused(Refusal.NOT_STORED)

    def _storing(self, connection: HealingConnection) -> Store:
        async def insert(arrivals: Sequence[Arrival]) -> None:
            senders, bodies = [each.sender_id for each in arrivals], [each.body for each in arrivals]
            reached(FaultPoint.BEFORE_WEBHOOK_COMMIT)
            with self._metrics.commits.time():
                await connection.run(lambda opened: store.insert_events(opened, senders, bodies))
            reached(FaultPoint.AFTER_WEBHOOK_COMMIT)

        return insert

    async def _load(self) -> Sequence[SenderSecrets]:
        return await self._reading.run(store.load_senders)

    async def ready(self, request: Request) -> Response:
        """Whether webhooks can be stored now."""
        in_reach = await self._directory.in_reach()
        return PlainTextResponse("ready\n") if in_reach else PlainTextResponse("database out of reach\n", 503)

    async def page(self, request: Request) -> Response:
        """The counters, and the health of webhooks as of a moment ago. Without the database the counters alone."""
        if time.monotonic() >= self._look_from:
            self._look_from = time.monotonic() + LOOK_AGAIN_S
            with suppress(DatabaseAway):
                await self._look()
        return Response(self._metrics.page(), media_type=CONTENT_TYPE_LATEST)

    async def _look(self) -> None:
        now = datetime.now(UTC)
        look = look_of(self._settings, now)
        rows = await self._looking.run(lambda opened: read_health(opened, look))
        self._metrics.show_health([StreamHealth(*row) for row in rows], self._settings, now)


def _end_of_committing(task: "asyncio.Task[None]") -> None:
    """Without its committer a receiver could only refuse: better that it ends and is started again."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("receiver can store nothing more and ends", error=repr(error))
        os._exit(1)


def _headers_of(scope: Scope, door: Door, token: Sequence[str]) -> dict[bytes, bytes]:
    """The headers of a request; a token in its address stands for the one that proves the origin."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    for each in token:
        if (proof := path_proof(door, each)) is None:
            raise Refused(Refusal.UNKNOWN_SENDER)
        headers[door.header] = proof
    return headers


def _challenge(door: Door, query_string: bytes) -> bytes:
    """The challenge to send back when the address is registered. Source: platform.md D.1."""
    query = {key: values[0] for key, values in parse_qs(query_string.decode("latin-1")).items()}
    if not challenge_accepted(door, query.get("hub.mode", ""), query.get("hub.verify_token", "")):
        raise Refused(Refusal.BAD_TOKEN)
    return query.get("hub.challenge", "").encode()


_TEXT = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
# What is left of a body that was refused is not worth reading.
_CLOSE = [(b"connection", b"close"), (b"retry-after", b"1")]


async def _answer(send: Send, status: int, body: bytes, more: Sequence[tuple[bytes, bytes]] = ()) -> None:
    headers = [*_TEXT, *more, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Server(uvicorn.Server):
    """Says where it listens once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for server in self.servers:
            for listening in server.sockets:
                host, port = listening.getsockname()[:2]
                log.info(f"receiver listening on http://{host}:{port}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the receiver in the foreground until SIGTERM or Ctrl-C; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m console.receiver", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--fd", type=int, help="descriptor of a socket that listens already, instead of host and port")
    fd = parser.parse_args(arguments).fd
    set_up_log()
    try:
        server = _Server(_configuration(current_settings()))
    except CampaignError as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_code
    server.run(sockets=[socket.socket(fileno=fd)] if fd is not None else None)
    return 0 if server.started else 1


def _configuration(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        create_receiver(settings),
        host=settings.receiver_host,
        port=settings.receiver_port,
        limit_concurrency=settings.webhook_connections,
        access_log=False,
        log_config=None,
        server_header=False,
    )


if __name__ == "__main__":
    sys.exit(main())

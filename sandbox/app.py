"""The ASGI application: which path belongs to which dialect, and how an answer goes out, or fails to.

Plain ASGI rather than routes, since the one hot path has to serve thousands of messages a second.
"""

import asyncio
import re
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from sandbox.answers import Answer
from sandbox.config import SandboxConfig
from sandbox.control import Control
from sandbox.d360 import D360Management
from sandbox.dialects import JSON, Dialect, Door
from sandbox.management import Management
from sandbox.platform import Platform
from sandbox.refusals import Refusal
from sandbox.requests import Request, make_request
from sandbox.sending import Sending

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TRANSPORT = "sandbox.transport"
# The number stands in the path at Meta and in the key at 360dialog.
_CLOUD_SEND = re.compile(r"/v(\d+(?:\.\d+)?)/(\d+)/(messages|marketing_messages)")
_CLOUD_PATH = re.compile(r"/v\d+(?:\.\d+)?/([^/]+)(?:/([a-z_]+))?")
# Both of 360dialog's dialects share hosts and keys; the path alone tells them apart.
_D360_SEND = {
    "/messages": ("d360", False),
    "/marketing_messages": ("d360", True),
    "/v1/messages": ("d360-onprem", False),
}
# 360dialog names no version: it follows the newest.
_D360_VERSION = 24.0
# The server takes an answer that was begun and not ended for a fault of ours, unless the connection is gone.
_LAST_WORDS_S = 1.0


def create_app(config: SandboxConfig | None = None) -> "SandboxApp":
    """The application. Its `platform` is open to tests in the same process."""
    return SandboxApp(Platform(config or SandboxConfig()))


class SandboxApp:
    """Speaks ASGI for one platform, on the server of `sandbox.server`, which hands over each connection."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self._sending = Sending(platform)
        self._management = Management(platform)
        self._d360 = D360Management(platform, self._management)
        self._control = Control(platform)
        self._waiting: set[asyncio.Transport] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's life."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        # As early as possible: the busiest second is counted from these times.
        at = self.platform.clock.now()
        body = await _read(receive)
        path: str = scope["path"]
        if scope["method"] == "POST" and path.endswith("messages") and not path.startswith("/_sandbox"):
            answer = self._take(scope, path, body, at)
        else:
            answer = await self._answer(make_request(scope, body, at))
        await self._respond(answer, scope, receive, send)

    def _take(self, scope: Scope, path: str, body: bytes, at: float) -> Answer:
        """A message to send."""
        # No request object and no query on the hot path: half of its cost would be these.
        headers = dict(scope["headers"])
        cloud = _CLOUD_SEND.fullmatch(path)
        name, marketing = ("cloud", cloud[3] != "messages") if cloud else _D360_SEND.get(path, ("", False))
        dialect = self.platform.dialects.get(name)
        if dialect is None:
            return _NOWHERE
        version, number_id = (float(cloud[1]), cloud[2]) if cloud else (_D360_VERSION, None)
        try:
            number = dialect.open(self.platform.numbers, headers, number_id)
        except Refusal as refusal:
            return self._sending.turn_away(Door(dialect, None, number_id or "", version), at, refusal)
        # From here on nothing is awaited: requests are decided one after the other, in order of arrival.
        door = self.platform.door(dialect, number, version)
        return self._sending.take(door, body, at, marketing=marketing)

    async def _answer(self, request: Request) -> Answer:
        """Anything else."""
        if request.path.startswith("/_sandbox"):
            return await self._control.answer(request)
        match = _CLOUD_PATH.fullmatch(request.path)
        # `/v1/…` is 360dialog's; Graph's versions have had two digits since 2021.
        name = "cloud" if match and not request.path.startswith("/v1/") else self._d360.dialect_of(request.path)
        dialect = self.platform.dialects.get(name)
        if dialect is None:
            return _NOWHERE
        try:
            self.platform.calls.take(
                self.platform.clock.platform_now(), self.platform.scenario.limits.management_calls_per_h
            )
            if match and name == "cloud":
                return await self._cloud(request, dialect, match[1], match[2] or "")
            return self._d360.answer(request, dialect)
        except Refusal as refusal:
            return Answer(*dialect.refused(refusal, self.platform.scenario.webhooks.quirks))

    async def _cloud(self, request: Request, dialect: Dialect, object_id: str, edge: str) -> Answer:
        numbers, management = self.platform.numbers, self._management
        # Templates, accounts and uploads belong to no number: any will do to check the token.
        number = dialect.open(numbers, request.headers, object_id if object_id in numbers else next(iter(numbers)))
        self.platform.heard(number.number_id, dialect)
        match (request.method, edge):
            case ("GET", "message_templates"):
                return management.list_templates(request, object_id)
            case ("POST", "message_templates"):
                return management.create_template(request, object_id)
            case ("DELETE", "message_templates"):
                return management.delete_template(request, object_id)
            case ("POST", "unpause"):
                return management.unpause(object_id)
            case ("POST", "media") if object_id in numbers:
                return management.upload(request, dialect.media_days)
            case ("GET", "message_history") if object_id in numbers:
                return management.message_history(request, object_id)
            case ("POST", "subscribed_apps"):
                return await management.subscribe(request, object_id)
            case ("GET", "subscribed_apps"):
                return management.subscriptions(object_id)
            case ("DELETE", "subscribed_apps"):
                return management.unsubscribe(object_id)
            case ("GET", ""):
                return management.show(request, object_id)
            case ("POST", "") if object_id in numbers:
                return await management.configure_number(request, number)
            case ("DELETE", ""):
                return management.delete_media(object_id)
        raise Refusal(33, f"Unsupported {request.method.lower()} request on '{object_id}/{edge}'.")

    def let_go(self) -> None:
        """Cut every connection that waits for its answer, so that the server can stop."""
        for transport in list(self._waiting):
            transport.abort()

    async def _respond(self, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
        if answer.wait_s and await self._wait(answer.wait_s, scope, receive):
            return
        if answer.manner in ("reset", "hang"):
            _cut(scope)
            await self._wait(_LAST_WORDS_S, scope, receive)
            return
        length = (b"content-length", str(len(answer.body)).encode())
        # Pages of HTML bring a type of their own.
        own = [header for header in answer.headers if header[0] == b"content-type"]
        headers = [length, *answer.headers] if own else [JSON, length, *answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if answer.manner == "truncated":
            await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})
            _cut(scope, at_once=False)
            await self._wait(_LAST_WORDS_S, scope, receive)
            return
        await send({"type": "http.response.body", "body": answer.body})

    async def _wait(self, seconds: float, scope: Scope, receive: Receive) -> bool:
        """Let so much time pass; True at once when the client gives up meanwhile."""
        transport = scope[TRANSPORT]
        self._waiting.add(transport)
        try:
            async with asyncio.timeout(seconds):
                while (await receive())["type"] != "http.disconnect":
                    pass
            return True
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(transport)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Run the timetable between start-up and shutdown."""
        # The first message is the start-up itself.
        await receive()
        running = asyncio.create_task(self.platform.run())
        await send({"type": "lifespan.startup.complete"})
        while (await receive())["type"] != "lifespan.shutdown":
            pass
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await send({"type": "lifespan.shutdown.complete"})


async def _read(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body


def _cut(scope: Scope, *, at_once: bool = True) -> None:
    """Cut the connection: at once with a reset, or after what was written has gone out."""
    transport = scope[TRANSPORT]
    if not at_once:
        # Flushes first: the client is to see the half that was written.
        transport.close()
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        # Lingering for zero seconds makes the kernel send RST instead of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


_NOWHERE = Answer(
    404, b'{"error":{"message":"Unknown path components","type":"OAuthException","code":2500,"fbtrace_id":"A0"}}'
)

"""The bare baseline of the sandbox: reads the body, answers a constant. Imports nothing of ours."""

from collections.abc import Awaitable, Callable
from typing import Any

ANSWER = b'{"messaging_product":"whatsapp","messages":[{"id":"wamid.constant"}]}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]


async def app(scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})

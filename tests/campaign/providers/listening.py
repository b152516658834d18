"""A server that gives answers in turn and remembers what it was asked."""

import asyncio
import json
from typing import Any

from tests.campaign.providers.wire_server import answer_bytes, read_request


class Answers:
    """Gives its answers one after the other."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.heads: list[str] = []
        self.bodies: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head, body = await read_request(reader)
            self.heads.append(head.decode())
            self.bodies.append(body)
            writer.write(self.answers.pop(0))
            await writer.drain()

    @property
    def asked(self) -> list[str]:
        """Method and path of each request."""
        return [" ".join(head.split(" ")[:2]) for head in self.heads]


def json_bytes(content: Any, status: str = "200 OK") -> bytes:
    """An answer in JSON."""
    return answer_bytes(json.dumps(content).encode(), status)

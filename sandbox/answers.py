"""An answer on its way to the client, and the manner in which it arrives, or does not."""

import json
from typing import NamedTuple

PAGE = b"<!DOCTYPE html><html><body><h1>Sorry, something went wrong.</h1></body></html>"
HTML = (b"content-type", b"text/html")


class Answer(NamedTuple):
    """What the client is to see.

    wait_s  how long it waits for it
    manner  plain, reset (the connection is cut instead), hang (nothing comes), truncated (half of it comes)
    """

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    wait_s: float = 0.0
    manner: str = "plain"


class Broken(Exception):
    """The platform never took the message, and what the client sees is no refusal."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def json_answer(content: object, status: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(status, json.dumps(content).encode())


SUCCESS = json_answer({"success": True})

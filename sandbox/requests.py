"""A request as the endpoints see it, whatever the dialect."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from sandbox.refusals import Refusal


class Request(NamedTuple):
    """One request, its body read. `at` is its arrival, epoch seconds; `base_url` is how the client spelt us."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[bytes, bytes]
    body: bytes
    at: float

    @property
    def base_url(self) -> str:
        """Such as `http://127.0.0.1:8090`."""
        return f"http://{self.headers.get(b'host', b'localhost').decode('latin-1')}"

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty body is an empty object.

        raises  Refusal 100
        """
        try:
            document = json.loads(self.body or b"{}")
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise Refusal(100, "The body of the request must be a JSON object.")
        return document

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number of the query string, between 1 and `most`.

        raises  Refusal 100
        """
        text = self.query.get(name, str(default))
        if not text.isdecimal():
            raise Refusal(100, f"Param {name} must be an integer greater than or equal to 0")
        return max(1, min(int(text), most))


def make_request(scope: Mapping[str, Any], body: bytes, at: float) -> Request:
    """A request from its ASGI scope."""
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    return Request(scope["method"], scope["path"], query, dict(scope["headers"]), body, at)

"""A real receiver of webhooks, which remembers what came."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import httpx


class Post(NamedTuple):
    """One webhook as it arrived."""

    headers: Mapping[str, str]
    body: bytes
    at: float

    def json(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content


class Receiver:
    """Takes webhooks on a port of its own and answers each with `status` (200), or what `consent` says to a GET."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.status = 200
        self.token = "sandbox-verify"
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posts.append(Post(dict(self.headers), body, time.time()))
                self._say(receiver.status, b"")

            def do_GET(self) -> None:
                query = httpx.URL(self.path).params
                agreed = query.get("hub.verify_token") == receiver.token
                self._say(200 if agreed else 403, query.get("hub.challenge", "").encode() if agreed else b"no")

            def _say(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Tests read posts, not logs."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/webhooks/shop"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def values(self, field: str = "messages") -> list[dict[str, Any]]:
        """The `value` of every change of one field, in order of arrival, Cloud envelopes only."""
        changes = [c for p in list(self.posts) for e in p.json().get("entry", ()) for c in e["changes"]]
        return [change["value"] for change in changes if change["field"] == field]

    def statuses(self, wamid: str | None = None) -> list[dict[str, Any]]:
        """Every status, or those of one message, whatever the envelope."""
        flat = [s for p in list(self.posts) for s in p.json().get("statuses", ())]
        found = [s for value in self.values() for s in value.get("statuses", ())] + flat
        return [status for status in found if wamid in (None, status["id"])]

    def messages(self) -> list[dict[str, Any]]:
        """Every message from a person, whatever the envelope."""
        flat = [m for p in list(self.posts) for m in p.json().get("messages", ())]
        return [m for value in self.values() for m in value.get("messages", ())] + flat

    def until(self, holds: Callable[[], object], within_s: float = 5.0) -> None:
        """Wait until something holds; fail with what had arrived when it does not."""
        ends = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < ends, f"after {within_s} s: {[post.body for post in self.posts][-5:]}"
            time.sleep(0.01)

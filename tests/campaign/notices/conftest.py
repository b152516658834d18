"""A subscriber on this machine, and subscriptions to it."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from campaign.access.roles import Actor
from campaign.notices.delivery import Post
from campaign.notices.subscriptions import NewSubscription, add_subscription
from models.access import Role
from tests.factories import NOON

ROOT = Actor("cli:root", Role.ADMIN)
SECRET = "a secret of sixteen and more"


class Subscriber:
    """Takes notices, or answers as `status` and `headers` say."""

    def __init__(self):
        self.heard, self.status, self.headers = [], 204, {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.heard.append((self.path, dict(self.headers), body))
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/campaigns"
        Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def bodies(self):
        return [json.loads(body) for _, _, body in self.heard]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def subscriber():
    subscriber = Subscriber()
    yield subscriber
    subscriber.close()


@pytest.fixture
def local(settings):
    """Settings that let notices go to this machine."""
    return settings.model_copy(update={"notice_loopback": True, "notice_timeout_s": 2.0})


@pytest.fixture
def post(local):
    return Post(local, {"HOOK_SECRET": SECRET}, lambda: NOON)


@pytest.fixture
def subscribe(sessions, local):
    """Makes a subscription."""

    def subscribe(url, *events, name="crm"):
        return add_subscription(sessions, ROOT, NewSubscription(name, url, "HOOK_SECRET", events), local)

    return subscribe

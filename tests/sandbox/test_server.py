"""The server around the app: stops in time whatever hangs, leaves no thread."""

import threading
import time

import httpx
import pytest

from sandbox.config import SandboxConfig
from sandbox.server import listen, running
from tests.sandbox.client import Client


def hang(client: Client) -> None:
    with pytest.raises(httpx.HTTPError):
        client.send()


def test_it_stops_in_time_while_a_request_hangs() -> None:
    with running(SandboxConfig()) as one:
        client = Client(one.url)
        client.control("faults", {"kind": "timeout_before"})
        waiting = threading.Thread(target=hang, args=(client,))
        waiting.start()
        time.sleep(0.2)
        begun = time.monotonic()
    assert time.monotonic() - begun < 1.9
    waiting.join(10)
    client.http.close()
    assert "sandbox" not in {thread.name for thread in threading.enumerate()}


def test_a_taken_port_is_an_error_at_once() -> None:
    taken = listen("127.0.0.1", 0)
    try:
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            listen("127.0.0.1", taken.getsockname()[1])
    finally:
        taken.close()


def test_it_listens_on_ipv6_too() -> None:
    listener = listen("::1", 0)
    assert listener.getsockname()[1] > 0
    listener.close()

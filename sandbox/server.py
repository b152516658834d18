"""A uvicorn server for the sandbox: in the foreground of a process, or in a thread for tests.

It hands the connection to the application, which has to be able to cut it.
"""

import asyncio
import gc
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.app import TRANSPORT, SandboxApp, create_app
from sandbox.config import SandboxConfig
from sandbox.platform import Platform

_BACKLOG = 2048
# Longer than any client keeps an idle connection: a server that closes first looks like a broken request.
_KEEP_ALIVE_S = 300
# Answers that are on their way may go out.
_GRACE_S = 2
# At 3,000 messages a second some 30,000 new objects: a few milliseconds each time.
_TIDY_EVERY_S = 2.0


class Running(NamedTuple):
    """A sandbox that listens."""

    url: str
    platform: Platform


class _Protocol(HttpToolsProtocol):
    def on_message_begin(self) -> None:
        super().on_message_begin()
        # The one thing that ASGI does not hand over.
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, app: SandboxApp, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._app, self._on_start = app, on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Requests that hang on purpose would be waited for until the grace is over.
        self._app.let_go()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    raises  OSError when the port is taken
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        # A port that was used a moment ago can be used again.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def serve(app: SandboxApp, listener: socket.socket, on_start: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `on_start` is called once it listens."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve_tidily(_make_server(app, on_start), listener))


@contextmanager
def running(config: SandboxConfig | None = None) -> Iterator[Running]:
    """A sandbox on a free loopback port, in a thread of this process."""
    app, listener, started = create_app(config), listen("127.0.0.1", 0), threading.Event()
    server = _make_server(app, started.set)
    thread = threading.Thread(target=_serve_in_thread, args=(server, listener), name="sandbox")
    thread.start()
    try:
        if not started.wait(10):
            raise RuntimeError("the sandbox did not start within 10 s; see the log of uvicorn")
        yield Running(f"http://127.0.0.1:{listener.getsockname()[1]}", app.platform)
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


async def _serve_tidily(server: _Server, listener: socket.socket) -> None:
    # The collector would look through a million entries again and again, and stop the server for a third of a second.
    # Instead only what is new is looked through, and what survives is never looked at again.
    gc.disable()
    tidying = asyncio.create_task(_tidy())
    try:
        await server.serve(sockets=[listener])
    finally:
        tidying.cancel()


async def _tidy() -> None:
    while True:
        gc.collect(0)
        gc.freeze()
        await asyncio.sleep(_TIDY_EVERY_S)


def _make_server(app: SandboxApp, on_start: Callable[[], None]) -> _Server:
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_level=logging.WARNING,
        server_header=False,
        date_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )
    return _Server(config, app, on_start)


def _serve_in_thread(server: _Server, listener: socket.socket) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve(sockets=[listener]))

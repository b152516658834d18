"""A running receiver for tests, and a door between it and the database that can be shut."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import uvicorn

from campaign.settings import Settings
from campaign.webhooks.authenticity import sign
from console.receiver import create_receiver

SECRET = "an app secret of these tests"
TOKEN = "a verify token of these tests"
ENVIRONMENT = {"TEST_APP_SECRET": SECRET, "TEST_VERIFY_TOKEN": TOKEN}


@asynccontextmanager
async def running(settings: Settings, environment: Mapping[str, str] = ENVIRONMENT) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a receiver that serves on a free port until the end of the block."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_receiver(settings, environment), access_log=False, log_config=None)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=address, timeout=20, trust_env=False) as client:
            yield client
        server.should_exit = True
        await serving


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-hub-signature-256": sign(secret.encode(), body).decode()}


class DatabaseDoor:
    """Stands before the database's socket: open, shut, or open with nobody answering."""

    def __init__(self, database_url: str, folder: Path) -> None:
        parts = urlsplit(database_url)
        self._target = str(Path(parse_qs(parts.query)["host"][0]) / ".s.PGSQL.5432")
        self._path = str(folder / ".s.PGSQL.5432")
        self.url = f"postgresql://{parts.username}@{parts.path}?host={folder}"
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._join, self._path)

    async def shut(self) -> None:
        """Nobody can connect, and who was connected is cut off."""
        if self._server is not None:
            self._server.close()
            Path(self._path).unlink(missing_ok=True)
            self._server = None
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    def freeze(self) -> None:
        """Connections stay, nothing passes."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pipes.add(task)
        task.add_done_callback(self._pipes.discard)
        there = await asyncio.open_unix_connection(self._target)
        with suppress(asyncio.CancelledError, ConnectionError):
            await asyncio.gather(self._pump(reader, there[1]), self._pump(there[0], writer))
        for end in (writer, there[1]):
            end.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
        writer.close()

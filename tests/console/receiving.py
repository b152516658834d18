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
        self._ends: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._join, self._path)

    async def shut(self) -> None:
        """Nobody can connect, and who was connected is cut off: no end is left to the garbage collector."""
        if self._server is not None:
            self._server.close()
            Path(self._path).unlink(missing_ok=True)
            self._server = None
        await asyncio.sleep(0)  # for those accepted a moment ago, who find the door shut
        while self._pipes or self._ends:
            for pipe in self._pipes:
                pipe.cancel()
            await asyncio.gather(*self._pipes, return_exceptions=True)
            await asyncio.gather(*(self._end(writer) for writer in list(self._ends)))

    def freeze(self) -> None:
        """Connections stay, nothing passes."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Not a coroutine: a task cancelled before its first step could not close what it was given.
        if self._server is None:
            writer.transport.abort()
            return
        self._ends.add(writer)
        task = asyncio.create_task(self._connect(reader, writer))
        self._pipes.add(task)
        task.add_done_callback(self._pipes.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_socket = socket.socket(socket.AF_UNIX)
        try:
            far_socket.setblocking(False)
            await asyncio.get_running_loop().sock_connect(far_socket, self._target)
            far_reader, far_writer = await asyncio.open_unix_connection(sock=far_socket)
        except BaseException:
            far_socket.close()
            await self._end(writer)
            raise
        self._ends.add(far_writer)
        try:
            with suppress(ConnectionError):
                await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            await asyncio.gather(self._end(writer), self._end(far_writer))

    async def _end(self, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()
        self._ends.discard(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
        writer.close()

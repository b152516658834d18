"""The keeper of one embedded store: `python -m console.stores.keeper postgres|valkey HOME`.

A process of its own owns the server as its child, so that any number of commands can share it and none has to outlive
the others. In `run/`:

    NAME.users.lock    every user holds it shared; the kernel lets go when one dies. Nobody left = time to stop.
    NAME.keeper.lock   the keeper holds it for its life, so there is one; it bears the keeper's number.
    NAME.start.lock    whoever looks for a keeper and starts one holds it meanwhile (console/embedded.py).
    NAME.json          the keeper's note on the server (server.py).

The server dies with its keeper. The keeper's only line on standard output is its note, or `{"error": …}`.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import structlog

from campaign.errors import CampaignError, ConfigurationError
from console.stores.folders import StoreFolders, store_folders
from console.stores.locks import FileLock
from console.stores.postgres import PostgresServer
from console.stores.server import ServerProcess, StoreServer
from console.stores.valkey import ValkeyServer
from tasks.log import set_up_log

LINGER_S = 3.0
"""How long a store stays up after its last user, so that one command after the other finds it warm."""

POLL_S = 0.1
FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 0.1, 5.0
SETTLED_S = 30.0
"""A server that has run for so long starts its next backoff from the beginning."""

log = structlog.get_logger(__name__)


class Keeper:
    """Keeps one server running while it has users. One thread, since a child dies with the thread that started it."""

    def __init__(self, process: ServerProcess, users: FileLock, *, linger_s: float) -> None:
        self.linger_s = linger_s
        self.stopping = False
        self._process, self._users = process, users
        self._backoff_s = FIRST_BACKOFF_S
        self._last_used, self._seen_ns = time.monotonic(), users.touched_ns

    def start(self) -> dict[str, object]:
        """Start the server and return its note. Raises ConfigurationError when it does not start."""
        self._process.end_leftover()
        return self._process.start()

    def watch(self) -> None:
        """Restart the server when it dies; return when nobody has used it for a while, or when told to stop.

        Returns with the users' lock held: who comes now waits for the end, then starts afresh.
        """
        while not self.stopping and not self._idle():
            if not self._process.alive:
                self._revive()
            time.sleep(POLL_S)

    def _idle(self) -> bool:
        seen, self._seen_ns = self._seen_ns, self._users.touched_ns
        if not self._users.try_exclusive():
            self._last_used = time.monotonic()
            return False
        if seen != self._seen_ns:
            self._last_used = time.monotonic()
        if time.monotonic() - self._last_used >= self.linger_s:
            return True
        self._users.release()
        return False

    def _revive(self) -> None:
        if time.monotonic() - self._process.started > SETTLED_S:
            self._backoff_s = FIRST_BACKOFF_S
        log.warning("store died, starting it again", after_s=self._backoff_s)
        time.sleep(self._backoff_s)
        self._backoff_s = min(self._backoff_s * 2, LONGEST_BACKOFF_S)
        try:
            self._process.start()
        except (ConfigurationError, OSError) as error:
            log.error("store does not start", error=str(error))


def main(arguments: list[str]) -> int:
    """Keep one store until nobody uses it; 1 when it cannot be started."""
    options = _read(arguments)
    if options.detach:
        if os.fork():
            os._exit(0)
        os.setsid()
    set_up_log()
    structlog.contextvars.bind_contextvars(store=options.store)
    try:
        return _keep(options)
    except CampaignError as error:
        return _give_up(str(error))
    except (OSError, subprocess.SubprocessError) as error:
        return _give_up(f"the embedded {options.store} cannot be kept in {options.home}: {error}")


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m console.stores.keeper")
    parser.add_argument("store", choices=(PostgresServer.name, ValkeyServer.name))
    parser.add_argument("home", type=Path)
    parser.add_argument("--linger-s", type=float, default=LINGER_S)
    parser.add_argument("--as-other-user", action="store_true", help="when root, never use a user namespace")
    parser.add_argument("--detach", action="store_true", help="leave the parent and its session")
    return parser.parse_args(arguments)


def _keep(options: argparse.Namespace) -> int:
    folders = store_folders(options.home)
    with (
        FileLock(folders.run / f"{options.store}.keeper.lock") as own,
        FileLock(folders.run / f"{options.store}.users.lock") as users,
    ):
        if not own.exclusive(timeout_s=2.0):
            _announce({})  # another one is there; who started us looks again
            return 0
        own.write(str(os.getpid()))
        process = ServerProcess(_server(options, folders), folders)
        keeper = Keeper(process, users, linger_s=options.linger_s)
        _obey_signals(keeper)
        try:
            _announce(keeper.start())
            keeper.watch()
        finally:
            process.stop()
    return 0


def _server(options: argparse.Namespace, folders: StoreFolders) -> StoreServer:
    if options.store == ValkeyServer.name:
        return ValkeyServer(folders)
    return PostgresServer(folders, allow_namespace=not options.as_other_user)


def _obey_signals(keeper: Keeper) -> None:
    def stop(*_: object) -> None:
        keeper.stopping = True

    def hurry(*_: object) -> None:
        keeper.linger_s = 0.0

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGUSR1, hurry)


def _give_up(reason: str) -> int:
    log.error("keeper gives up", error=reason)
    _announce({"error": reason})
    return 1


def _announce(facts: dict[str, object]) -> None:
    """Tell whoever started us, and let go of their pipe."""
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(facts), flush=True)  # noqa: T201 - the answer to the process that waits for it
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

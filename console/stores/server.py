"""One server of an embedded store as a process: started until it answers, stopped, and noted for others to find."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Protocol

import psutil
import structlog

from campaign.errors import ConfigurationError
from console.stores.folders import StoreFolders
from console.stores.processes import STOP_TIMEOUT_S, end

ANSWER_TIMEOUT_S = 300.0
"""Longest wait for a server to answer; replaying its log after a crash takes its time."""

POLL_S = 0.02

log = structlog.get_logger(__name__)


class StoreServer(Protocol):
    """What has to be known of a store to run it."""

    name: str
    stop_signal: signal.Signals

    @property
    def address(self) -> str:
        """The address for clients."""

    def prepare(self) -> None:
        """Make the data, clear what a dead server left; before every start."""

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server as a child that dies with the calling thread."""

    def is_ready(self) -> bool:
        """Whether it answers."""


class ServerProcess:
    """The process of a store's server, owned by the thread that starts it, and its note `run/NAME.json`.

    The note names the address, the keeper (us), the server, and whether it answers.
    """

    def __init__(self, server: StoreServer, folders: StoreFolders) -> None:
        self.server, self.folders = server, folders
        self.note = note_path(folders, server.name)
        self._child: subprocess.Popen[bytes] | None = None
        self.started = 0.0

    @property
    def alive(self) -> bool:
        """Whether the server runs."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> dict[str, Any]:
        """Start the server and wait until it answers; returns the note.

        raises   ConfigurationError when the data cannot be used, the server ends at once, or does not answer
        """
        self.server.prepare()
        self._child, self.started = self.server.spawn(), time.monotonic()
        self._write_note(ready=False)
        while not self.server.is_ready():
            if not self.alive:
                raise ConfigurationError(self._failure("does not start"))
            if time.monotonic() - self.started > ANSWER_TIMEOUT_S:
                raise ConfigurationError(self._failure("does not answer"))
            time.sleep(POLL_S)
        took_s = round(time.monotonic() - self.started, 2)
        log.info("store is up", store=self.server.name, pid=self._child.pid, took_s=took_s)
        return self._write_note(ready=True)

    def stop(self) -> None:
        """Ask the server to end, and make it when it does not."""
        if self._child is not None and self.alive:
            end(psutil.Process(self._child.pid), self.server.stop_signal)
            self._child.wait(STOP_TIMEOUT_S)
        self.note.unlink(missing_ok=True)

    def end_leftover(self) -> None:
        """End the server of a keeper that was killed, where it did not die with it."""
        try:
            note = json.loads(self.note.read_text())
            leftover = psutil.Process(note["server"])
            if leftover.create_time() == note["server_born"]:  # else the number is another's by now
                log.warning("ending the server of a keeper that died", store=self.server.name, pid=leftover.pid)
                end(leftover, self.server.stop_signal)
        except (OSError, ValueError, KeyError, TypeError, psutil.NoSuchProcess):
            return

    def _write_note(self, *, ready: bool) -> dict[str, Any]:
        assert self._child is not None
        note = {
            "address": self.server.address,
            "keeper": os.getpid(),
            "server": self._child.pid,
            "server_born": _born(self._child.pid),
            "ready": ready,
        }
        part = self.note.with_suffix(".part")
        part.write_text(json.dumps(note))
        part.replace(self.note)
        return note

    def _failure(self, what: str) -> str:
        name, folders = self.server.name, self.folders
        return f"the embedded {name} {what}: {folders.last_words(name)}; its log is {folders.log / name}.log"


def note_path(folders: StoreFolders, store: str) -> Path:
    """Where the note on a store lies."""
    return folders.run / f"{store}.json"


def _born(pid: int) -> float | None:
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None

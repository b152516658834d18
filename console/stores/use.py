"""One user's hold on an embedded store. The keeper (keeper.py) stops a store that nobody holds any more."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import psutil

from campaign.errors import ConfigurationError
from console.stores.folders import StoreFolders, store_folders
from console.stores.locks import FileLock
from console.stores.processes import is_dead
from console.stores.server import note_path

KEEPER = "console.stores.keeper"

STOP_WAIT_S = 15.0
"""Longest wait for a store that is being stopped."""

START_WAIT_S = 320.0
"""Longest wait for a store to start: a little more than its keeper gives it."""


class StoreUse:
    """A hold on the store `valkey` or `postgres` of a home, from entering to leaving; the kernel ends it on any death.

    linger   when False and nobody else uses the store, leaving waits until it is stopped
    """

    def __init__(self, home: Path, store: str, *, linger: bool = True) -> None:
        self.store, self.address = store, ""
        self._home, self._linger = home, linger
        self._users: FileLock | None = None

    def __enter__(self) -> Self:
        folders = store_folders(self._home)
        self._users = self._lock(folders, "users")
        try:
            # Taken before we look for a keeper: one that we find cannot stop any more.
            if not self._users.shared(STOP_WAIT_S):
                raise ConfigurationError(f"the embedded {self.store} in {folders.home} is stopping; try again shortly")
            self.ensure()
        except BaseException:
            self._users.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self._users is not None
        self._users.touch()  # the keeper looks at intervals, and may not have seen us
        last = not self._linger and self._users.try_exclusive()
        self._users.close()
        if last:
            self._await_end(store_folders(self._home))

    def ensure(self) -> None:
        """Find the store's keeper, or start one, and wait until the store answers.

        raises   ConfigurationError when it does not start
        """
        folders = store_folders(self._home)
        ends = time.monotonic() + START_WAIT_S
        # One at a time: the first starts a keeper, the others find it.
        with self._lock(folders, "start") as turn:
            if not turn.exclusive(START_WAIT_S):
                raise ConfigurationError(f"the embedded {self.store} does not start; its logs are in {folders.log}")
            while not (note := self._note(folders)).get("ready"):
                if "error" in note:
                    raise ConfigurationError(str(note["error"]))
                if time.monotonic() > ends:
                    raise ConfigurationError(
                        f"the embedded {self.store} does not answer; its logs are in {folders.log}"
                    )
                time.sleep(0.05)
        self.address = str(note["address"])

    def keeper_lives(self) -> bool:
        """Whether a keeper runs for the store."""
        with self._lock(store_folders(self._home), "keeper") as lock:
            return not lock.try_exclusive()

    def _note(self, folders: StoreFolders) -> dict[str, Any]:
        """The note of the keeper that runs, or of one that is started for it; empty while there is none."""
        return self._read_note(folders) if self.keeper_lives() else self._start_keeper(folders)

    def _read_note(self, folders: StoreFolders) -> dict[str, Any]:
        try:
            note: dict[str, Any] = json.loads(note_path(folders, self.store).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        with self._lock(folders, "keeper") as lock:
            return note if str(note["keeper"]) == lock.read() else {}  # else the note of one that was killed

    def _start_keeper(self, folders: StoreFolders) -> dict[str, Any]:
        """Start a keeper apart from us, so that no signal of our terminal reaches it, and read its only line."""
        keeper = [sys.executable, "-P", "-m", KEEPER, self.store, str(folders.home), "--detach"]
        with folders.open_log(f"{self.store}-keeper") as log:
            try:
                done = subprocess.run(
                    keeper, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, cwd="/", timeout=START_WAIT_S
                )
            except subprocess.TimeoutExpired:
                return {}
        if not done.stdout:
            return {"error": f"the keeper of the embedded {self.store} died at its start; see {log.name}"}
        note: dict[str, Any] = json.loads(done.stdout)
        return note

    def _await_end(self, folders: StoreFolders) -> None:
        """Tell the keeper not to linger, and wait until it and its store are gone."""
        note = self._read_note(folders)
        with self._lock(folders, "keeper") as lock:
            if "keeper" not in note or lock.try_exclusive():
                return
            keeper = psutil.Process(int(note["keeper"]))
            if KEEPER not in keeper.cmdline():
                return  # it runs in another container, where that number means another process
            keeper.send_signal(signal.SIGUSR1)
            lock.exclusive(STOP_WAIT_S)
        ends = time.monotonic() + 1.0  # its interpreter's last moments
        while not is_dead(keeper) and time.monotonic() < ends:
            time.sleep(0.01)

    def _lock(self, folders: StoreFolders, kind: str) -> FileLock:
        return FileLock(folders.run / f"{self.store}.{kind}.lock")

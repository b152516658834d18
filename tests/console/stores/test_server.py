"""A server as a process: its note, its end, and those that an earlier keeper left behind."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from campaign.errors import ConfigurationError
from console.stores import server as module
from console.stores.folders import StoreFolders, store_folders
from console.stores.processes import is_dead
from console.stores.server import ServerProcess, note_path

SLEEP = "import sys, time; print('sleeping', flush=True); time.sleep(60)"


class Sleeper:
    """A server that does nothing; `code` says how it behaves."""

    name = "sleeper"
    stop_signal = signal.SIGTERM
    address = "sleep://here"

    def __init__(self, folders: StoreFolders, code: str = SLEEP) -> None:
        self.folders, self.code = folders, code

    def prepare(self) -> None:
        """Nothing to make."""

    def spawn(self) -> "subprocess.Popen[bytes]":
        with self.folders.open_log(self.name) as log:
            return subprocess.Popen([sys.executable, "-c", self.code, self.folders.home], stdout=log, stderr=log)

    def is_ready(self) -> bool:
        return "sleeping" in self.folders.last_words(self.name)


@pytest.fixture
def folders(home: Path) -> StoreFolders:
    return store_folders(home)


def test_the_note_tells_who_keeps_what_and_is_gone_after_the_end(folders: StoreFolders) -> None:
    process = ServerProcess(Sleeper(folders), folders)
    note = process.start()
    assert json.loads(note_path(folders, "sleeper").read_text()) == note
    assert note["address"] == "sleep://here"
    assert note["keeper"] == psutil.Process().pid
    assert psutil.Process(note["server"]).create_time() == note["server_born"]
    assert process.alive
    process.stop()
    assert not process.alive
    assert not note_path(folders, "sleeper").exists()


def test_one_that_ends_at_once_is_told_with_its_last_words(folders: StoreFolders) -> None:
    broken = Sleeper(folders, "raise SystemExit('FATAL: the data is of another version')")
    with pytest.raises(
        ConfigurationError, match=r"sleeper does not start: FATAL: the data is of another version; its log"
    ):
        ServerProcess(broken, folders).start()


def test_one_that_never_answers_is_given_up(folders: StoreFolders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_TIMEOUT_S", 0.3)
    process = ServerProcess(Sleeper(folders, "import time; time.sleep(60)"), folders)
    with pytest.raises(ConfigurationError, match="does not answer"):
        process.start()
    process.stop()


def test_what_an_earlier_keeper_left_is_ended(folders: StoreFolders) -> None:
    earlier = ServerProcess(Sleeper(folders), folders)
    left = psutil.Process(earlier.start()["server"])
    ServerProcess(Sleeper(folders), folders).end_leftover()
    assert is_dead(left)
    earlier.stop()


@pytest.mark.parametrize("note", ["", "{}", "[]", '{"server": "x"}', '{"server": 999999999, "server_born": 1}'])
def test_a_note_that_says_nothing_useful_harms_nobody(folders: StoreFolders, note: str) -> None:
    note_path(folders, "sleeper").write_text(note)
    ServerProcess(Sleeper(folders), folders).end_leftover()


def test_a_process_that_only_bears_the_number_is_left_alone(folders: StoreFolders) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP], stdout=subprocess.DEVNULL) as other:
        note_path(folders, "sleeper").write_text(json.dumps({"server": other.pid, "server_born": 1.0}))
        ServerProcess(Sleeper(folders), folders).end_leftover()
        time.sleep(0.2)
        assert other.poll() is None
        other.kill()

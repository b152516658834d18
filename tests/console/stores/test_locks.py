"""Locks that end with their holder."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from campaign.errors import ConfigurationError
from console.stores.locks import FileLock

HOLD = """
import sys
from pathlib import Path
from console.stores.locks import FileLock
lock = FileLock(Path(sys.argv[1]))
assert lock.shared(1)
print("held", flush=True)
sys.stdin.read()
"""


def test_an_exclusive_lock_has_one_holder(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock") as first, FileLock(tmp_path / "lock") as second:
        assert first.try_exclusive()
        assert not second.try_exclusive()
        assert not second.shared(timeout_s=0.05)
        first.release()
        assert second.try_exclusive()


def test_a_shared_lock_has_many_holders_and_keeps_an_exclusive_one_out(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock") as first, FileLock(tmp_path / "lock") as second:
        assert first.shared(timeout_s=0)
        assert second.shared(timeout_s=0)
        with FileLock(tmp_path / "lock") as third:
            assert not third.exclusive(timeout_s=0.05)


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock") as lock:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD, tmp_path / "lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        with holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            assert not lock.try_exclusive()
            holder.send_signal(signal.SIGKILL)
        assert lock.exclusive(timeout_s=2)


def test_a_note_is_readable_by_those_who_find_the_lock_taken(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock") as holder, FileLock(tmp_path / "lock") as other:
        holder.write("12345 and more")
        holder.write("77")
        assert other.read() == "77"


def test_a_closed_lock_is_free_and_closing_twice_is_harmless(tmp_path: Path) -> None:
    first = FileLock(tmp_path / "lock")
    assert first.try_exclusive()
    first.close()
    first.close()
    with FileLock(tmp_path / "lock") as second:
        assert second.try_exclusive()


def test_a_lock_that_cannot_be_opened_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no-such-folder/lock.*CAMPAIGN_HOME"):
        FileLock(tmp_path / "no-such-folder" / "lock")

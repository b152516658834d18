"""Being somebody else, and dying together."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from console.stores import unprivileged
from console.stores.processes import is_dead
from console.stores.unprivileged import Account, can_reach, die_with_parent, unprivileged_account
from tests.console.processes import wait_until

SOMEBODY = Account("somebody", uid=54321, gid=54321)


def test_the_account_is_not_root_and_is_listed() -> None:
    account = unprivileged_account()
    assert account is not None
    assert account.uid != 0
    assert subprocess.run(["id", "-u", account.name], capture_output=True, text=True).stdout.strip() == str(account.uid)


def test_without_another_user_there_is_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    monkeypatch.setattr(pwd, "getpwall", lambda: [pwd.getpwuid(0)])
    assert unprivileged_account() is None


@pytest.mark.parametrize(
    ("mode", "account", "reachable"),
    [
        (0o755, SOMEBODY, True),
        (0o711, SOMEBODY, True),
        (0o700, SOMEBODY, False),
        (0o744, SOMEBODY, False),  # may list, may not enter
        (0o710, SOMEBODY._replace(gid=os.getegid()), True),
        (0o701, SOMEBODY._replace(gid=os.getegid()), False),  # the group's bits count, not the others'
        (0o700, SOMEBODY._replace(uid=os.geteuid()), True),
    ],
)
def test_who_can_reach_a_folder(tmp_path: Path, mode: int, account: Account, reachable: bool) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder.is_relative_to(
            "/tmp/pytest-of-" + psutil.Process().username()
        ):
            folder.chmod(0o755)
    folder = tmp_path / "outer" / "inner"
    folder.mkdir(parents=True)
    folder.parent.chmod(mode)
    assert can_reach(account, folder) is reachable


def test_a_child_gets_the_signal_when_its_parent_is_killed() -> None:
    code = """
import signal, subprocess, sys, time
from console.stores.unprivileged import die_with_parent
child = subprocess.Popen(["sleep", "60"], preexec_fn=die_with_parent(signal.SIGTERM))
print(child.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    wait_until(lambda: is_dead(child))


def test_a_child_whose_parent_is_not_the_expected_one_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the parent died between the fork and the call."""
    monkeypatch.setattr(unprivileged.os, "getpid", lambda: 1234567)
    bind = die_with_parent(signal.SIGKILL)
    monkeypatch.undo()
    assert subprocess.run(["sleep", "60"], preexec_fn=bind).returncode == 1

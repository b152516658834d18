"""Running a program that refuses root, when we are root.

PostgreSQL will not start as uid 0. Two ways round it, both without anyone else's help:

    namespace   the child enters a user namespace in which our uid 0 is called by another number. For the kernel it
                stays our own user: files stay ours, and every folder that we reach it reaches.
    other user  where namespaces are refused (some containers), the child becomes an unprivileged user, who must
                be able to reach the program and its data.
"""

import ctypes
import errno
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


class Account(NamedTuple):
    """A user that is not root, with an entry in the system's list of users."""

    name: str
    uid: int
    gid: int


def is_root() -> bool:
    """Whether this process is uid 0."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def unprivileged_account() -> Account | None:
    """The user to be taken for, or None where the system lists nobody but root.

    It has to be listed: `initdb` looks the name of its own uid up and stops when there is none.
    """
    import pwd  # missing on Windows

    listed = {entry.pw_name: Account(entry.pw_name, entry.pw_uid, entry.pw_gid) for entry in pwd.getpwall()}
    preferred = [listed[name] for name in ("postgres", "nobody", "daemon") if name in listed]
    return next((account for account in [*preferred, *listed.values()] if account.uid != 0), None)


def enter_namespace(account: Account) -> None:
    """Enter a new user namespace in which our own uid and gid bear the numbers of `account`.

    For a freshly forked child with one thread. Raises OSError where the kernel or the container refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    own_uid, own_gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    # A gid may be mapped by an unprivileged writer only once setgroups is given up, see user_namespaces(7).
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{account.uid} {own_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{account.gid} {own_gid} 1")


def namespace_available(account: Account) -> bool:
    """Whether a child may enter a user namespace here, found out by trying. The caller must have one thread."""
    if not sys.platform.startswith("linux"):
        return False
    child = os.fork()
    if child == 0:
        code = 1
        try:
            enter_namespace(account)
            code = 0
        except OSError:
            code = errno.EPERM
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def die_with_parent(sign: int = signal.SIGTERM) -> Callable[[], None]:
    """What a child has to run before its `exec`, after any change of user, to get `sign` when its parent dies.

    The kernel means the parent's *thread*: start such children from a thread that lasts. Only on Linux; elsewhere a
    child outlives its parent until the next start takes it over.
    """
    parent = os.getpid()

    def bind() -> None:
        if not sys.platform.startswith("linux"):
            return
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
        if os.getppid() != parent:  # it died between the fork and this line
            os._exit(1)

    return bind


def can_reach(account: Account, path: Path) -> bool:
    """Whether `account` may walk into `path`, judged by the mode bits of it and of every folder above."""
    return all(_may_search(account, folder) for folder in [path, *path.resolve().parents])


def _may_search(account: Account, folder: Path) -> bool:
    facts = folder.stat()
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & 0o100)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & 0o010)
    return bool(facts.st_mode & 0o001)

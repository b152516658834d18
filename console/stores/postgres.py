"""The embedded PostgreSQL: a server from the wheel, on a unix socket in a folder of ours, with durable settings."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import psycopg
import structlog

from campaign.errors import ConfigurationError
from console.stores.folders import StoreFolders
from console.stores.processes import end
from console.stores.residence import ELSEWHERE, choose_residence
from console.stores.unprivileged import die_with_parent

DATABASE = USER = "campaign"
INITDB_TIMEOUT_S = 120
ORPHAN_PATIENCE_S = 2.0

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # Durable: a commit that was answered is on the disk.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # A small machine that is shared with the workers.
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "max_connections": "200",
    "wal_level": "replica",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}

log = structlog.get_logger(__name__)


class PostgresServer:
    """How the embedded PostgreSQL is prepared, started, asked and stopped; data in `postgres/`."""

    name = "postgres"
    stop_signal = signal.SIGINT  # a fast shutdown: ends sessions, keeps every commit

    def __init__(self, folders: StoreFolders, *, allow_namespace: bool = True) -> None:
        self.folders = folders
        self.residence = choose_residence(folders, allow_namespace=allow_namespace)

    @property
    def address(self) -> str:
        """The address for clients."""
        return self._address_of(DATABASE)

    def prepare(self) -> None:
        """Make the data folder when there is none, and clear what a dead server left.

        raises   ConfigurationError when `initdb` fails, or another PostgreSQL runs on the data
        """
        data = self.residence.data
        if not (data / "PG_VERSION").exists():
            self._initdb()
        self.residence.own(data)
        note = data / "postmaster.pid"
        if note.exists():
            _clear(note, data)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server; it ends when the caller's thread ends."""
        settings = {"unix_socket_directories": str(self.residence.sockets), **SETTINGS}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with self.folders.open_log(self.name) as server_log:
            return subprocess.Popen(
                [self.residence.programs / "postgres", "-D", self.residence.data, *options],
                stdin=subprocess.DEVNULL,
                stdout=server_log,
                stderr=server_log,
                cwd="/",
                env=_environment(),
                start_new_session=True,
                **self.residence.identity(die_with_parent(self.stop_signal)),
            )

    def is_ready(self) -> bool:
        """Whether it takes connections and our database is there, which is made when missing."""
        try:
            with psycopg.connect(self._address_of("postgres"), autocommit=True, connect_timeout=5) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.OperationalError:
            return False
        return True

    def _address_of(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={self.residence.sockets}"

    def _initdb(self) -> None:
        """Make a cluster beside its place and move it there when it is whole."""
        part = self.residence.data.with_name("postgres.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        self.residence.own(part)
        log.info("making a database", folder=str(self.residence.data))
        done = subprocess.run(
            [
                *(self.residence.programs / "initdb", "--pgdata", part, "--username", USER, "--encoding", "UTF8"),
                *("--locale-provider", "builtin", "--locale", "C.UTF-8"),
                *("--auth-local", "trust", "--auth-host", "reject"),  # only we can walk to the socket
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            env=_environment(),
            timeout=INITDB_TIMEOUT_S,
            **self.residence.identity(die_with_parent(signal.SIGKILL)),
        )
        if done.returncode != 0:
            shutil.rmtree(part, ignore_errors=True)
            raise ConfigurationError(f"no database could be made in {self.residence.data}: {_complaint(done.stderr)}")
        part.rename(self.residence.data)


def _clear(note: Path, data: Path) -> None:
    """Remove the note of a server that is dead, after the last of its children; refuse a server that lives.

    PostgreSQL itself only asks whether a process of that number exists, so after a reboot it would take any for a
    server and refuse to start. But its note also guards the memory that children of a killed server may still use.
    """
    left = [process for process in psutil.process_iter() if _works_in(process, data)]
    living = next((process.pid for process in left if note.read_text().startswith(f"{process.pid}\n")), None)
    if living:
        raise ConfigurationError(
            f"another PostgreSQL (process {living}) runs on {data}; stop it, or set CAMPAIGN_HOME to another folder"
        )
    for process in left:
        log.warning("ending a session of a server that was killed", pid=process.pid)
        end(process, signal.SIGQUIT, patience_s=ORPHAN_PATIENCE_S)
    note.unlink(missing_ok=True)


def _works_in(process: psutil.Process, data: Path) -> bool:
    """Whether a process is of the server: all of them work in the data folder."""
    try:
        return Path(process.cwd()) == data and "postgres" in process.name()
    except psutil.Error:
        return False


def _environment() -> dict[str, str]:
    """Ours without what would steer PostgreSQL: PG* variables, locale, time zone."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def _complaint(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if "error:" in line or "FATAL:" in line]
    reason = (told or lines or ["no reason given"])[0]
    return f"{reason}; mend that, set CAMPAIGN_HOME to another folder, or {ELSEWHERE}"

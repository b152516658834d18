"""`campaign up`: everything in the foreground, one combined log, one Ctrl-C for all of it.

What belongs to a running engine is the table in console/parts.py.
"""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil

from campaign.access.sign_in import make_setup_token
from campaign.errors import ConfigurationError
from campaign.practice import SANDBOX_URL
from campaign.settings import Settings
from console.children import OURSELVES, Sink, Supervisor
from console.combined_log import CombinedLog
from console.embedded import StoreAddresses, revive_stores, stores
from console.parts import SANDBOX_HOST, SANDBOX_SECRETS, Plan, UpOptions, children_of, environment_of
from console.stores.folders import store_folders
from console.stores.locks import FileLock
from console.stores.processes import is_dead
from models.session import make_engine, make_sessions

PREDECESSOR_ENDS_S = 5.0
"""How long the children of a killed predecessor may take to end before we start ours."""

READY_TIMEOUT_S = 60.0
STORES_LOOK_S = 1.0
POLL_S = 0.1
EVERYWHERE = ("0.0.0.0", "::", "")


@dataclass(frozen=True)
class Engine:
    """A running engine, as seen by who started it; an address is empty where there is no such part.

    setup_url  where the first user of the console is made; None once there is one
    """

    addresses: StoreAddresses
    supervisor: Supervisor
    receiver_url: str
    sandbox_url: str
    console_url: str
    setup_url: str | None


def run_up(options: UpOptions, settings: Settings | None = None) -> int:
    """Run everything until Ctrl-C or SIGTERM; returns the exit code.

    raises   ConfigurationError when the home is in use, the port taken, or a store or a part cannot be had
    """
    settings = settings or Settings()
    log = CombinedLog(sys.stdout)
    stop = StopSignals()
    try:
        with stop.heard(), running(settings, options, log.write, check=stop.check) as engine:
            stop.hurry_up = engine.supervisor.hurry
            log.write(OURSELVES, f"webhooks are received at {engine.receiver_url}/webhooks/NAME")
            if engine.sandbox_url:
                log.write(OURSELVES, f"the stand-in platform is at {engine.sandbox_url}")
            if engine.setup_url:
                log.write(OURSELVES, f"set up the console, once, at {engine.setup_url}")
            elif engine.console_url:
                log.write(OURSELVES, f"the console is at {engine.console_url}")
            log.write(OURSELVES, "everything runs; Ctrl-C stops it")
            while engine.supervisor.alive and not stop.wanted:
                time.sleep(POLL_S)
            if engine.supervisor.failure:
                raise engine.supervisor.failure
            log.write(OURSELVES, "stopping")
    except KeyboardInterrupt:
        log.write(OURSELVES, "stopped before everything ran")
        return 0
    except BrokenPipeError:  # nobody reads our log any more
        return 1
    except OSError as error:
        raise ConfigurationError(f"the log cannot be written: {error.strerror}; everything was stopped") from None
    log.write(OURSELVES, "stopped")
    return 0 if stop.wanted else 1


@contextmanager
def running(
    settings: Settings, options: UpOptions, sink: Sink, *, check: Callable[[], None] = lambda: None
) -> Iterator[Engine]:
    """A whole engine on the stores of the settings: started, ready, and stopped at the end of the block.

    check    called between the steps of the start; what it raises ends the start
    raises   ConfigurationError when the home is in use, the port taken, or a store or a part cannot be had
    """
    folders = store_folders(settings.home)
    settings = _at_the_pace_of_the_sandbox(settings) if options.sandbox else settings
    with ExitStack() as stack:
        lock = stack.enter_context(_only_one(folders.run / "up.lock"))
        listening = stack.enter_context(_listen(settings, options.port))
        console = stack.enter_context(_listen_for_console(settings, options)) if options.console else None
        addresses = stack.enter_context(stores(settings, linger=False))
        known = {"database_url": addresses.database_url, "redis_url": addresses.redis_url, "home": folders.home}
        ports = {"receiver_port": _port_of(listening)} | ({"console_port": _port_of(console)} if console else {})
        environment = environment_of(settings, **known, **ports)
        sink(OURSELVES, "PostgreSQL and Redis are up")
        check()
        stack.enter_context(_stores_looked_after(settings, sink))
        plan = _plan(settings, options, listening, environment, console)
        supervisor = stack.enter_context(Supervisor(children_of(plan), sink, held_lock=lock.fileno()))
        supervisor.wait_ready(READY_TIMEOUT_S, check=check)
        sandbox_url = _sandbox_url(plan.sandbox_port) if plan.sandbox_port else ""
        console_url = _console_url(settings, console) if console else ""
        setup_url = _setup_url(addresses, console_url) if console else None
        yield Engine(addresses, supervisor, plan.receiver_url, sandbox_url, console_url, setup_url)


def _sandbox_url(port: int) -> str:
    return f"http://{SANDBOX_HOST}:{port}"


def _console_url(settings: Settings, console: socket.socket) -> str:
    host = "127.0.0.1" if settings.console_host in EVERYWHERE else settings.console_host
    return settings.console_url or f"http://{host}:{_port_of(console)}"


def _setup_url(addresses: StoreAddresses, console_url: str) -> str | None:
    """Where the first user is made, with the token that this takes; None when there are users."""
    engine = make_engine(addresses.database_url, pool_size=1)
    try:
        token = make_setup_token(make_sessions(engine))
    finally:
        engine.dispose()
    return f"{console_url}/setup?token={token}" if token else None


def _plan(
    settings: Settings,
    options: UpOptions,
    listening: socket.socket,
    environment: dict[str, str],
    console: socket.socket | None,
) -> Plan:
    host = "127.0.0.1" if settings.receiver_host in EVERYWHERE else settings.receiver_host
    port = _port_of(listening)
    sandbox_port = _sandbox_port(settings, options, port)
    if sandbox_port:
        environment |= {name: os.environ.get(name) or usual for name, usual in SANDBOX_SECRETS.items()}
        environment |= {SANDBOX_URL: _sandbox_url(sandbox_port)}
    return Plan(
        options=options,
        environment=environment,
        run=store_folders(settings.home).run,
        listening=listening.fileno(),
        receiver_url=f"http://{host}:{port}",
        sandbox_port=sandbox_port,
        console=console.fileno() if console else None,
    )


@contextmanager
def _only_one(path: Path) -> Iterator[FileLock]:
    """Hold the lock of a running engine. After a kill -9 it is free once the guard has ended what was left."""
    with FileLock(path) as lock:
        if not lock.try_exclusive():
            holder = lock.read()
            if (holder.isdigit() and _lives(int(holder))) or not lock.exclusive(PREDECESSOR_ENDS_S):
                raise ConfigurationError(
                    f"campaign up already runs in {path.parent.parent} (process {holder}); "
                    "stop it, or set CAMPAIGN_HOME to another folder"
                )
        lock.write(str(os.getpid()))
        yield lock


def _lives(pid: int) -> bool:
    try:
        return not is_dead(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


def _listen(settings: Settings, port: int | None) -> AbstractContextManager[socket.socket]:
    """The receiver's socket, ours so that a webhook waits in it while the receiver is started again."""
    chosen = settings.receiver_port if port is None else port
    return _listening(settings.receiver_host, chosen, "--port or CAMPAIGN_RECEIVER_PORT")


def _listen_for_console(settings: Settings, options: UpOptions) -> AbstractContextManager[socket.socket]:
    """The console's socket; where the receiver takes any free port, so does the console unless it is told."""
    port = settings.console_port if options.console_port is None else options.console_port
    told = options.console_port is not None or "console_port" in settings.model_fields_set
    any_port = options.port == 0 or (options.port is None and settings.receiver_port == 0)
    return _listening(
        settings.console_host, 0 if any_port and not told else port, "--console-port or CAMPAIGN_CONSOLE_PORT"
    )


@contextmanager
def _listening(host: str, port: int, how: str) -> Iterator[socket.socket]:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigurationError(
            f"port {port} of {host} cannot be listened on: {error.strerror}; choose another with {how}"
        ) from None
    with listening:
        yield listening


def _port_of(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


SANDBOX_PACE = {"lease_s": 30.0, "send_timeout_s": 10.0, "uncertain_grace_s": 10.0, "webhook_retry_s": 60.0}
"""The stand-in reports within seconds, and tries again within a minute: what it does not report is known to be absent
sooner than with WhatsApp."""


def _at_the_pace_of_the_sandbox(settings: Settings) -> Settings:
    pace = {name: value for name, value in SANDBOX_PACE.items() if name not in settings.model_fields_set}
    return settings.model_copy(update=pace)


def _sandbox_port(settings: Settings, options: UpOptions, receiver_port: int) -> int | None:
    """The port beside the receiver's, so that a sender's address stays true from one start to the next."""
    if not options.sandbox:
        return None
    chosen = settings.receiver_port if options.port is None else options.port
    wanted = receiver_port + 1 if chosen else 0
    try:
        with socket.create_server((SANDBOX_HOST, wanted)) as probe:
            return _port_of(probe)
    except OSError as error:
        raise ConfigurationError(
            f"port {wanted}, the stand-in's, cannot be listened on: {error.strerror}; choose another --port"
        ) from None


@contextmanager
def _stores_looked_after(settings: Settings, sink: Sink) -> Iterator[None]:
    """Have embedded stores back whose keepers were killed, for the block. A store alone is its keeper's business."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(STORES_LOOK_S):
            try:
                for store in revive_stores(settings):
                    sink(OURSELVES, f"{store} and its keeper were gone; both are back")
            except ConfigurationError as error:
                sink(OURSELVES, str(error))
            except OSError:  # of the log; the supervisor meets it too, and ends
                return

    thread = threading.Thread(target=look, name="stores", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class StopSignals:
    """Ctrl-C, SIGTERM and a closed terminal ask for a warm stop; a second one cuts it short.

    The first only leaves a note, so that nothing is interrupted between being started and being kept.
    """

    def __init__(self) -> None:
        self.wanted = False
        self.hurry_up: Callable[[], None] | None = None

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen for the block."""
        signs = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {sign: signal.signal(sign, self._hear) for sign in signs}
        try:
            yield
        finally:
            for sign, handler in before.items():
                signal.signal(sign, handler)

    def check(self) -> None:
        """Raise KeyboardInterrupt when a stop is wanted; for the steps of a start."""
        if self.wanted:
            raise KeyboardInterrupt

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        again, self.wanted = self.wanted, True
        if again and self.hurry_up is not None:
            self.hurry_up()
        elif again:
            raise KeyboardInterrupt

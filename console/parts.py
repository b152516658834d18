"""The parts of a running engine, as a table: each a name, a command and its environment. A new part is a new row."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from campaign.settings import PREFIX, Settings
from console.child import Child
from tasks.app import QueueNames

SANDBOX_HOST = "127.0.0.1"
SANDBOX_SECRETS = {
    "SANDBOX_TOKEN": "sandbox-token",
    "SANDBOX_APP_SECRET": "sandbox-app-secret",
    "SANDBOX_WEBHOOK_AUTHORIZATION": "Bearer sandbox-webhooks",
}
"""Variables that a sender on the stand-in names, and what they hold unless they are set: no secrets at all."""

PYTHON = (sys.executable, "-P", "-m")
CELERY = (*PYTHON, "celery", "-q", "-A", "tasks.app")


@dataclass(frozen=True)
class UpOptions:
    """What `campaign up` is asked for; a `port` of None takes the setting, 0 any that is free."""

    workers: int = 2
    port: int | None = None
    sandbox: bool = False
    console: bool = True
    console_port: int | None = None
    sandbox_sender: str = "sandbox"
    sandbox_arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What the parts of an engine are told.

    listening     descriptor of the receiver's socket
    receiver_url  as it is reached from this machine
    sandbox_port  None where no stand-in is wanted
    console       descriptor of the console's socket; None where none is wanted
    """

    options: UpOptions
    environment: dict[str, str]
    run: Path
    listening: int
    receiver_url: str
    sandbox_port: int | None
    console: int | None = None


def children_of(plan: Plan) -> list[Child]:
    """The parts of a running engine, each a name, a command and its environment."""
    senders = [f"worker-{number}" for number in range(1, plan.options.workers + 1)]
    return [
        *([_sandbox(plan)] if plan.sandbox_port else []),
        Child(
            "receiver",
            (*PYTHON, "console.receiver", "--fd", str(plan.listening)),
            plan.environment,
            ready_line="receiver listening on",
            keep_open=(plan.listening,),
        ),
        *([_console(plan, plan.console)] if plan.console is not None else []),
        *(_worker(plan, name, (QueueNames.SENDING,)) for name in senders),
        _worker(plan, "housekeeper", QueueNames.HOUSEKEEPING),
        _worker(plan, "importer", (QueueNames.IMPORTS,)),
        Child("beat", (*CELERY, "beat", "--pidfile", ""), plan.environment),
    ]


def _worker(plan: Plan, name: str, queues: Sequence[str]) -> Child:
    """One process that works one task at a time: a second child would share its connections and its fate."""
    quiet = {"PYTHONWARNINGS": "ignore:You're running the worker"}  # as root is a choice, not news
    flags = ("--concurrency", "1", "-O", "fair", "--loglevel", "INFO")
    apart = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    command = (*CELERY, "worker", "-n", f"{name}@%h", "-Q", ",".join(queues), *flags, *apart)
    return Child(name, command, plan.environment | quiet, ready_line=" ready.")


def _console(plan: Plan, listening: int) -> Child:
    command = (*PYTHON, "console.web", "--fd", str(listening))
    return Child("console", command, plan.environment, ready_line="console listening on", keep_open=(listening,))


def _sandbox(plan: Plan) -> Child:
    webhook_url = f"{plan.receiver_url}/webhooks/{plan.options.sandbox_sender}"
    place = ("--host", SANDBOX_HOST, "--port", str(plan.sandbox_port), "--webhook-url", webhook_url)
    command = (*PYTHON, "sandbox", *place, *plan.options.sandbox_arguments)
    return Child("sandbox", command, plan.environment, ready_line='"ready": true')


def environment_of(settings: Settings, **found: object) -> dict[str, str]:
    """The settings that were set, as variables, so that children see what we see whatever file or flag it is from.

    found  settings that were found out or chosen since, such as the address of an embedded store
    """
    chosen = {name: getattr(settings, name) for name in settings.model_fields_set} | found
    return {f"{PREFIX}{name}".upper(): _as_text(value) for name, value in chosen.items() if value is not None}


def _as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)

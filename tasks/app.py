"""The Celery app: queues by kind, so that no kind of work starves another, and a broker that is only a bell.

Truth lives in Postgres. A task lost costs a second until the dispatcher rings again; a task run twice finds nothing
to claim the second time.
"""

import signal
from multiprocessing.sharedctypes import RawValue
from threading import Thread

from celery import Celery
from celery.beat import Service
from celery.signals import beat_init, setup_logging, worker_shutting_down

from campaign.settings import current_settings
from tasks.log import set_up_log
from tasks.schedule import beat_schedule


class QueueNames:
    """Each queue, named once."""

    SENDING = "sending"
    DISPATCH = "dispatch"
    WEBHOOKS = "webhooks"
    SWEEPS = "sweeps"
    IMPORTS = "imports"
    ALL = (SENDING, DISPATCH, WEBHOOKS, SWEEPS, IMPORTS)
    # A sending worker does nothing else; one more worker does the rest.
    HOUSEKEEPING = (DISPATCH, WEBHOOKS, SWEEPS)


# Redis hands a task out again when it has not been acknowledged for so long, whether its worker died or is only slow.
# All but imports end within seconds and wait in no queue longer than their ring lasts, so two minutes are plenty; a
# second copy of one that runs on finds that Postgres has given its work away: nothing to claim, nothing to read.
# Nothing is ever sent with a countdown or an ETA: a message that is due later says so in Postgres, since a task that
# waits longer than this would be handed out again and again.
VISIBILITY_TIMEOUT_S = 120


def broker_url(redis_url: str) -> str:
    """The address of the broker in Celery's words: a unix socket is `redis+socket://` there."""
    scheme, separator, rest = redis_url.partition("://")
    return f"redis+socket{separator}{rest}" if scheme == "unix" else redis_url


def _broker() -> str:
    url = current_settings().redis_url
    # Without an address nothing is sent anywhere: the in-process broker keeps `--help` and imports working.
    return broker_url(url.get_secret_value()) if url else "memory://"


MODULES = [
    "tasks.sending",
    "tasks.webhooks",
    "tasks.sweeps",
    "tasks.templates",
    "tasks.senders",
    "tasks.schedules",
    "tasks.overview",
    "tasks.notices",
]

app = Celery("campaign", broker=_broker(), include=MODULES)
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=False,
    task_default_queue=QueueNames.DISPATCH,
    task_routes={
        "sending.send_chunk": {"queue": QueueNames.SENDING},
        "sending.dispatch": {"queue": QueueNames.DISPATCH},
        "webhooks.*": {"queue": QueueNames.WEBHOOKS},
        "sweeps.*": {"queue": QueueNames.SWEEPS},
        "schedules.*": {"queue": QueueNames.SWEEPS},
        # Reading a list takes minutes, so a worker of its own does it.
        "imports.*": {"queue": QueueNames.IMPORTS},
        # They only start what goes on beside; see tasks.beside.
        "templates.*": {"queue": QueueNames.SWEEPS},
        "senders.*": {"queue": QueueNames.SWEEPS},
        "overview.*": {"queue": QueueNames.SWEEPS},
        "notices.*": {"queue": QueueNames.SWEEPS},
    },
    # No bound on what a worker has received: with a bound of 1 and late acknowledgement, an acknowledgement that fails
    # because Redis went away counts as a task in hand for ever, and the worker never asks for another. Rings are few,
    # expire within seconds and are rung again, so none is hoarded.
    worker_prefetch_multiplier=0,
    # KiB. A child needs less and does not grow with what it sends (tests/bench/bench_memory.py), so this is a net for
    # a leak in a library: between two tasks the child ends and a fresh one takes its place.
    worker_max_memory_per_child=400_000,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_pool_limit=4,
    broker_transport_options={
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 10,
    },
    # A cancelled task would leave claims behind for the lease sweep; each ends by itself within seconds.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    beat_schedule=beat_schedule(current_settings()),
    # In memory: what beat keeps on disk by default is one more thing to break, and when it is told to end it closes
    # its file twice and complains. Every ring is short of date, so nothing is lost with what it remembers.
    beat_scheduler="celery.beat:Scheduler",
    beat_max_loop_interval=min(1.0, current_settings().beat_interval_s),
    task_serializer="json",
    accept_content=["json"],
    timezone="UTC",
    enable_utc=True,
)


@setup_logging.connect
def _log_as_all_our_processes_do(**_: object) -> None:
    """In place of Celery's own set-up, in workers and in beat."""
    set_up_log()


# Made before the children are forked and so shared with them: a child does not see the signal that ends its worker.
# A plain byte: a lock in it could be left taken by a child that is killed.
_stopping = RawValue("b", 0)


def stopping() -> bool:
    """Whether this worker was asked to end."""
    return bool(_stopping.value)


@worker_shutting_down.connect
def _stop_soon(**_: object) -> None:
    _stopping.value = 1


@beat_init.connect
def _end_between_rings(sender: Service, **_: object) -> None:
    """Let beat end once a ring is out. By default SystemExit is raised wherever it stands, and one raised while the
    client of Redis reads an answer comes out as another error: beat logs that and goes on for ever.
    """

    def stop(*_: object) -> None:
        # Not here: it writes to the log, in which the signal may have come.
        Thread(target=sender.stop, daemon=True).start()

    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, stop)

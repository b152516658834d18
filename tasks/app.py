"""The Celery app: queues by kind, so that no kind of work starves another, and a broker that is only a bell.

Truth lives in Postgres. A task lost costs a second until the dispatcher rings again; a task run twice finds nothing
to claim the second time.
"""

from multiprocessing.sharedctypes import RawValue

from celery import Celery
from celery.signals import setup_logging, worker_shutting_down

from campaign.settings import current_settings
from tasks.log import set_up_log
from tasks.schedule import beat_schedule


class QueueNames:
    """Each queue, named once."""

    SENDING = "sending"
    DISPATCH = "dispatch"
    WEBHOOKS = "webhooks"
    SWEEPS = "sweeps"
    ALL = (SENDING, DISPATCH, WEBHOOKS, SWEEPS)
    # A sending worker does nothing else; one more worker does the rest.
    HOUSEKEEPING = (DISPATCH, WEBHOOKS, SWEEPS)


# No task runs longer than some seconds, so an unacknowledged one can be rung again soon. Redis hands a task out again
# after this time even while it runs; leases in Postgres make that harmless.
VISIBILITY_TIMEOUT_S = 120


def broker_url(redis_url: str) -> str:
    """The address of the broker in Celery's words: a unix socket is `redis+socket://` there."""
    scheme, separator, rest = redis_url.partition("://")
    return f"redis+socket{separator}{rest}" if scheme == "unix" else redis_url


def _broker() -> str:
    url = current_settings().redis_url
    # Without an address nothing is sent anywhere: the in-process broker keeps `--help` and imports working.
    return broker_url(url.get_secret_value()) if url else "memory://"


MODULES = ["tasks.sending", "tasks.webhooks", "tasks.sweeps", "tasks.templates", "tasks.senders"]

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
        # They only start what goes on beside; see tasks.beside.
        "templates.*": {"queue": QueueNames.SWEEPS},
        "senders.*": {"queue": QueueNames.SWEEPS},
    },
    # No bound on what a worker has received: with a bound of 1 and late acknowledgement, an acknowledgement that fails
    # because Redis went away counts as a task in hand for ever, and the worker never asks for another. Rings are few,
    # expire within seconds and are rung again, so none is hoarded.
    worker_prefetch_multiplier=0,
    worker_max_memory_per_child=600_000,
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

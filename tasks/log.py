"""One set-up of the log for all our processes: a line of text per fact, on standard error.

Facts are fields. Phones are masked by who logs them, secrets never reach a field.
"""

import logging
import sys

import structlog

# Libraries that tell of every task, request or revision; and warnings meant for who writes code, not who runs it.
QUIET = {
    "alembic": logging.WARNING,
    "amqp": logging.WARNING,
    "celery.app.trace": logging.WARNING,
    "celery.beat": logging.WARNING,
    "celery.redirected": logging.WARNING,
    "celery.worker.strategy": logging.WARNING,
    "httpx": logging.WARNING,
    "kombu": logging.WARNING,
    "py.warnings": logging.ERROR,
    "uvicorn.access": logging.WARNING,
    "uvicorn.error": logging.WARNING,
}


def set_up_log(level: int = logging.INFO) -> None:
    """Send structlog and the standard library's records to standard error in one form, times in UTC."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[_strip_meta, _renderer()])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(level, least))


_strip_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta


def _renderer() -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        pad_event_to=0,
        pad_level=False,
        # The fancy ones show local variables, and with them phones and tokens.
        exception_formatter=structlog.dev.plain_traceback,
    )

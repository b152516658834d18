"""One line per fact, from our own log and from libraries alike."""

import subprocess
import sys

import pytest

SPEAK = """
import logging, sys
import structlog
from tasks.log import set_up_log
set_up_log()
{}
"""


def said(code: str) -> list[str]:
    """What a process with our log writes on standard error."""
    done = subprocess.run([sys.executable, "-c", SPEAK.format(code)], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr.splitlines()


@pytest.mark.parametrize(
    "code",
    [
        'structlog.get_logger("x").info("chunk sent", accepted=498)',
        'logging.getLogger("some.library").info("chunk sent accepted=498")',
    ],
)
def test_ours_and_a_librarys_line_look_alike(code: str) -> None:
    (line,) = said(code)
    stamp, rest = line.split(" ", 1)
    assert stamp.endswith("Z")
    assert rest == "[info] chunk sent accepted=498"


@pytest.mark.parametrize(
    "name", ["celery.worker.strategy", "celery.app.trace", "celery.beat", "httpx", "uvicorn.access"]
)
def test_what_is_told_of_every_task_or_request_is_kept_quiet(name: str) -> None:
    (line,) = said(f'logging.getLogger("{name}").info("again"); logging.getLogger("{name}").warning("trouble")')
    assert "[warning] trouble" in line


def test_bound_facts_are_in_every_line() -> None:
    (line,) = said('structlog.contextvars.bind_contextvars(store="valkey"); structlog.get_logger().warning("died")')
    assert line.endswith("[warning] died store=valkey")


def test_a_traceback_shows_no_local_variables() -> None:
    code = """
def fail(token):
    raise ValueError("no")
try:
    fail("s3cr3t-token")
except ValueError:
    structlog.get_logger().exception("failed")
"""
    lines = said(code)
    assert "ValueError: no" in lines[-1]
    assert not [line for line in lines if "s3cr3t-token" in line and "fail(" not in line]


def test_it_can_be_set_up_twice_without_doubling_lines() -> None:
    assert len(said('set_up_log(); logging.getLogger("x").error("once")')) == 1


def test_workers_and_beat_log_as_everybody_does() -> None:
    code = "from tasks.app import app; app.log.setup(loglevel='INFO'); logging.getLogger('celery').warning('here')"
    (line,) = said(code)
    assert line.endswith("[warning] here")

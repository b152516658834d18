"""One child: its words, its readiness, its end."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from console.child import LINE_LIMIT_BYTES, Child, ChildProcess
from tests.console.processes import wait_until


def started(code: str, **more: object) -> ChildProcess:
    process = ChildProcess(Child("child", (sys.executable, "-c", code), **more))  # type: ignore[arg-type]
    process.start()
    return process


def heard_to_the_end(process: ChildProcess) -> list[str]:
    lines: list[str] = []
    more, ends = True, time.monotonic() + 10
    while more:
        assert time.monotonic() < ends
        new, more = process.read()
        lines += new
    wait_until(lambda: process.ended)
    process.close()
    return lines


def test_lines_are_whole_however_they_arrive() -> None:
    code = """
import sys, time
for part in ("on", "e\\ntw", "o\\n\\nthr", "ee"):
    sys.stdout.write(part)
    sys.stdout.flush()
    time.sleep(0.05)
"""
    assert heard_to_the_end(started(code)) == ["one", "two", "three"]


def test_bytes_that_are_no_text_do_not_stop_the_reading() -> None:
    assert heard_to_the_end(started("import os; os.write(1, b'caf\\xe9\\nfine\\n')")) == ["caf\ufffd", "fine"]


def test_a_line_without_end_is_cut_instead_of_kept_in_memory() -> None:
    lines = heard_to_the_end(started(f"print('x' * {5 * LINE_LIMIT_BYTES})"))
    assert sum(map(len, lines)) == 5 * LINE_LIMIT_BYTES
    assert max(map(len, lines)) <= 2 * LINE_LIMIT_BYTES


def test_its_variables_are_ours_and_its_own() -> None:
    code = "import os; print(os.environ['HOME'], os.environ['EXTRA'])"
    assert heard_to_the_end(started(code, environment={"EXTRA": "7"})) == [f"{os.environ['HOME']} 7"]


def test_it_inherits_only_what_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("inherited")
    given, kept = os.open(tmp_path / "file", os.O_RDONLY), os.open(tmp_path / "file", os.O_RDONLY)
    os.set_inheritable(kept, True)
    code = f"import os; print(os.read({given}, 99).decode())\ntry: os.fstat({kept})\nexcept OSError: print('not kept')"
    assert heard_to_the_end(started(code, keep_open=(given,))) == ["inherited", "not kept"]
    os.close(given)
    os.close(kept)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise SystemExit(3)", "ended (3)"),
        ("pass", "ended (0)"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "was killed by SIGSEGV"),
    ],
)
def test_how_it_ended_is_told_in_words(code: str, told: str) -> None:
    process = started(code)
    wait_until(lambda: process.ended)
    assert process.how_it_ended == told
    process.close()
    assert process.pid is None


@pytest.mark.parametrize("end", [ChildProcess.terminate, lambda process: process.signal(signal.SIGTERM)])
def test_ending_one_that_does_not_run_is_harmless(end: Callable[[ChildProcess], None]) -> None:
    end(ChildProcess(Child("child", ("true",))))

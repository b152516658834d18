"""Many processes, one readable log."""

import io
from datetime import UTC, datetime

import pytest

from console.combined_log import CombinedLog


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def noon() -> datetime:
    return datetime(2026, 11, 20, 12, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a plain line", "a plain line"),
        ("2026-11-20T11:59:59.123456Z [info] chunk sent accepted=50", "[info] chunk sent accepted=50"),
        ("2026-11-20 11:59:59,123 started", "started"),
        ("[2026-11-20 11:59:59,123: WARNING/MainProcess] no broker", "[warning] no broker"),
        ("2026-11-20 is a date, not a stamp", "2026-11-20 is a date, not a stamp"),
        ("    indented, as in a traceback", "    indented, as in a traceback"),
    ],
)
def test_a_line_has_one_time_and_its_name(said: str, shown: str) -> None:
    stream = io.StringIO()
    CombinedLog(stream, clock=noon).write("worker-1", said)
    assert stream.getvalue() == f"12:00:01 worker-1     {shown}\n"


def test_names_are_aligned_and_coloured_on_a_terminal_only() -> None:
    plain, terminal = io.StringIO(), Terminal()
    for stream in (plain, terminal):
        log = CombinedLog(stream, clock=noon)
        for name in ("beat", "housekeeper", "beat"):
            log.write(name, "x")
    assert "\x1b" not in plain.getvalue()
    assert len({line.index("x") for line in plain.getvalue().splitlines()}) == 1
    first, second, third = terminal.getvalue().splitlines()
    assert first == third  # a name keeps its colour
    assert first.split("m")[0] != second.split("m")[0]

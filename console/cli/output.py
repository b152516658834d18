"""What the command line prints: listings as a table or as JSON, notes and errors as one line on standard error."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH_WITHOUT_TERMINAL = 200
"""Columns of a table that goes to a file or another program, so that nothing in it is folded."""


def say(text: str = "") -> None:
    """One line for the reader, on standard output."""
    sys.stdout.write(f"{text}\n")


def warn(text: str) -> None:
    """One line on standard error; the command goes on."""
    sys.stderr.write(f"Warning: {one_line(text)}\n")


def fail(text: str, *, code: int) -> int:
    """One line on standard error; hands the exit code back."""
    sys.stderr.write(f"Error: {one_line(text)}\n")
    return code


@contextmanager
def all_or_nothing(list_name: str) -> Iterator[None]:
    """Say at Ctrl-C what became of a list that was being read; the interruption goes on."""
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write(f"Interrupted: nothing of {list_name} was kept; the same command begins anew.\n")
        raise


def one_line(text: str) -> str:
    """A text without line breaks."""
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def print_json(value: object) -> None:
    """A value as JSON: times in ISO 8601 with offset, durations in seconds."""
    say(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def show_listing(rows: Sequence[Mapping[str, Any]], *, as_json: bool, columns: Sequence[str], empty: str) -> None:
    """Rows as a table of some columns, or all of them as JSON; `empty` is said when there are none."""
    if as_json:
        print_json(list(rows))
    elif rows:
        terminal().print(table(columns, ([row[column] for column in columns] for row in rows)))
    else:
        say(empty)


def show_facts(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """One thing: a line per fact, or JSON."""
    if as_json:
        print_json(facts)
    else:
        terminal().print(table(("", ""), facts.items(), header=False))


def table(columns: Sequence[str], rows: Iterable[Iterable[object]], *, header: bool = True) -> "Table":
    """A table without frames; numbers to the right."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, show_header=header, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        drawn.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        # Text, not str: a name in square brackets is no markup.
        drawn.add_row(*(Text(words(value), justify="right" if _is_number(value) else "left") for value in row))
    return drawn


def terminal(*, stderr: bool = False) -> "Console":
    """The terminal, or a wide page when the output goes elsewhere."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else WIDTH_WITHOUT_TERMINAL)


def words(value: object) -> str:
    """A value as a person reads it."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, timedelta):
        return duration(value)
    return f"{value:,}" if _is_number(value) else str(value)


def counted(count: int, thing: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def duration(value: timedelta) -> str:
    """Hours, minutes and seconds, the largest two that count."""
    seconds = round(value.total_seconds())
    parts = ((seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    shown = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(shown[:2]) or "0 s"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)

"""Lines to records where a list is not plain: quoted cells, line breaks in cells, quotation marks never closed.

A quotation mark that is opened and not closed would swallow the rows after it. A record over several lines therefore
counts only when it has as many fields as the header; otherwise its first line alone is given up and the reading goes
on with the next. No line is lost.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TextIO

LONGEST_LINE = 131_072
"""Characters; a longer line is given up."""
_MOST_LINES = 100
"""Lines that one record may span."""


class Unreadable(NamedTuple):
    """A line that cannot be split into fields, and why."""

    line: str
    text: str


def physical_lines(stream: TextIO) -> Iterator[str]:
    """The lines of a file without NUL characters, each cut off at `LONGEST_LINE`."""
    while line := stream.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            _skip_line(stream)
        yield line.replace("\x00", "") if "\x00" in line else line


def split_records(
    block: Iterable[str], more: Iterator[str], *, delimiter: str, width: int | None
) -> Iterator[list[str] | Unreadable]:
    """The records that begin in a block of lines, blank ones included; the last may go on into `more`.

    width  fields of a record over several lines; None takes any
    """
    lines = _Lines(block, more)
    # Strict, so that the reader says where quotation marks do not fit instead of guessing.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while lines.waiting:
        lines.taken.clear()
        yield _next_record(reader, lines, delimiter, width)


class _Lines:
    """Feeds a CSV reader and remembers what it took, so that it can be given back."""

    def __init__(self, block: Iterable[str], more: Iterator[str]) -> None:
        self.waiting = deque(block)
        self.more = more
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        # To the reader the file ends here, in the middle of a cell: it fails, and the lines are given back.
        if len(self.taken) >= _MOST_LINES:
            raise StopIteration
        line = self.waiting.popleft() if self.waiting else next(self.more)
        self.taken.append(line)
        return line

    def give_up_first(self) -> str:
        """The first line taken; the others wait again."""
        self.waiting.extendleft(reversed(self.taken[1:]))
        return self.taken[0]


def _next_record(
    reader: Iterator[list[str]], lines: _Lines, delimiter: str, width: int | None
) -> list[str] | Unreadable:
    fields, problem = _attempt(reader)
    several = len(lines.taken) > 1
    # A line that was cut off would look like a short but good one.
    if any(len(line) >= LONGEST_LINE for line in lines.taken):
        return Unreadable(lines.give_up_first(), f"is longer than {LONGEST_LINE:,} characters")
    if several and (fields is None or (width is not None and len(fields) != width)):
        return Unreadable(lines.give_up_first(), "has a quotation mark that is opened and not closed")
    if fields is not None:
        return fields
    if "end of data" in problem:
        return Unreadable(lines.give_up_first(), "has a quotation mark that is opened and not closed")
    return _leniently(lines.taken[0], delimiter)


def _attempt(reader: Iterator[list[str]]) -> tuple[list[str] | None, str]:
    try:
        return next(reader), ""
    except csv.Error as error:
        return None, str(error)


def _leniently(line: str, delimiter: str) -> list[str] | Unreadable:
    """One line with text after a closing quotation mark, which spreadsheets take as part of the cell."""
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error as error:
        return Unreadable(line, f"cannot be split into fields ({error})")


def _skip_line(stream: TextIO) -> None:
    while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith("\n"):
        pass

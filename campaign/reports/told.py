"""A report that was written before, line by line, and how it compares with what the database has now."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from campaign.errors import BadList, NotFound


@dataclass
class Verified:
    """How a file compares with the database.

    same     lines that are equal
    changed  lines that differ by what came since: how, to how many
    first    the first line that has changed since, in words
    altered  lines that nothing explains; `wrong` is the first of them, in words
    """

    campaign: str
    kind: str = "recipients"
    same: int = 0
    changed: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    altered: int = 0
    wrong: str | None = None

    @property
    def holds(self) -> bool:
        """Whether every line is what it was, or has changed since for a reason."""
        return not self.altered

    def alter(self, words: str) -> None:
        """Count a line that nothing explains."""
        self.altered += 1
        self.wrong = self.wrong or words

    def change(self, how: str, where: str) -> None:
        """Count a line that differs by what came since."""
        self.changed[how] = self.changed.get(how, 0) + 1
        self.first = self.first or f"{where}: {how}"


ToldLine = tuple[int, list[str]]
"""A line of the file with the number of its first line, 2 for the first after the header."""


@contextmanager
def told_lines(path: Path) -> Iterator[tuple[Sequence[str], Iterator[ToldLine]]]:
    """The header of a report and its lines.

    raises  NotFound, BadList when it cannot be read as CSV, or a line has another number of cells than the header
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = tuple(next(reader, ()))
            yield header, _numbered(path, reader, len(header))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadList(f"{path} cannot be read as CSV: {error}") from None


def _numbered(path: Path, reader: Any, columns: int) -> Iterator[ToldLine]:
    before = reader.line_num
    for line in reader:
        if len(line) != columns:
            raise BadList(f"{path} line {before + 1} has {len(line)} cells, and there are {columns} columns")
        yield before + 1, line
        # A cell may hold line breaks: the number is that of the line's beginning.
        before = reader.line_num

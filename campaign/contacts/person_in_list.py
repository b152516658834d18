"""One person in a file that holds a list: whether they stand in it, and the list without them.

A row in which a cell is their phone is emptied and stays, so that the numbers of all rows still hold; a cell that only
mentions the phone loses it. What is written is a CSV, whatever the file was.
"""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import TextIOWrapper
from pathlib import Path
from typing import NamedTuple

from campaign.audience.bounds import Bounds
from campaign.audience.list_format import detect_format, kind_of
from campaign.audience.packing import Packing, open_unpacked
from campaign.audience.phone import Phone, read_phone
from campaign.audience.rows import RawRow
from campaign.audience.source import ListSource, open_list
from campaign.audience.workbook import sheet_as_csv
from campaign.contacts.traces import ERASED, Traces

_TAIL = 6
"""Last digits by which a row is found that is worth a closer look."""
_CELLS = re.compile(r"[,;\t|\"]")
_ROWS_AT_ONCE = 5_000
_LONGEST_PHONE = 60
_ANY_SCRIPT = range(0x10000)


class Way(NamedTuple):
    """How a list was read: the column of its phones, the sheet of a workbook, the region of bare numbers."""

    phone_column: str | None = None
    sheet: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom to look for: the identities of their phones, and what those leave in text."""

    identities: frozenset[str]
    traces: Traces

    def worth_a_look(self, text: str) -> bool:
        """Whether the last digits of the phone stand in a text, in any script and with little between them."""
        return _tails(tuple(sorted({each[-_TAIL:] for each in self.traces.whole}))).search(text) is not None

    def in_line(self, line: str, regions: Collection[str | None]) -> bool:
        """Whether a line of a list names the phone."""
        if not self.worth_a_look(line):
            return False
        return self.traces.clean(line) != line or any(
            self.is_phone(cell, region) for cell in _CELLS.split(line) for region in regions
        )

    def is_phone(self, cell: str, region: str | None) -> bool:
        """Whether a cell is the phone, and nothing else."""
        if len(cell) > _LONGEST_PHONE:
            return False
        found = read_phone(cell, region, any_type=True)
        if isinstance(found, Phone):
            return found.identity in self.identities
        return not any(each.isalnum() for each in self.traces.clean(cell).replace(ERASED, ""))


def stands_in(path: Path, regions: Iterable[str | None], sought: Sought, bounds: Bounds) -> bool:
    """Whether a person stands anywhere in a file: of a workbook, on any sheet that shows.

    regions  in which bare numbers of it were read
    raises   CampaignError, OSError when the file cannot be read
    """
    where = {None, *regions}
    if kind_of(path) is not Packing.WORKBOOK:
        form = detect_format(path, bounds)
        with TextIOWrapper(open_unpacked(path, form.packing, bounds), form.encoding, errors="replace") as lines:
            return any(sought.in_line(line, where) for line in lines)
    found, others = _on_sheet(path, None, where, sought, bounds)
    return found or any(_on_sheet(path, name, where, sought, bounds)[0] for name in others)


def without(path: Path, way: Way, sought: Sought, bounds: Bounds, out: Path) -> int:
    """Write the list of a file without a person; how many rows they stood in.

    raises  CampaignError, OSError when it cannot be read as it was
    """
    source = open_list(path, phone_column=way.phone_column, sheet=way.sheet, bounds=bounds)
    rows = 0
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([sought.traces.clean(column) for column in source.columns])
        for row in _rows(source):
            cells = list(row.values.values())
            cleaned = _cleaned(cells, way.region, sought) if sought.worth_a_look("\x1f".join(cells)) else cells
            rows += cleaned != cells
            writer.writerow(cleaned)
    return rows


def _rows(source: ListSource) -> Iterator[RawRow]:
    for chunk in source.chunks(_ROWS_AT_ONCE):
        yield from chunk


def _cleaned(cells: Sequence[str], region: str | None, sought: Sought) -> list[str]:
    if any(sought.is_phone(cell, region) for cell in cells):
        return [ERASED] * len(cells)
    return [sought.traces.clean(cell) for cell in cells]


def _on_sheet(
    path: Path, name: str | None, regions: Collection[str | None], sought: Sought, bounds: Bounds
) -> tuple[bool, Sequence[str]]:
    """Whether a person stands on a sheet, and what the other ones are called."""
    with sheet_as_csv(path, name, bounds) as sheet:
        try:
            with sheet.csv.open(encoding="utf-8") as lines:
                return any(sought.in_line(line, regions) for line in lines), sheet.how["others"]
        finally:
            sheet.csv.unlink(missing_ok=True)


@cache
def _tails(tails: tuple[str, ...]) -> re.Pattern[str]:
    between = r"[^\w\"]{0,3}"
    return re.compile("|".join(between.join(f"[{_digit(each)}]" for each in tail) for tail in tails))


@cache
def _digit(digit: str) -> str:
    return "".join(chr(code) for code in _ANY_SCRIPT if chr(code).isdecimal() and int(chr(code)) == int(digit))

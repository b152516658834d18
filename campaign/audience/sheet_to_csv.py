"""A sheet of a workbook to a CSV file, in a process of its own with a bound on its memory.

    python -m campaign.audience.sheet_to_csv WORKBOOK OUT MEMORY_BYTES MOST_BYTES [SHEET]

A workbook is unpacked as a whole, and a small file may unpack to anything: here it is this process that dies of it.
Says on standard output what it did, as JSON: `sheet`, `others` and `warnings`, or `error`.
"""

import contextlib
import csv
import json
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from campaign.audience.columns import looks_like_a_phone, names_a_phone
from campaign.audience.formulas import sentences, unsaved_formulas
from campaign.audience.spool import as_cell, write_rows
from campaign.errors import BadList
from campaign.names import listed

_LOOKED_AT = 20
"""Rows by which a cover is told from a list."""
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def main(arguments: Sequence[str]) -> int:
    """Convert, and say how it went; 0 when it is done."""
    workbook, out, memory_bytes, most_bytes, *sheet = arguments
    _bound_memory(int(memory_bytes))
    try:
        said = convert(Path(workbook), Path(out), sheet[0] if sheet else None, int(most_bytes))
    except BadList as error:
        said = {"error": str(error)}
    except MemoryError:
        said = {"error": ""}
    sys.stdout.write(json.dumps(said))
    return 0


def convert(path: Path, out: Path, wanted: str | None, most_bytes: int) -> dict[str, Any]:
    """Write one sheet as CSV; what it is called, what the others are called, and what is to be said of its cells.

    raises  BadList
    """
    book = _opened(path)
    visible = [each.name for each in book.sheets_metadata if each.visible is SheetVisibleEnum.Visible]
    names = [*visible, *(name for name in book.sheet_names if name not in visible)]
    name = _chosen(path, names, wanted)
    sheet = book.get_sheet_by_name(name) if name else _likeliest(path, book, visible)
    # From the first row on, blank or not, so that their numbers are those that the spreadsheet shows.
    write_rows(out, sheet.iter_rows(), most_bytes=most_bytes, what=f"sheet {sheet.name} of {path}")
    warnings = sentences(unsaved_formulas(path, sheet.name), (sheet.start or (0, 0))[1], _header(out))
    others = [other for other in visible if other != sheet.name]
    return {"sheet": sheet.name, "others": others, "warnings": warnings}


def _header(written: Path) -> list[str]:
    """The first row that is not blank."""
    with written.open(encoding="utf-8", newline="") as file:
        return next(filter(any, csv.reader(file)), [])


def _opened(path: Path) -> CalamineWorkbook:
    if _is_encrypted(path):
        raise _protected(path)
    try:
        with path.open("rb") as file:
            return CalamineWorkbook.from_filelike(file)
    except PasswordError:
        raise _protected(path) from None
    except CalamineError as error:
        raise BadList(f"{path} cannot be opened as a workbook ({error}); save the sheet as CSV and give that") from None


def _is_encrypted(path: Path) -> bool:
    """Excel puts an encrypted workbook into a container that names it so."""
    with path.open("rb") as file:
        if file.read(4) != b"\xd0\xcf\x11\xe0":
            return False
        return any(_ENCRYPTED in block for block in iter(lambda: file.read(1 << 20), b""))


def _protected(path: Path) -> BadList:
    return BadList(f"{path} is protected by a password; save it without one, or the sheet as CSV")


def _chosen(path: Path, names: Sequence[str], wanted: str | None) -> str | None:
    if wanted is None:
        return None
    same = [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
    if not same:
        raise BadList(f"{path} has no sheet {wanted} (found {listed(names)}); correct --sheet")
    return wanted if wanted in same else same[0]


def _likeliest(path: Path, book: CalamineWorkbook, names: Sequence[str]) -> CalamineSheet:
    """The first sheet with anything in it; where that is a cover, the first list of phones, if any."""
    filled = (sheet for name in names if (sheet := book.get_sheet_by_name(name)).height)
    first = next(filled, None)
    if first is None:
        raise BadList(f"{path} has no sheet with anything in it; export the list again")
    return next(filter(_is_list, filled), first) if _is_cover(first) else first


def _is_cover(sheet: CalamineSheet) -> bool:
    """Whether no header and no cell of the first rows has to do with a phone."""
    rows = _first_rows(sheet)
    return not names_a_phone(rows[0]) and not any(looks_like_a_phone(cell) for row in rows for cell in row)


def _is_list(sheet: CalamineSheet) -> bool:
    """Whether the header names a phone, and rows follow."""
    rows = _first_rows(sheet)
    return len(rows) > 1 and names_a_phone(rows[0])


def _first_rows(sheet: CalamineSheet) -> list[list[str]]:
    cells = ([as_cell(value) for value in row] for row in sheet.iter_rows())
    return list(islice((row for row in cells if any(row)), _LOOKED_AT)) or [[]]


def _bound_memory(most_bytes: int) -> None:
    with contextlib.suppress(ImportError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = most_bytes if hard == resource.RLIM_INFINITY else min(most_bytes, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
        # The reader aborts where memory ends; nobody wants a picture of that.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Cells of an Excel sheet that hold a formula but no value, as programs leave them that write workbooks themselves.

A spreadsheet saves with each formula what came out of it, and a list is read from those values. Where there is none
the cell reads as empty, so it is told instead of passed over. The sheet's XML is looked through as bytes, in blocks:
it may be large, and nearly always there is nothing to find.
"""

import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from campaign.audience.packing import DAMAGED

_BLOCK = 1 << 20
_OVERLAP = 1 << 14
"""Longest cell that is recognised across two blocks; Excel's formulas have 8,192 characters at most."""
_SMALL = 10_000_000
_UNSAVED = re.compile(
    rb"<(?:\w+:)?c\b[^>]*?\br=\"([A-Z]{1,3})\d+\"[^>]*>\s*"
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_DAMAGED = (*DAMAGED, KeyError, ElementTree.ParseError)
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_ID = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def unsaved_formulas(path: Path, sheet: str) -> dict[int, int]:
    """Columns of a sheet (0 is A) to cells with a formula and no value; empty for other kinds of workbooks."""
    counts: Counter[bytes] = Counter()
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part_of(archive, sheet)
            if part is None:
                return {}
            with archive.open(part) as file:
                rest = b""
                while block := file.read(_BLOCK):
                    rest = _counted(rest + block, counts)[-_OVERLAP:]
    except _DAMAGED:
        # Whether a workbook can be read at all is for its reader to say.
        return {}
    return {_number(letters): count for letters, count in sorted(counts.items())}


def sentences(unsaved: Mapping[int, int], first: int, header: Sequence[str]) -> list[str]:
    """What is to be said of it.

    first   the column at which `header` begins
    """
    return [
        f"{cells} of column {_letters(column)}{_called(column - first, header)} without a saved value, read as empty; "
        "open the workbook in a spreadsheet, save it there and give it again, or save the sheet as CSV."
        for column, count in unsaved.items()
        for cells in ("1 formula" if count == 1 else f"{count:,} formulas",)
    ]


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    if "xl/workbook.xml" not in archive.namelist():
        return None
    for each in _small(archive, "xl/workbook.xml").iterfind(".//{*}sheet"):
        if each.get("name") == sheet:
            wanted = each.get(_ID) or each.get(_STRICT_ID)
            break
    else:
        return None
    for each in _small(archive, "xl/_rels/workbook.xml.rels").iterfind("{*}Relationship"):
        if each.get("Id") == wanted:
            target = each.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def _small(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    with archive.open(name) as file:
        return ElementTree.fromstring(file.read(_SMALL))


def _counted(text: bytes, counts: Counter[bytes]) -> bytes:
    """What is left of a text after the last whole cell in it, once those are counted."""
    # Formulas are rare, and looking for two bytes is fast.
    if b"f>" in text or b"<f" in text or b":f" in text:
        counts.update(found[1] for found in _UNSAVED.finditer(text))
    whole = max(text.rfind(b"</c>"), text.rfind(b":c>"))
    return text[whole + 1 :] if whole >= 0 else text


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def _letters(column: int) -> str:
    letters, left = "", column + 1
    while left:
        left, place = divmod(left - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def _called(place: int, header: Sequence[str]) -> str:
    name = header[place].strip() if 0 <= place < len(header) else ""
    return f" ({name})" if name else ""

"""A sheet of an Excel or ODS workbook as CSV, made by a process of its own so that no workbook can take all memory."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campaign.audience.bounds import Bounds, megabytes
from campaign.audience.spool import spool_file
from campaign.errors import BadList
from campaign.names import listed


@dataclass(frozen=True, slots=True)
class SheetAsCsv:
    """The CSV of one sheet, and how it came to be."""

    csv: Path
    how: dict[str, Any]


@contextmanager
def sheet_as_csv(path: Path, sheet: str | None, bounds: Bounds) -> Iterator[SheetAsCsv]:
    """Convert a sheet; the CSV stays when the block ends well, and is gone when it raises.

    raises  BadList when the workbook is protected, damaged, without that sheet, or beyond the bounds
    """
    if (size := path.stat().st_size) > bounds.list_max_bytes:
        most = megabytes(bounds.list_max_bytes)
        raise BadList(f"{path} has {megabytes(size)}, {most} are allowed; split it, or raise CAMPAIGN_LIST_MAX_BYTES")
    out, said = spool_file(), dict[str, Any]()
    try:
        said = _converted(path, out, sheet, bounds)
        how = {"kind": "workbook", "words": _words(said)} | {
            name: said[name] for name in ("sheet", "others", "warnings")
        }
        yield SheetAsCsv(out, how)
    except BadList as error:
        out.unlink(missing_ok=True)
        # The very same error: who gives the list may still say which column holds the phones.
        error.args = (_of_sheet(str(error), path, said),)
        raise
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _converted(path: Path, out: Path, sheet: str | None, bounds: Bounds) -> dict[str, Any]:
    command = [sys.executable, "-m", "campaign.audience.sheet_to_csv", str(path), str(out)]
    command += [str(bounds.workbook_memory_bytes), str(bounds.unpacked_max_bytes), *([sheet] if sheet else [])]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=bounds.workbook_timeout_s, check=False)
    except subprocess.TimeoutExpired:
        seconds = f"{bounds.workbook_timeout_s:g} s"
        raise BadList(f"{path} could not be opened within {seconds}; save the sheet as CSV and give that") from None
    said = _said(done.stdout) if done.returncode == 0 else {"error": ""}
    if error := said.get("error"):
        raise BadList(error)
    if "sheet" not in said:
        # The reader ends hard where memory ends, and says so in no form that could be relied on.
        most = megabytes(bounds.workbook_memory_bytes)
        raise BadList(f"{path} needs more than {most} to be opened; save the sheet as CSV and give that")
    return said


def _said(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _of_sheet(text: str, path: Path, said: dict[str, Any]) -> str:
    """What is wrong with a list, with the sheet that it is about, and what may be the reason."""
    if "sheet" not in said:
        return text
    about = text.replace(str(path), f"{path} (sheet {said['sheet']})", 1)
    # It may be for want of those values that the list looks empty.
    why = "; ".join([about, *said["warnings"]])
    return f"{why}. Other sheets: {listed(said['others'])}; choose with --sheet" if said["others"] else why


def _words(said: dict[str, Any]) -> str:
    others = f" (not read: {listed(said['others'])}; choose with --sheet)" if said["others"] else ""
    return f"sheet {said['sheet']} of a workbook{others}"

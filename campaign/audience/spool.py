"""Rows from elsewhere (a workbook, a query) set down as a plain CSV file, within a bound; read like any other list."""

import contextlib
import csv
import hashlib
import math
import os
import socket
import stat
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice
from pathlib import Path

from campaign.audience.bounds import megabytes
from campaign.audience.list_format import ListFormat, sha256_of
from campaign.errors import BadList

KEPT = timedelta(days=1)
"""How old a file may get whose process nobody can ask about; no list takes as long."""
AT_ONCE, LOOKED_AT = 100, 1_000
"""Files that one sweep deletes, and looks at."""

_BLANK: tuple[str, ...] = ()
_PREFIX = "campaign-list-"
_swept = False


def write_rows(path: Path, rows: Iterable[Sequence[object]], *, most_bytes: int, what: str) -> int:
    """Write rows as cells of text; how many. A row of empty cells is a blank line.

    raises  BadList, naming `what`, beyond the bound
    """
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in rows:
            cells = [as_cell(value) for value in row]
            writer.writerow(cells if any(cells) else _BLANK)
            count += 1
            if count % 1000 == 0 and file.tell() > most_bytes:
                raise BadList(
                    f"{what} has more than {megabytes(most_bytes)}; ask for less, or raise CAMPAIGN_UNPACKED_MAX_BYTES"
                )
    return count


def as_cell(value: object) -> str:
    """A value as a person would have typed it: whole numbers without a fraction, dates in ISO 8601."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, datetime):
        # A spreadsheet has no dates, only moments: midnight without a zone is a date.
        midnight = value.time() == time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def spool_file() -> Path:
    """A new empty file that only we can read. Its name says whose it is, so that a sweep finds it after a kill."""
    handle, name = tempfile.mkstemp(prefix=f"{_PREFIX}{_host()}-{os.getpid()}-", suffix=".csv")
    made_at = datetime.fromtimestamp(os.fstat(handle).st_mtime, UTC)
    os.close(handle)
    _sweep_once(made_at)
    return Path(name)


def sweep_spools(now: datetime, folder: Path | None = None) -> int:
    """Delete what killed processes left behind, at most `AT_ONCE` files; how many. Safe at any time and in any number.

    A file goes when its process on this host is gone. Where that cannot be told (another host's, which shares the
    folder, or another program now has the number of the process), it goes after a day.
    """
    gone = 0
    for path in islice((folder or Path(tempfile.gettempdir())).glob(f"{_PREFIX}*.csv"), LOOKED_AT):
        # Somebody else may take it away meanwhile, or it is another user's.
        with contextlib.suppress(OSError):
            if _is_stale(path, now):
                path.unlink()
                gone += 1
        if gone >= AT_ONCE:
            break
    return gone


def _is_stale(path: Path, now: datetime) -> bool:
    found = path.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISREG(found.st_mode):
        return False
    host, _, rest = path.name.removeprefix(_PREFIX).partition("-")
    pid = rest.partition("-")[0]
    if host == _host() and pid.isdecimal() and not _runs(int(pid)):
        return True
    return datetime.fromtimestamp(found.st_mtime, UTC) < now - KEPT


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


@cache
def _host() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def _sweep_once(now: datetime) -> None:
    global _swept
    if not _swept:
        _swept = True
        sweep_spools(now)


def format_of(path: Path) -> ListFormat:
    """How a file of `write_rows` is to be read."""
    return ListFormat(sha256_of(path), "utf-8", ",")


def _number(value: float | Decimal) -> str:
    # Excel keeps every number as a float; a phone has at most 15 digits and fits exactly.
    if math.isfinite(value) and abs(float(value)) < 1e20 and value == int(value):
        return str(int(value))
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)

"""A CSV file that is there whole or not at all."""

import csv
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from campaign.errors import UsageError


def write_table(out: Path, columns: Sequence[str], lines: Iterable[Sequence[object]]) -> int:
    """Write a header and lines as UTF-8 CSV and return the number of lines.

    The file appears under its name once it is complete; a file that was there before is replaced only then.

    raises  UsageError when the folder does not exist or cannot be written to
    """
    count = 0
    try:
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part")
    except OSError as error:
        raise UsageError(f"{out} cannot be written ({error.strerror}); choose another place with --out") from None
    part = Path(name)
    try:
        with os.fdopen(handle, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            for line in lines:
                writer.writerow(line)
                count += 1
        part.chmod(0o644)
        part.replace(out)
    except OSError as error:
        raise UsageError(f"{out} cannot be written ({error.strerror}); choose another place with --out") from None
    finally:
        part.unlink(missing_ok=True)
    return count

"""Answers that are files: written where nobody else reads, handed out in blocks, and gone afterwards."""

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from fastapi.responses import StreamingResponse

from console.api.long_work import long_work

BLOCK = 1 << 16
CSV = "text/csv; charset=utf-8"


class CsvFile(StreamingResponse):
    """A CSV file as an answer."""

    media_type = CSV


class AnyFile(StreamingResponse):
    """A file of whatever kind as an answer."""

    media_type = "application/octet-stream"


def written(write: Callable[[Path], object], name: str, media_type: str = CSV) -> StreamingResponse:
    """What `write` writes to the path that it is given, as a file to be kept under a name.

    raises  what `write` raises; then nothing is left
    """
    place = tempfile.TemporaryDirectory()
    out = Path(place.name) / "file"
    try:
        with long_work():
            write(out)
    except BaseException:
        place.cleanup()
        raise
    safe = re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII)
    headers = {"Content-Disposition": f'attachment; filename="{safe}"'}
    return StreamingResponse(_blocks(out, place), media_type=media_type, headers=headers)


def _blocks(out: Path, place: "tempfile.TemporaryDirectory[str]") -> Iterator[bytes]:
    with place, out.open("rb") as file:
        while block := file.read(BLOCK):
            yield block

"""Answers that are files: written where nobody else reads, handed out in blocks, and gone afterwards."""

import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from fastapi.responses import StreamingResponse

from console.api.long_work import long_work

T = TypeVar("T")

BLOCK = 1 << 16
LONGEST_STEM, LONGEST_KIND = 120, 20
"""Characters of a file's name before its last dot, and after it."""

NAMELESS = "file"
_UNSAFE = frozenset('/\\:*?"<>|')
CSV = "text/csv; charset=utf-8"


class CsvFile(StreamingResponse):
    """A CSV file as an answer."""

    media_type = CSV


class AnyFile(StreamingResponse):
    """A file of whatever kind as an answer."""

    media_type = "application/octet-stream"


def written(write: Callable[[Path], T], name: str | Callable[[T], str], media_type: str = CSV) -> StreamingResponse:
    """What `write` writes to the path that it is given, as a file to be kept under a name.

    name    as it is, or found in what `write` gave
    raises  what `write` raises; then nothing is left
    """
    place = tempfile.TemporaryDirectory()
    out = Path(place.name) / "file"
    try:
        with long_work():
            done = write(out)
    except BaseException:
        place.cleanup()
        raise
    headers = {"Content-Disposition": disposition(name if isinstance(name, str) else name(done))}
    return StreamingResponse(_blocks(out, place), media_type=media_type, headers=headers)


def disposition(name: str) -> str:
    """The header by which a browser keeps an answer under a name, RFC 6266: in plain letters, and as it is. Pure.

    Of a hostile name nothing is left that leaves a folder, ends a header, or hides what kind of file it is.
    """
    # Controls and what turns the direction of writing are of a category C; a slash of any kind begins a folder.
    usable = "".join("_" if unicodedata.category(each)[0] == "C" or each in _UNSAFE else each for each in name)
    stem, dot, kind = usable.strip(" .").rpartition(".")
    whole = f"{stem[:LONGEST_STEM]}{dot}{kind[:LONGEST_KIND]}" if stem else kind[:LONGEST_STEM]
    plain = re.sub(r"[^\w. -]+", "_", whole, flags=re.ASCII).strip() or NAMELESS
    exact = quote(whole or NAMELESS, safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}"


def _blocks(out: Path, place: "tempfile.TemporaryDirectory[str]") -> Iterator[bytes]:
    with place, out.open("rb") as file:
        while block := file.read(BLOCK):
            yield block

"""A file to what the platform takes: its type by its content, its size, and whether a header may show it.

Source: platform.md E, Media.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from campaign.errors import NotFound, UsageError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class MediaKind:
    """What a header of one kind may show: types, and the largest size in bytes."""

    mimes: tuple[str, ...]
    limit: int


KINDS: Mapping[str, MediaKind] = {
    "image": MediaKind(("image/jpeg", "image/png"), 5 * MIB),
    "video": MediaKind(("video/mp4", "video/3gpp"), 16 * MIB),
    "document": MediaKind(("application/pdf",), 100 * MIB),
}
"""By the kind of header; a document in a template is a PDF."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that may be uploaded."""

    name: str
    mime: str
    sha256: str
    content: bytes


def read_media(path: Path, kind: str) -> ReadFile:
    """Read a file for a header of a kind: image, video or document.

    raises  NotFound when it cannot be read; UsageError when it is too large or of a type that the header cannot show
    """
    content = _read(path, KINDS[kind].limit)
    mime = mime_of(content)
    if mime not in KINDS[kind].mimes:
        there = " or ".join(KINDS[kind].mimes)
        raise UsageError(f"{path} is {mime or 'of an unknown type'}; a header of kind {kind} shows {there}")
    return ReadFile(path.name, mime, hashlib.sha256(content).hexdigest(), content)


def mime_of(content: bytes) -> str | None:
    """The type by the first bytes, since names lie; None where it is none of those that a header shows."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    # ISO base media: the brand follows the box `ftyp`; all that is not 3GPP plays as mp4.
    if content[4:8] == b"ftyp":
        return "video/3gpp" if content[8:11] == b"3gp" else "video/mp4"
    return None


def _read(path: Path, limit: int) -> bytes:
    try:
        size = path.stat().st_size
        if size > limit:
            raise UsageError(
                f"{path} has {size / MIB:.1f} MB; at most {limit // MIB} MB are allowed, so make it smaller"
            )
        content = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}; check the path after @") from None
    except OSError as error:
        raise NotFound(f"cannot read {path}: {error.strerror}; check the path after @") from None
    if not content:
        raise UsageError(f"{path} is empty; name another file")
    return content

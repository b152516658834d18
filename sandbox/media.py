"""Uploaded files: what was uploaded, under which id, until when. The bytes are counted and thrown away.

Types and sizes: platform.md E. An id lives 30 days at Meta and 14 days at 360dialog.
"""

import itertools
import re
from typing import NamedTuple

from sandbox.refusals import Refusal

_MIB = 1024 * 1024
# What the platform takes at all, with its largest size.
SIZE_LIMITS = {
    "image/jpeg": 5 * _MIB,
    "image/png": 5 * _MIB,
    "image/webp": 500 * 1024,
    "video/mp4": 16 * _MIB,
    "video/3gpp": 16 * _MIB,
    **dict.fromkeys(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * _MIB),
    **dict.fromkeys(
        (
            "application/pdf",
            "text/plain",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        100 * _MIB,
    ),
}
_DAY_S = 86_400.0
_BOUNDARY = re.compile(r'boundary="?([^";]+)', re.IGNORECASE)
_FIELD_NAME = re.compile(r'content-disposition:[^\r\n]*?\bname="([^"]*)"', re.IGNORECASE)
_FIELD_TYPE = re.compile(r"content-type:\s*([^;\s]+)", re.IGNORECASE)


class Upload(NamedTuple):
    """One file. `expires_at` is platform time, epoch seconds."""

    media_id: str
    mime_type: str
    size: int
    expires_at: float


class MediaShelf:
    """The files of all numbers, by id."""

    def __init__(self) -> None:
        self._uploads: dict[str, Upload] = {}
        self._numbers = itertools.count(1)

    def add(self, mime_type: str, content: bytes, now: float, days: int) -> Upload:
        """Keep a file for so many days.

        raises  Refusal for a type or size that the platform does not take
        """
        # Type before size: a wrong type is refused however small.
        limit = SIZE_LIMITS.get(mime_type)
        if limit is None:
            raise Refusal(
                100, f"Param file must be a file with one of the allowed types. Received file of type {mime_type}."
            )
        if not content:
            raise Refusal(131053, "Media upload error: the file is empty")
        if len(content) > limit:
            raise Refusal(131053, f"Media upload error: {len(content)} bytes are more than {limit} for {mime_type}")
        # Fifteen digits, as real ids have.
        upload = Upload(f"{700000000000000 + next(self._numbers)}", mime_type, len(content), now + days * _DAY_S)
        self._uploads[upload.media_id] = upload
        return upload

    def holds(self, media_id: str, now: float) -> bool:
        """Whether an id can be used at `now`, platform time."""
        upload = self._uploads.get(media_id)
        return upload is not None and upload.expires_at > now

    def get(self, media_id: str) -> Upload | None:
        """The upload with an id, expired or not."""
        return self._uploads.get(media_id)

    def remove(self, media_id: str) -> bool:
        """Delete an upload; whether there was one."""
        return self._uploads.pop(media_id, None) is not None

    def clear(self) -> None:
        """Forget everything."""
        self._uploads.clear()


class Part(NamedTuple):
    """One field of a form."""

    content: bytes
    content_type: str


def read_form(body: bytes, content_type: str) -> dict[str, Part]:
    """The fields of a multipart form, byte for byte; empty when it is none."""
    found = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or found is None:
        return {}
    parts: dict[str, Part] = {}
    # What stands before the first boundary and after the last is no part.
    for chunk in (b"\r\n" + body).split(b"\r\n--" + found[1].encode("latin-1"))[1:-1]:
        head, _, content = chunk.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = head.decode("latin-1")
        name, kind = _FIELD_NAME.search(lines), _FIELD_TYPE.search(lines)
        if name is not None:
            parts[name[1]] = Part(content, kind[1] if kind else "text/plain")
    return parts

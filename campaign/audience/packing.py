"""A list packed with gzip or in a ZIP archive, unpacked while it is read and never beyond a bound."""

import gzip
import io
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path
from typing import IO, BinaryIO, cast

from campaign.audience.bounds import MEGABYTE, Bounds, megabytes
from campaign.errors import BadList
from campaign.names import listed

_GZIP, _ZIP, _OLE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EMPTY_ZIP = b"PK\x05\x06"
_MOST_TIMES, _TAKEN_ANYWAY = 100, 100 * MEGABYTE
"""How much larger than packed a list may be, once it has that many bytes. Lists of people unpack to some three to six
times their size, to sixty where each row repeats the same 600 bytes."""
_ENDS_OF_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".ods"})
_OF_WORKBOOKS = ("[Content_Types].xml", "mimetype", "xl/workbook.xml", "content.xml")
DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)
"""What reading a packed file raises; the last two are zipfile's for an unknown way of packing and for a password."""


class Packing(StrEnum):
    """What a file is before anything is read of it."""

    NONE = "none"
    GZIP = "gzip"
    ZIP = "zip"
    WORKBOOK = "workbook"


def packing_of(path: Path) -> Packing:
    """Told from the first bytes, whatever the file is called.

    raises  OSError as `open` does
    """
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(_GZIP):
        return Packing.GZIP
    if start.startswith(_OLE):
        return Packing.WORKBOOK
    if not start.startswith((_ZIP, _EMPTY_ZIP)):
        return Packing.NONE
    return Packing.WORKBOOK if set(_names(path)) & set(_OF_WORKBOOKS) else Packing.ZIP


def open_unpacked(path: Path, packing: Packing, bounds: Bounds) -> BinaryIO:
    """The bytes of a list; reading on raises BadList beyond the bound and where the file is damaged."""
    if packing is Packing.NONE:
        return path.open("rb")
    try:
        packed = cast("IO[bytes]", gzip.GzipFile(path)) if packing is Packing.GZIP else _only_member(path)
    except DAMAGED as error:
        raise _damaged(path, error) from None
    return io.BufferedReader(_Bounded(packed, path, bounds.unpacked_max_bytes), buffer_size=1 << 18)


class _Bounded(io.RawIOBase):
    """Hands on what another stream unpacks, up to a bound."""

    def __init__(self, packed: IO[bytes], path: Path, most_bytes: int) -> None:
        self._packed, self._path = packed, path
        self._most, self._bound = min(most_bytes, max(_TAKEN_ANYWAY, _MOST_TIMES * path.stat().st_size)), most_bytes
        self._left = self._most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        try:
            data = self._packed.read(len(view))
        except DAMAGED as error:
            raise _damaged(self._path, error) from None
        self._left -= len(data)
        if self._left < 0:
            raise self._too_much()
        view[: len(data)] = data
        return len(data)

    def _too_much(self) -> BadList:
        if self._most < self._bound:
            return BadList(
                f"{self._path} unpacks to more than {_MOST_TIMES} times its size, as no list of people does; "
                "give it unpacked if it is one"
            )
        most = megabytes(self._most)
        return BadList(
            f"{self._path} unpacks to more than {most}; split the list, or raise CAMPAIGN_UNPACKED_MAX_BYTES"
        )

    def close(self) -> None:
        self._packed.close()
        super().close()


def _only_member(path: Path) -> IO[bytes]:
    archive = zipfile.ZipFile(path)
    try:
        members = [each for each in archive.infolist() if not each.is_dir() and not _is_litter(each.filename)]
        if len(members) != 1:
            found = listed([each.filename for each in members]) or "none"
            raise BadList(f"{path} holds {len(members)} files ({found}); put exactly one list into the archive")
        if members[0].flag_bits & 1:
            raise BadList(f"{path} is protected by a password; pack the list without one")
        return archive.open(members[0])
    finally:
        # The member keeps the file open for as long as it is read.
        archive.close()


def _names(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except DAMAGED as error:
        raise _damaged(path, error) from None


def _is_litter(name: str) -> bool:
    """What a Mac adds to an archive on its own."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] == ".DS_Store"


def _damaged(path: Path, error: Exception) -> BadList:
    if path.suffix.lower() in _ENDS_OF_WORKBOOKS:
        # Nobody has packed it, as far as they know.
        return BadList(f"{path} cannot be opened as a workbook ({error}); save the sheet as CSV and give that")
    return BadList(f"{path} is damaged and cannot be unpacked ({error}); pack it again")

"""What a file is before it is read, told from its bytes; unpacking within a bound."""

import gzip
import io
import zipfile
from collections import deque
from dataclasses import replace
from pathlib import Path

import pytest

from campaign.audience.bounds import DEFAULT_BOUNDS, bounds_of, megabytes
from campaign.audience.packing import Packing, open_unpacked, packing_of
from campaign.errors import BadList
from campaign.settings import Settings


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in names:
            made.writestr(zipfile.ZipInfo(name), b"phone\n1\n")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "packing"),
    [
        (b"phone\n1\n", Packing.NONE),
        (b"", Packing.NONE),
        (gzip.compress(b"phone\n1\n", mtime=0), Packing.GZIP),
        (archive("list.csv"), Packing.ZIP),
        (archive(), Packing.ZIP),
        (archive("[Content_Types].xml", "xl/workbook.xml"), Packing.WORKBOOK),
        (archive("mimetype", "content.xml"), Packing.WORKBOOK),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Packing.WORKBOOK),
    ],
)
def test_bytes_tell_what_a_file_is(tmp_path: Path, content: bytes, packing: Packing) -> None:
    path = tmp_path / "whatever.bin"
    path.write_bytes(content)
    assert packing_of(path) is packing


@pytest.mark.parametrize(
    ("content", "packing"), [(gzip.compress(b"12345", mtime=0), Packing.GZIP), (b"12345", Packing.NONE)]
)
def test_a_list_of_just_the_bound_is_read(tmp_path: Path, content: bytes, packing: Packing) -> None:
    path = tmp_path / "list"
    path.write_bytes(content)
    with open_unpacked(path, packing, replace(DEFAULT_BOUNDS, unpacked_max_bytes=5)) as file:
        assert file.read() == b"12345"


def test_one_byte_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(gzip.compress(b"123456", mtime=0))
    bounds = replace(DEFAULT_BOUNDS, unpacked_max_bytes=5)
    with (
        pytest.raises(BadList, match="unpacks to more than 5 bytes"),
        open_unpacked(path, Packing.GZIP, bounds) as file,
    ):
        file.read()


def test_what_unpacks_to_a_hundred_times_its_size_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "list.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(101):
            file.write(bytes(1_000_000))
    words = r"list\.csv\.gz unpacks to more than 100 times its size, as no list of people does; give it unpacked"
    with open_unpacked(path, Packing.GZIP, DEFAULT_BOUNDS) as file, pytest.raises(BadList, match=words):
        deque(iter(lambda: file.read(1 << 20), b""), maxlen=0)


def test_a_workbook_that_was_cut_off_is_spoken_of_as_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(archive("[Content_Types].xml", "xl/workbook.xml")[:40])
    with pytest.raises(BadList, match=r"list\.xlsx cannot be opened as a workbook .*; save the sheet as CSV"):
        packing_of(path)


def test_a_member_behind_a_password_is_said_to_be_so(tmp_path: Path) -> None:
    content = bytearray(archive("list.csv"))
    # The flag that says so, in the member's own header and in the directory.
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "list.zip").write_bytes(content)
    with pytest.raises(BadList, match="is protected by a password; pack the list without one"):
        open_unpacked(tmp_path / "list.zip", Packing.ZIP, DEFAULT_BOUNDS)


def test_bounds_are_those_of_the_settings(settings: Settings) -> None:
    assert bounds_of(settings) == DEFAULT_BOUNDS
    assert bounds_of(settings.model_copy(update={"query_timeout_s": 1.0})).query_timeout_s == 1.0
    assert (megabytes(999), megabytes(2_500_000)) == ("999 bytes", "2 MB")

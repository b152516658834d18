"""Files that mean harm or were harmed: each gives a clear line or the right rows, in bounded memory and time."""

import gzip
import io
import resource
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from campaign.audience.bounds import DEFAULT_BOUNDS, Bounds
from campaign.audience.reasons import RejectReason as Reason
from campaign.audience.source import ListSource, RawRow, open_list
from campaign.errors import BadList, CampaignError

PLAIN = b"name,phone\nAna,+525555550001\n"
BOMB = b"name,phone\n" + b"Ana,+525555550001\n" * 400_000
"""Seven megabytes; packed, a hundredth of it."""


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # Of a fixed date: what is packed stands in the names of tests, which may not change with the clock.
            archive.writestr(zipfile.ZipInfo(name.replace("|", "/")), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def rows(source: ListSource) -> list[RawRow]:
    return [row for chunk in source.chunks(1000) for row in chunk]


def phones(folder: Path, name: str, content: bytes) -> list[str]:
    return [row.values.get("phone", "") for row in rows(open_list(written(folder, name, content), phone_column=None))]


def refusal(path: Path, bounds: Bounds = DEFAULT_BOUNDS) -> str:
    with pytest.raises(CampaignError) as error:
        rows(open_list(path, phone_column=None, bounds=bounds))
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.csv.gz", gzip.compress(PLAIN, mtime=0)),
        ("misnamed.csv", gzip.compress(PLAIN, mtime=0)),
        ("list.zip", zipped(**{"contacts.csv": PLAIN})),
        ("mac.zip", zipped(**{"contacts.csv": PLAIN, "__MACOSX|contacts.csv": b"x", ".DS_Store": b"y"})),
        ("utf16.csv", PLAIN.decode().encode("utf-16")),
        ("marked.csv", b"\xef\xbb\xbf" + PLAIN),
        ("nul.csv", b"name,phone\nA\x00na,+52\x005555550001\n"),
    ],
)
def test_packed_and_marked_lists_are_read(tmp_path: Path, name: str, content: bytes) -> None:
    assert phones(tmp_path, name, content) == ["+525555550001"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "is empty; export the list again"),
        ("empty.csv.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("empty.zip", zipped(), r"holds 0 files \(none\); put exactly one list"),
        ("two.zip", zipped(a=PLAIN, b=PLAIN), r"holds 2 files \(a, b\); put exactly one list"),
        ("report.csv", b"%PDF-1.7\nphone\n1\n", "is a PDF; give a CSV"),
        ("nested.zip", zipped(**{"inner.zip": zipped(a=PLAIN)}), "is a ZIP archive or a workbook"),
        ("cut.csv.gz", gzip.compress(BOMB, mtime=0)[:500], "is damaged and cannot be unpacked .*; pack it again"),
        ("cut.zip", zipped(a=BOMB)[:500], "is damaged and cannot be unpacked"),
        ("noise.xlsx", b"PK\x03\x04" + bytes(range(256)) * 9, "cannot be opened as a workbook .*; save the"),
        ("noise.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "cannot be opened as a workbook .*; save the"),
        ("hollow.xlsx", zipped(**{"[Content_Types].xml": b"<x/>", "xl|workbook.xml": b"<x/>"}), "cannot be opened"),
        (
            "secret.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1500) + "EncryptedPackage".encode("utf-16-le") + bytes(500),
            "is protected by a password; save it without one",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = written(tmp_path, name, content)
    with pytest.raises(BadList, match=words):
        open_list(path, phone_column=None)
    assert str(path) in refusal(path)


@pytest.mark.parametrize(("name", "content"), [("b.csv.gz", gzip.compress(BOMB, mtime=0)), ("b.zip", zipped(a=BOMB))])
def test_a_bomb_is_put_out_at_the_bound(tmp_path: Path, name: str, content: bytes) -> None:
    assert len(content) < 70_000
    words = refusal(written(tmp_path, name, content), replace(DEFAULT_BOUNDS, unpacked_max_bytes=2_000_000))
    assert "unpacks to more than 2 MB; split the list, or raise CAMPAIGN_UNPACKED_MAX_BYTES" in words


def test_a_workbook_that_claims_a_cell_at_the_end_of_the_world_takes_no_memory_of_ours(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "phone", "x"
    book.save(tmp_path / "far.xlsx")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "needs more than 1,500 MB to be opened; save the sheet as CSV" in refusal(tmp_path / "far.xlsx")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_a_workbook_of_zeros_is_bounded_too(tmp_path: Path) -> None:
    sheet = b"<worksheet><sheetData>" + b"<row><c><v>1</v></c></row>" * 4_000_000
    content = zipped(**{"[Content_Types].xml": b"<x/>", "xl|workbook.xml": sheet, "xl|worksheets|sheet1.xml": sheet})
    refusal(written(tmp_path, "z.xlsx", content), replace(DEFAULT_BOUNDS, workbook_memory_bytes=400_000_000))


def test_a_workbook_that_takes_forever_is_given_up(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["phone"])
    book.save(tmp_path / "slow.xlsx")
    words = refusal(tmp_path / "slow.xlsx", replace(DEFAULT_BOUNDS, workbook_timeout_s=0.01))
    assert "could not be opened within 0.01 s; save the sheet as CSV" in words


def test_ragged_rows_double_headers_and_huge_cells_cost_no_other_row(tmp_path: Path) -> None:
    lines = ["phone,name,phone,", "+525555550001,Ana,x,y", "+525555550002", f"{'9' * 1_000_000},b,c,d", '"+52,a,b,c']
    source = open_list(written(tmp_path, "list.csv", "\n".join([*lines, lines[1], ""]).encode()), phone_column=None)
    assert source.columns == ["phone", "name", "phone (2)", "column 4"]
    assert [row.problem for row in rows(source)] == [
        None,
        Reason.RAGGED_ROW,
        Reason.UNREADABLE_ROW,
        Reason.UNREADABLE_ROW,
        None,
    ]


def test_a_bomb_that_goes_off_while_rows_are_read_ends_the_reading(tmp_path: Path) -> None:
    """The list may change between the look at it and the reading."""
    path = written(tmp_path, "list.csv.gz", gzip.compress(PLAIN, mtime=0))
    source = open_list(path, phone_column=None, bounds=replace(DEFAULT_BOUNDS, unpacked_max_bytes=2_000_000))
    path.write_bytes(gzip.compress(BOMB, mtime=0))
    with pytest.raises(BadList, match="unpacks to more than 2 MB"):
        rows(source)

"""What a list is, told from its bytes alone."""

import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from campaign.audience.bounds import DEFAULT_BOUNDS
from campaign.audience.list_format import detect_format
from campaign.errors import BadList, NotFound

TEXT = "name,phone,city\nGómez,+525555551234,Mérida\nPérez,+525555551235,León\n"


def written(tmp_path: Path, content: bytes, name: str = "list.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("stored_as", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_told_from_the_bytes(tmp_path: Path, stored_as: str, encoding: str) -> None:
    path = written(tmp_path, TEXT.encode(stored_as))
    found = detect_format(path)
    assert (found.encoding, found.delimiter) == (encoding, ",")
    assert path.read_text(found.encoding) == TEXT


def test_one_byte_far_behind_that_is_not_utf_8_makes_the_file_windows_1252(tmp_path: Path) -> None:
    content = b"name,phone\n" + b"Ann,+525555551234\n" * 200_000 + "Zoë,+525555551235\n".encode("cp1252")
    assert detect_format(written(tmp_path, content)).encoding == "cp1252"


def test_a_character_across_two_blocks_is_still_utf_8(tmp_path: Path) -> None:
    content = b"name,phone\n" + b"x" * ((1 << 20) - 12) + "é,+525555551234\n".encode()
    assert detect_format(written(tmp_path, content)).encoding == "utf-8"
    assert detect_format(written(tmp_path, content[:-16])).encoding == "cp1252"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_most_lines_agree_on(tmp_path: Path, delimiter: str) -> None:
    text = TEXT.replace(",", delimiter).replace("León", '"León, Guanajuato; México"')
    assert detect_format(written(tmp_path, text.encode())).delimiter == delimiter


def test_prices_with_decimal_commas_do_not_make_the_comma_a_delimiter(tmp_path: Path) -> None:
    text = "name;phone;price\nAnn;+525555551234;1,50\nBob;+525555551235;2,75\n"
    assert detect_format(written(tmp_path, text.encode())).delimiter == ";"


def test_excels_own_first_line_decides(tmp_path: Path) -> None:
    found = detect_format(written(tmp_path, b"sep=;\r\nname;phone\r\na,b;1\r\nc,d;2\r\n"))
    assert (found.delimiter, found.skipped_lines) == (";", 1)


def test_one_column_is_a_list_too(tmp_path: Path) -> None:
    assert detect_format(written(tmp_path, b"phone\n+525555551234\n")).delimiter == ","


def test_the_fingerprint_is_that_of_the_whole_file(tmp_path: Path) -> None:
    content = b"phone\n" + b"+525555551234\n" * 100_000
    assert detect_format(written(tmp_path, content)).sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("content", [b"", b"\n\r\n  \t\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00\x00\x00"])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadList, match=r"list\.csv is empty; export the list again"):
        detect_format(written(tmp_path, content))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("list.xlsx", b"PK\x03\x04" + bytes(64), "cannot be opened as a workbook .*; save the sheet as CSV"),
        ("list.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "is a workbook; it has sheets and no lines"),
        ("list.csv", b"%PDF-1.7\n1 0 obj\n<<>>\n", "is a PDF; give a CSV, an Excel or ODS workbook"),
        ("list.csv.gz", b"\x1f\x8b\x08" + bytes(32), "is damaged and cannot be unpacked"),
        ("list.csv.gz", gzip.compress(b"%PDF-1.7\n", mtime=0), "is a PDF"),
        ("list.csv", b"\x89PNG\r\n\x1a\n" + bytes(32), "is a picture"),
        ("list.csv", bytes(range(1, 32)) * 40, "is not a text file"),
        ("list.csv", b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20, "is not a text file"),
    ],
)
def test_what_is_no_list_is_named_with_what_is_accepted(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    with pytest.raises(BadList, match=words):
        detect_format(written(tmp_path, content, name))


def test_a_path_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"missing\.csv does not exist; check the path"):
        detect_format(tmp_path / "missing.csv")
    with pytest.raises(BadList, match="is a folder; name a file in it"):
        detect_format(tmp_path)


@pytest.mark.parametrize(
    ("lines", "decimals", "words"),
    [
        ("phone;price\n1;12,50\n2;0,5\n", ",", "CSV, utf-8, separated by semicolon, decimal comma"),
        ("phone,price\n1,12.50\n", ".", "CSV, utf-8, separated by comma, decimal point"),
        ("phone,price\n1,12\n", None, "CSV, utf-8, separated by comma"),
        ('phone,price\n1,"12,50"\n2,1.234\n', ",", "CSV, utf-8, separated by comma, decimal comma"),
    ],
)
def test_decimal_habits_are_said(tmp_path: Path, lines: str, decimals: str | None, words: str) -> None:
    found = detect_format(written(tmp_path, lines.encode()))
    assert (found.decimals, found.words) == (decimals, words)


def test_a_list_beyond_the_bound_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(
        BadList, match=r"has 20 bytes, 10 bytes are allowed; split it, or raise CAMPAIGN_LIST_MAX_BYTES"
    ):
        detect_format(written(tmp_path, b"phone\n" + b"1" * 14), replace(DEFAULT_BOUNDS, list_max_bytes=10))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<!DOCTYPE html><html>", "a web page"),
        ("<html><body><table>", "a web page"),
        ('<?xml version="1.0"?>', "an XML file"),
        ('[{"phone": "+525555550101"}]', "a JSON file"),
        ('{"phone": "+525555550101"}', "a JSON file"),
        ("{\\rtf1 phone", "a text document"),
        ("phone,name\n" + "\0" * 50_000, "not a text file"),
    ],
)
def test_what_is_a_text_but_no_list_is_called_by_its_name(tmp_path: Path, text: str, kind: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(BadList, match=f"list.csv is {kind}.*; give a CSV"):
        detect_format(path)


def test_letters_that_nothing_explains_are_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadList, match=r"neither UTF-8 nor Windows-1252, .*; save it as CSV UTF-8"):
        detect_format(written(tmp_path, "имя;телефон\nИван;+525555551234\n".encode("cp1251")))
    mac = detect_format(written(tmp_path, "nombre;móvil\nJosé;+525555551234\n".encode("mac-roman")))
    assert mac.encoding == "mac-roman"

"""What a list's bytes are: fingerprint, encoding and delimiter, told from the file and from nothing else.

encoding   a byte order mark decides; else UTF-16 where every second byte is zero; else UTF-8 when the whole file is
           valid UTF-8; else Windows-1252, in which Excel saves CSV in the West
delimiter  the one of `,` `;` tab `|` that cuts most lines of the beginning into as many fields as the first;
           Excel's own first line `sep=;` decides at once
"""

import codecs
import csv
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from campaign.errors import BadList, NotFound

DELIMITERS = (",", ";", "\t", "|")
ACCEPTED = "a text file with one row per line, separated by comma, semicolon, tab or |"

_BLOCK = 1 << 20
_SAMPLE = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # The mark of UTF-32 begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_FILES = (
    # First bytes, and what begins with them.
    (b"PK\x03\x04", "a ZIP archive or a workbook of a spreadsheet (xlsx, ods)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (xls)"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\x00", "an SQLite database"),
)
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_SEPARATOR_LINE = re.compile(r"sep=([,;\t|:^~])\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListFormat:
    """How to read a list. `skipped_lines` stand before its header."""

    sha256: str
    encoding: str
    delimiter: str
    skipped_lines: int


def detect_format(path: Path) -> ListFormat:
    """Look at every byte once, in blocks.

    raises  NotFound when there is no such file; BadList when it is a folder, empty, or not text
    """
    sample, sha256, is_utf8 = _read_through(path)
    if not sample.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise BadList(f"{path} is empty; export the list again")
    encoding = _encoding(sample, is_utf8)
    text = sample.decode(encoding, errors="ignore")
    _refuse_other_files(path, sample, text)
    separator_line = _SEPARATOR_LINE.match(text)
    delimiter = separator_line[1] if separator_line else _delimiter(text, whole=len(sample) < _SAMPLE)
    return ListFormat(sha256, encoding, delimiter, 1 if separator_line else 0)


def _read_through(path: Path) -> tuple[bytes, str, bool]:
    """The beginning of a file, its SHA-256, and whether all of it is valid UTF-8."""
    digest, decoder, is_utf8, sample = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), True, b""
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                sample = sample or block[:_SAMPLE]
                digest.update(block)
                is_utf8 = is_utf8 and _decodes(decoder, block)
    except FileNotFoundError:
        raise NotFound(f"{path} does not exist; check the path") from None
    except IsADirectoryError:
        raise BadList(f"{path} is a folder; name a file in it") from None
    except OSError as error:
        raise BadList(f"{path} cannot be read ({error.strerror}); check its permissions") from None
    return sample, digest.hexdigest(), is_utf8 and _decodes(decoder, b"", final=True)


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _encoding(sample: bytes, is_utf8: bool) -> str:
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    if len(sample) >= 4:
        # ASCII in UTF-16 has a zero in every second byte.
        if sample[1::2].count(0) > 0.4 * len(sample[1::2]):
            return "utf-16-le"
        if sample[0::2].count(0) > 0.4 * len(sample[0::2]):
            return "utf-16-be"
    return "utf-8" if is_utf8 else "cp1252"


def _refuse_other_files(path: Path, sample: bytes, text: str) -> None:
    kind = next((kind for magic, kind in _OTHER_FILES if sample.startswith(magic)), None)
    if kind is None and len(_CONTROL.findall(text)) > max(8, 0.01 * len(text)):
        kind = "not a text file"
    if kind is None:
        return
    if path.suffix.lower() in _WORKBOOKS:
        raise BadList(f"{path} is a workbook of a spreadsheet; save the sheet as CSV and give that file")
    raise BadList(f"{path} is {kind}; give {ACCEPTED}")


def _delimiter(text: str, *, whole: bool) -> str:
    lines = text.splitlines()
    # The sample ends somewhere in a line.
    lines = lines if whole or len(lines) < 2 else lines[:-1]
    return max(DELIMITERS, key=lambda delimiter: _agreement(lines, delimiter))


def _agreement(lines: list[str], delimiter: str) -> tuple[int, int]:
    """How many lines have as many fields as the first, if it has several; and how many those are."""
    try:
        widths = [len(fields) for fields in csv.reader(lines, delimiter=delimiter) if fields]
    except csv.Error:
        return 0, 0
    width = widths[0] if widths else 0
    return (widths.count(width), width) if width > 1 else (0, 0)

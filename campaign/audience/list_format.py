"""What a list's bytes are: fingerprint, packing, encoding, delimiter, told from the file and from nothing else.

encoding   a byte order mark decides; else UTF-16 where every second byte is zero; else UTF-8 when the whole file is
           valid UTF-8; else what its letters say, see campaign.audience.alphabet
delimiter  the one of `,` `;` tab `|` that cuts most lines of the beginning into as many fields as the first;
           Excel's own first line `sep=;` decides at once
decimals   whether fractions are written `1,5` or `1.5`; cells stay as they are, the habit is said and kept
"""

import codecs
import csv
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from campaign.audience.alphabet import MOST_WORDS, encoding_of, odd_words
from campaign.audience.bounds import DEFAULT_BOUNDS, Bounds, megabytes
from campaign.audience.packing import Packing, open_unpacked, packing_of
from campaign.errors import BadList, NotFound

UNMARKED = "cp1252"
"""What a text is taken for until its letters are looked at."""

DELIMITERS = (",", ";", "\t", "|")
ACCEPTED = "a CSV, an Excel or ODS workbook, or a CSV packed with gzip or alone in a ZIP archive"

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
    # First bytes, and what begins with them; packed lists and workbooks are told before, so these are within a pack.
    (b"PK\x03\x04", "a ZIP archive or a workbook of a spreadsheet (xlsx, ods)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (xls)"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"7z\xbc\xaf\x27\x1c", "compressed with 7-Zip"),
    (b"Rar!\x1a\x07", "compressed with RAR"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ\x00", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
)
_OTHER_TEXTS = (
    (re.compile(r"\s*<(!doctype\s+html|html|head|body|table)\b", re.IGNORECASE), "a web page, whatever it is called"),
    (re.compile(r"\s*<\?xml\b", re.IGNORECASE), "an XML file"),
    (re.compile(r"\s*(\[\s*)?\{\s*\"[^\"\n]*\"\s*:"), "a JSON file"),
    (re.compile(r"\{\\rtf"), "a text document (RTF)"),
)
"""How texts begin that are no lists, and what they are."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_SEPARATOR_LINE = re.compile(r"sep=([,;\t|:^~])\r?\n", re.IGNORECASE)


_DECIMAL_COMMA = re.compile(r"-?\d{1,6},\d{1,2}")
_DECIMAL_POINT = re.compile(r"-?\d{1,6}\.\d{1,2}")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "|"}


@dataclass(frozen=True, slots=True)
class ListFormat:
    """How to read a list. `skipped_lines` stand before its header; `decimals` is `,` or `.` where it shows."""

    sha256: str
    encoding: str
    delimiter: str
    skipped_lines: int = 0
    packing: Packing = Packing.NONE
    decimals: str | None = None

    @property
    def words(self) -> str:
        """What was found, for the person who gave the list."""
        packed = "" if self.packing is Packing.NONE else f" packed with {self.packing}"
        decimals = f", decimal {'comma' if self.decimals == ',' else 'point'}" if self.decimals else ""
        delimiter = _NAMES.get(self.delimiter, self.delimiter)
        return f"CSV{packed}, {self.encoding.removesuffix('-sig')}, separated by {delimiter}{decimals}"


def kind_of(path: Path) -> Packing:
    """What a file is, before it is read.

    raises  NotFound when there is no such file; BadList when it is a folder or cannot be read
    """
    try:
        return packing_of(path)
    except FileNotFoundError:
        raise NotFound(f"{path} does not exist; check the path") from None
    except IsADirectoryError:
        raise BadList(f"{path} is a folder; name a file in it") from None
    except OSError as error:
        raise BadList(f"{path} cannot be read ({error.strerror}); check its permissions") from None


def detect_format(path: Path, bounds: Bounds = DEFAULT_BOUNDS) -> ListFormat:
    """Look at every byte once, in blocks.

    raises  NotFound when there is no such file; BadList when it is a folder, empty, not text, or beyond the bounds
    """
    packing = kind_of(path)
    if packing is Packing.WORKBOOK:
        raise BadList(f"{path} is a workbook; it has sheets and no lines, save the one that is meant as CSV")
    if (size := path.stat().st_size) > bounds.list_max_bytes:
        most = megabytes(bounds.list_max_bytes)
        raise BadList(f"{path} has {megabytes(size)}, {most} are allowed; split it, or raise CAMPAIGN_LIST_MAX_BYTES")
    sample, sha256, is_utf8, odd = _read_through(path, packing, bounds)
    if not sample.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise BadList(f"{path} is empty; export the list again")
    encoding = _encoding(sample, is_utf8)
    text = sample.decode(encoding, errors="ignore")
    _refuse_other_files(path, sample, text)
    if encoding == UNMARKED:
        encoding = _told_by_letters(path, odd)
        text = sample.decode(encoding, errors="ignore")
    separator_line = _SEPARATOR_LINE.match(text)
    delimiter = separator_line[1] if separator_line else _delimiter(text, whole=len(sample) < _SAMPLE)
    decimals = _decimals(text, delimiter)
    return ListFormat(sha256, encoding, delimiter, 1 if separator_line else 0, packing, decimals)


def sha256_of(path: Path) -> str:
    """The fingerprint of a file as it lies there."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_through(path: Path, packing: Packing, bounds: Bounds) -> tuple[bytes, str, bool, list[bytes]]:
    """The beginning of a list, the SHA-256 of its file, whether all of it is UTF-8, and words that tell what else."""
    digest, decoder, is_utf8, sample = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), True, b""
    odd: list[bytes] = []
    with open_unpacked(path, packing, bounds) as file:
        while block := file.read(_BLOCK):
            sample = sample or block[:_SAMPLE]
            digest.update(block)
            is_utf8 = is_utf8 and _decodes(decoder, block)
            odd.extend(odd_words(block, MOST_WORDS - len(odd)))
    sha256 = digest.hexdigest() if packing is Packing.NONE else sha256_of(path)
    return sample, sha256, is_utf8 and _decodes(decoder, b"", final=True), odd


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
        # ASCII in UTF-16 has a zero in every second byte; zeros everywhere are no text in any encoding.
        even, odd = sample[0::2].count(0) > 0.4 * len(sample[0::2]), sample[1::2].count(0) > 0.4 * len(sample[1::2])
        if odd and not even:
            return "utf-16-le"
        if even and not odd:
            return "utf-16-be"
    return "utf-8" if is_utf8 else UNMARKED


def _told_by_letters(path: Path, odd: list[bytes]) -> str:
    if (encoding := encoding_of(odd)) is None:
        raise BadList(
            f"{path} has letters that are neither UTF-8 nor Windows-1252, and nothing says what they are; "
            "save it as CSV UTF-8"
        )
    return encoding


def _refuse_other_files(path: Path, sample: bytes, text: str) -> None:
    kind = next((kind for magic, kind in _OTHER_FILES if sample.startswith(magic)), None)
    kind = kind or next((kind for begins, kind in _OTHER_TEXTS if begins.match(text)), None)
    if kind is None and len(_CONTROL.findall(text)) > max(8, 0.01 * len(text)):
        kind = "not a text file"
    if kind is None:
        return
    raise BadList(f"{path} is {kind}; give {ACCEPTED}")


def _decimals(text: str, delimiter: str) -> str | None:
    """How fractions are written in the cells of the beginning, where there are any."""
    try:
        cells = [cell.strip() for row in csv.reader(text.splitlines()[1:], delimiter=delimiter) for cell in row]
    except csv.Error:
        return None
    commas = sum(bool(_DECIMAL_COMMA.fullmatch(cell)) for cell in cells)
    points = sum(bool(_DECIMAL_POINT.fullmatch(cell)) for cell in cells)
    return None if commas == points else "," if commas > points else "."


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

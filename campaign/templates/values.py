"""What a slot takes: the text of a row to the value that is sent, or what is wrong with it. Pure.

Parameter values hold no newline, no tab and no run of spaces, and are never empty. Source: platform.md A.4, the notes
on parameter values (codes 132018 and 131008).
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import quote

from campaign.templates.slots import SlotUse

CODE_LIMIT = 15
"""Longest coupon or one-time code. Source: platform.md B.3."""
PAYLOAD_LIMIT = 128
"""Longest payload of a quick reply; 256 is quoted elsewhere. Source: platform.md A.4, shape 6."""
SECTION_LIMIT, PRODUCT_LIMIT = 10, 30
"""Most sections, and most products in all of them. Source: platform.md A.4, shape 10."""

# Everything that an address may hold unescaped; a percent sign stands for itself unless it begins an escape.
_ADDRESS_SAFE = "/:?#[]@!$&'()*+,;=-._~%"
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LINK = re.compile(r"https?://[^/\s]+\S*")
_MEDIA_ID = re.compile(r"[\w-]+")
# No link and no picture in a code, platform.md A.4, shape 12.
_BAD_IN_CODE = re.compile(r"https?://|www\.|[\U0001F000-\U0001FAFF\u2600-\u27BF]")
_DECIMAL = re.compile(r"[+-]?\d{1,3}(?:\.\d+)?")
_MILLISECONDS = re.compile(r"\d{13}")


class Fault(StrEnum):
    """Why a value cannot be sent; stored as the reason of a rejected row."""

    TEXT_TOO_LONG = "text_too_long"
    BAD_MEDIA = "bad_media"
    BAD_ADDRESS_END = "bad_address_end"
    BAD_CODE = "bad_code"
    BAD_VALUE = "bad_value"


@dataclass(frozen=True, slots=True)
class Unfit:
    """What is wrong with a value, in words that follow the value's name: `is …`, `has …`."""

    fault: Fault
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """Some products under a title; a single section may go without one."""

    title: str
    products: Sequence[str]


Prepare = Callable[[str, datetime | None], str | Unfit]


def clean(text: str) -> str:
    """The text with every run of white space as one space, and without NUL, which no store takes."""
    joined = " ".join(text.split())
    return joined.replace("\x00", "") if "\x00" in joined else joined


def is_link(text: str) -> bool:
    """Whether a media value is an address; everything else is the id of an upload."""
    return text.startswith(("https://", "http://"))


def prepare(use: SlotUse, text: str, now: datetime | None = None) -> str | Unfit:
    """The value that is sent for a cleaned text that is not empty.

    now  None leaves out whether a moment lies ahead
    """
    check = PREPARE.get(use)
    return check(text, now) if check else text


def read_products(text: str) -> list[Section]:
    """Sections of products from `Popular: sku-1, sku-2; New: sku-3`; one section needs no title.

    raises  ValueError saying what is wrong
    """
    sections = [_section(part) for part in text.split(";") if part.strip()]
    products = sum(len(section.products) for section in sections)
    if not 1 <= len(sections) <= SECTION_LIMIT:
        raise ValueError(f"has {len(sections)} sections; 1 to {SECTION_LIMIT} are allowed")
    if not 1 <= products <= PRODUCT_LIMIT or not all(section.products for section in sections):
        raise ValueError(f"has {products} products; each section needs one, and {PRODUCT_LIMIT} are allowed in all")
    if len(sections) > 1 and not all(section.title for section in sections):
        raise ValueError("has several sections, of which one has no title; write 'Title: sku-1, sku-2; Title: sku-3'")
    return sections


def _section(text: str) -> Section:
    title, colon, products = text.rpartition(":")
    return Section(title.strip() if colon else "", [one.strip() for one in products.split(",") if one.strip()])


def _media(text: str, now: datetime | None) -> str | Unfit:
    if (_LINK if is_link(text) else _MEDIA_ID).fullmatch(text):
        return text
    return Unfit(Fault.BAD_MEDIA, f"is {text[:60]!r}, neither an http(s) link nor an id of an upload")


def _latitude(text: str, now: datetime | None) -> str | Unfit:
    return _coordinate(text, 90)


def _longitude(text: str, now: datetime | None) -> str | Unfit:
    return _coordinate(text, 180)


def _coordinate(text: str, most: int) -> str | Unfit:
    if _DECIMAL.fullmatch(text) and text.isascii() and abs(float(text)) <= most:
        return text
    return Unfit(Fault.BAD_VALUE, f"is {text[:30]!r}, not a number from -{most} to {most} such as 52.5")


def _address_end(text: str, now: datetime | None) -> str | Unfit:
    if is_link(text):
        return Unfit(Fault.BAD_ADDRESS_END, "is a whole address; give only what follows the stored one")
    return quote(_LONE_PERCENT.sub("%25", text), safe=_ADDRESS_SAFE)


def _code(text: str, now: datetime | None) -> str | Unfit:
    if len(text) > CODE_LIMIT:
        return Unfit(Fault.BAD_CODE, f"has {len(text)} characters; a code has at most {CODE_LIMIT}")
    if _BAD_IN_CODE.search(text):
        return Unfit(Fault.BAD_CODE, "holds a link or an emoji, which a code must not")
    return text


def _payload(text: str, now: datetime | None) -> str | Unfit:
    if len(text) > PAYLOAD_LIMIT:
        return Unfit(Fault.BAD_VALUE, f"has {len(text)} characters; a payload has at most {PAYLOAD_LIMIT}")
    return text


def _products(text: str, now: datetime | None) -> str | Unfit:
    try:
        read_products(text)
    except ValueError as error:
        return Unfit(Fault.BAD_VALUE, str(error))
    return text


def _offer_end(text: str, now: datetime | None) -> str | Unfit:
    """An instant as UNIX milliseconds, which is how the platform wants it. Source: platform.md A.4, shape 14."""
    if _MILLISECONDS.fullmatch(text):
        ends_ms = int(text)
    else:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            return Unfit(Fault.BAD_VALUE, f"is {text[:40]!r}, no moment such as 2026-11-30T20:00:00+01:00")
        ends_ms = int(moment.timestamp() * 1000)
    if now is not None and ends_ms <= now.timestamp() * 1000:
        return Unfit(Fault.BAD_VALUE, f"ended on {datetime.fromtimestamp(ends_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC")
    return str(ends_ms)


def _data(text: str, now: datetime | None) -> str | Unfit:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    return text if isinstance(found, dict) else Unfit(Fault.BAD_VALUE, 'is no JSON object such as {"step": "1"}')


PREPARE: Mapping[SlotUse, Prepare] = {
    SlotUse.MEDIA: _media,
    SlotUse.LATITUDE: _latitude,
    SlotUse.LONGITUDE: _longitude,
    SlotUse.ADDRESS_END: _address_end,
    SlotUse.CODE: _code,
    SlotUse.PAYLOAD: _payload,
    SlotUse.PRODUCTS: _products,
    SlotUse.OFFER_END: _offer_end,
    SlotUse.DATA: _data,
}
"""Checks and rewrites by use; a use without a row takes any text."""

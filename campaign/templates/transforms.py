"""Simple rewrites of a column's text, written after its name: `name:trim,title`, `when:date(es_MX,long)`. Pure.

Dates and numbers are read in one form each, so that nothing has to be guessed: `2026-11-30` or an ISO 8601 moment, and
`1234.5`. How they are written is the locale's, from the Unicode CLDR.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_name

from campaign.errors import UsageError
from campaign.names import nearest

Rewrite = Callable[[str], str]
"""raises  ValueError in words that follow the value's name, such as `is 'soon', no date such as 2026-11-30`."""

_CALL = re.compile(r"\s*([a-z_]+)\s*(?:\(([^()]*)\))?\s*")
_CALLS = re.compile(r"[a-z_]+\s*(?:\([^()]*\))?(?:\s*,\s*[a-z_]+\s*(?:\([^()]*\))?)*")
AUTO = "auto"
"""The locale of the language that a person is written in."""
_DATE_FORMATS = ("short", "medium", "long", "full")
# Begins a word: at the start, after a space or hyphen, and after a single letter's apostrophe as in O'Neil.
_WORD_START = re.compile(r"(?:^|(?<=[\s\-])|(?<=\b\w['’]))\w")
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,9})?")


class Transform(NamedTuple):
    """How a rewrite is written, what it does, and what makes it from its arguments."""

    form: str
    does: str
    make: Callable[[Sequence[str]], Rewrite]


def split_transforms(text: str) -> tuple[str, str]:
    """Column and transforms of `name:trim,title`; a colon that no transform follows belongs to the column's name."""
    column, colon, calls = text.rpartition(":")
    if colon and _CALLS.fullmatch(calls.strip()) and _name_of(calls) in TRANSFORMS:
        return column, calls.strip()
    return text, ""


def make_rewrite(calls: str, language: str = "en_US") -> Rewrite:
    """One function that does all of `trim,title` in this order.

    language  of the template, which stands for the locale `auto`
    raises    UsageError for an unknown transform, or arguments it does not take
    """
    rewrites = [_make(found[1], found[2], language) for found in _CALL.finditer(calls) if found[0].strip()]

    def rewrite(text: str) -> str:
        for one in rewrites:
            text = one(text)
        return text

    # Lists repeat their dates, prices and names; a locale's own rules cost some ten microseconds a call.
    return lru_cache(maxsize=8192)(rewrite)


def _make(name: str, arguments: str | None, language: str) -> Rewrite:
    if name not in TRANSFORMS:
        raise UsageError(f"there is no transform {name} ({nearest(name, TRANSFORMS)})")
    given = [one.strip() for one in (arguments or "").split(",") if one.strip()]
    try:
        return TRANSFORMS[name].make([language if one == AUTO else one for one in given])
    except (UsageError, ValueError, UnknownLocaleError, TypeError) as error:
        raise UsageError(
            f"transform {name}({','.join(given)}) is not usable ({error}); write for example {TRANSFORMS[name].form}"
        ) from None


def _name_of(calls: str) -> str:
    found = _CALL.match(calls)
    return found[1] if found else ""


def _plain(rewrite: Rewrite) -> Callable[[Sequence[str]], Rewrite]:
    def make(arguments: Sequence[str]) -> Rewrite:
        if arguments:
            raise UsageError("it takes no argument")
        return rewrite

    return make


def _title(text: str) -> str:
    return _WORD_START.sub(lambda found: found[0].upper(), text.lower())


def _first(text: str) -> str:
    return text.split()[0] if text.split() else ""


def _date(arguments: Sequence[str]) -> Rewrite:
    locale, style = _locale(arguments, most=2), arguments[1] if len(arguments) > 1 else "long"
    if style not in _DATE_FORMATS:
        raise UsageError(f"{style} is none of {', '.join(_DATE_FORMATS)}")
    return lambda text: format_date(_read_date(text), format=style, locale=locale)


def _number(arguments: Sequence[str]) -> Rewrite:
    locale, places = _locale(arguments, most=2), int(arguments[1]) if len(arguments) > 1 else None
    if places is not None and not 0 <= places <= 9:
        raise UsageError("decimals go from 0 to 9")
    pattern = None if places is None else "#,##0" + ("." + "0" * places if places else "")
    return lambda text: format_decimal(_read_number(text), format=pattern, locale=locale)


def _currency(arguments: Sequence[str]) -> Rewrite:
    locale = _locale(arguments, most=2)
    if len(arguments) != 2 or not re.fullmatch("[A-Z]{3}", arguments[1]):
        raise UsageError("it needs a locale and a currency of three letters")
    code = arguments[1]
    if get_currency_name(code, locale="en") == code:
        raise UsageError(f"{code} is no currency")
    return lambda text: format_currency(_read_number(text), code, locale=locale)


def _locale(arguments: Sequence[str], *, most: int) -> Locale:
    if not 1 <= len(arguments) <= most:
        raise UsageError("it needs a locale such as es_MX")
    return Locale.parse(arguments[0].replace("-", "_"))


def _read_date(text: str) -> date:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise ValueError(f"is {text[:30]!r}, no date such as 2026-11-30") from None


def _read_number(text: str) -> Decimal:
    try:
        if _NUMBER.fullmatch(text) and text.isascii():
            return Decimal(text)
    except InvalidOperation:
        pass
    raise ValueError(f"is {text[:30]!r}, no number such as 1234.5")


TRANSFORMS: Mapping[str, Transform] = {
    "trim": Transform("trim", "without spaces around it, which are never sent anyway", _plain(str.strip)),
    "upper": Transform("upper", "IN CAPITALS", _plain(str.upper)),
    "lower": Transform("lower", "in small letters", _plain(str.lower)),
    "title": Transform("title", "Each Word With A Capital, as for names", _plain(_title)),
    "first": Transform("first", "the first word only", _plain(_first)),
    "date": Transform("date(es_MX,long)", "a date as the locale writes it: short, medium, long or full", _date),
    "number": Transform("number(de_DE,2)", "a number as the locale writes it, with so many decimals", _number),
    "currency": Transform("currency(en_US,USD)", "an amount as the locale writes it", _currency),
}
"""Every transform, by name; docs/templates.md is tested against it."""

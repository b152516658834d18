"""The traces that a person leaves in text: their phone however it is written, and the platform's ids of them. Pure.

What is looked for is whole numbers: a longer number that happens to end in the same digits is somebody else's, unless
what stands before is a country code or a prefix of this very phone. Source: platform.md F.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from campaign.audience.phone import Phone

ERASED = "erased"

_LEAST_NATIONAL = 8
"""Digits that a number without its country must have to be told from any other number."""
_MOST_DIGITS = 20
_TAIL = 8
_NUMBER = re.compile(r"\+?\d+")
_BETWEEN = re.compile(r"""[^\w"]{1,3}""")
_ONE_DIGIT_CODES = ("1", "7")
_TWO_DIGIT_CODES = frozenset(map(str, (
    20, 27, *range(30, 35), 36, 39, 40, 41, *range(43, 50), *range(51, 59), *range(60, 67), 81, 82, 84, 86,
    *range(90, 96), 98,
)))  # fmt: skip
"""Country codes of the ITU; the others have three digits."""

_OTHER_SPELLINGS: Sequence[tuple[str, Callable[[str], str]]] = (
    ("52", lambda digits: f"521{digits[2:]}" if len(digits) == 12 else digits),
    ("54", lambda digits: f"549{digits[2:]}" if len(digits) == 12 else digits),
    ("54", lambda digits: f"54{digits[3:]}" if len(digits) == 13 and digits[2] == "9" else digits),
    ("55", lambda digits: digits[:4] + digits[5:] if len(digits) == 13 and digits[4] == "9" else digits),
)


def spellings(phone: Phone, wa_ids: Iterable[str] = ()) -> list[str]:
    """Every way in which a phone may stand with its country code, in digits, longest first."""
    found = {phone.e164.removeprefix("+"), phone.identity, *(each.removeprefix("+") for each in wa_ids)}
    for digits in tuple(found):
        for code, other in _OTHER_SPELLINGS:
            if digits.startswith(code):
                found.add(other(digits))
    return sorted((each for each in found if each.isdecimal()), key=lambda each: (-len(each), each))


@dataclass(frozen=True, slots=True)
class Traces:
    """What to look for.

    whole  numbers with their country code: after a plus nothing else is theirs
    short  numbers as they are dialled: at home, with a trunk prefix, from abroad
    ids    words of the platform for the person
    """

    whole: frozenset[str]
    short: frozenset[str]
    ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, written: Iterable[str], ids: Iterable[str] = ()) -> "Traces":
        """The traces of somebody whose phone is written in these ways with its country code."""
        whole = set(written)
        short = {f"{dialled}{digits}" for digits in whole for dialled in ("00", "011")}
        for digits in tuple(whole):
            code, bare = _parted(digits)
            if len(bare) >= _LEAST_NATIONAL:
                short |= set(_at_home(code, bare))
                whole.add(f"{code}0{bare}")
        return cls(frozenset(whole), frozenset(short), tuple(sorted(filter(None, ids), key=len, reverse=True)))

    @property
    def pattern(self) -> str:
        """A regular expression for PostgreSQL that finds every text with a trace, and some without."""
        tails = sorted({digits[-_TAIL:] for digits in self.whole})
        spaced = ("[^0-9A-Za-z]{0,3}".join(tail) for tail in tails)
        return "|".join([*spaced, *map(re.escape, self.ids)])

    def clean(self, text: str) -> str:
        """A text without the traces in it."""
        parts, at = [], 0
        for start, end in self._found(text):
            parts += [text[at:start], ERASED]
            at = end
        text = "".join([*parts, text[at:]])
        for each in self.ids:
            text = text.replace(each, ERASED)
        return text

    def clean_json(self, value: Any) -> Any:
        """The same of everything within a value of JSON, names too."""
        if isinstance(value, dict):
            return {self.clean(name): self.clean_json(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.clean_json(each) for each in value]
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return ERASED if self.clean(str(value)) != str(value) else value
        return value

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        numbers, place = list(_NUMBER.finditer(text)), 0
        while place < len(numbers):
            after_plus = numbers[place][0].startswith("+")
            wanted = self.whole if after_plus else self.whole | self.short
            digits, upto = "", place
            # int() reads the digits of every script.
            for end in _together(text, numbers, place):
                digits += "".join(str(int(each)) for each in numbers[end][0].removeprefix("+"))
                if digits in wanted:
                    yield numbers[place].start(), numbers[end].end()
                    upto = end
                    break
                if len(digits) > _MOST_DIGITS:
                    break
                # What follows a plus is one number to its end, not the beginning of others.
                upto = end if after_plus else place
            place = upto + 1


def _together(text: str, numbers: Sequence[re.Match[str]], first: int) -> Iterator[int]:
    """The places of the numbers from one on that little stands between: parts of one number perhaps."""
    yield first
    for place in range(first + 1, len(numbers)):
        if not _BETWEEN.fullmatch(text, numbers[place - 1].end(), numbers[place].start()):
            return
        yield place


def _parted(digits: str) -> tuple[str, str]:
    """Country code and the rest."""
    length = 1 if digits[0] in _ONE_DIGIT_CODES else 2 if digits[:2] in _TWO_DIGIT_CODES else 3
    return digits[:length], digits[length:]


def _at_home(code: str, bare: str) -> Iterator[str]:
    """A number as it is dialled in its country."""
    yield from (bare, f"0{bare}")
    if code == "52":
        yield from (f"{prefix}{bare}" for prefix in ("01", "044", "045"))
    if code == "54":
        # Between area and number a mobile has a 15 at home, in the place of the 9 from abroad.
        for area in (2, 3, 4):
            yield from (f"{zero}{bare[:area]}15{bare[area:]}" for zero in ("", "0"))

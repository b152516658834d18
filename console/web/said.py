"""What the domain says in English, in the language of who looks.

The domain has one voice, which the command line and the log share: plain English sentences. They are told again in
another language by their pattern: texts/en/ROOM.toml holds each sentence as the domain says it, with {names} for what
varies, and texts/LANGUAGE/ROOM.toml holds the same key in the other language. What has no pattern stays as it is, so
that nothing is ever hidden.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple

FOLDER = Path(__file__).parent / "texts"
ENGLISH = "en"
LONGEST = 1000
"""Characters beyond which no pattern is looked for; no sentence of ours is as long."""

FOLLOWED = frozenset({"advice", "ended", "region", "role", "trouble", "verb", "what", "where", "why"})
"""Names of what varies that are words of ours again, and told in the other language, too."""

_SENTENCES = re.compile(r"(?<=[.!?;]) (?=[A-Z0-9])")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
_SOMETHING = "…"
"""Stands in front of what is said of a thing that the page names itself."""


class Pattern(NamedTuple):
    """A sentence of the domain. `literal` is how much of it does not vary: the more, the better it fits."""

    key: str
    matches: re.Pattern[str]
    literal: int


def said(text: str, language: str) -> str:
    """A sentence or several in a language; what is not known of them stays in English. Pure."""
    return text if language == ENGLISH or not text.strip() else _said(text, language)


def knows(text: str) -> bool:
    """Whether every sentence of a text has its pattern. Pure."""
    return _known(text) is not None or all(_known(each) is not None for each in _SENTENCES.split(text))


@lru_cache(maxsize=4096)
def _said(text: str, language: str) -> str:
    if len(text) > LONGEST:
        return text
    parts = _SENTENCES.split(text)
    told = [_told(each, language) for each in parts]
    # One by one where each is known: what varies in one pattern would swallow whatever sentences follow.
    if len(parts) == 1 or None in told:
        whole = _told(text, language)
        if whole is not None:
            return whole
    return " ".join(each or english for each, english in zip(told, parts, strict=True))


def _told(text: str, language: str) -> str | None:
    found = _known(text)
    if found is None:
        return None
    other = sentences(language).get(found.key)
    if other is None:
        return None
    values = {name: _value(name, value, language) for name, value in found.values.items()}
    told = found.mended(other.format_map(values))
    return told[:1].upper() + told[1:] if text[:1].isupper() else told


class _Found(NamedTuple):
    """A pattern that fits, the values in it, and what is to be done to the sentence in another language."""

    literal: int
    key: str
    values: Mapping[str, str]
    mended: Callable[[str], str]


def _known(text: str) -> _Found | None:
    """The pattern that says most of a sentence: as it is, without its full stop, or with the thing it speaks of."""
    found = [_match(text, str)]
    if text.endswith((".", ";")):
        found.append(_match(text[:-1], lambda told: told.removesuffix(".") + text[-1]))
    if text[:1].islower():
        found.append(_match(f"{_SOMETHING} {text}", lambda told: told.replace(_SOMETHING, "", 1).lstrip(" :")))
    return max((each for each in found if each is not None), key=lambda each: each.literal, default=None)


def _match(text: str, mended: Callable[[str], str]) -> _Found | None:
    plain, patterns = _patterns()
    if text in plain:
        return _Found(len(text), plain[text], {}, mended)
    for pattern in patterns:
        if (found := pattern.matches.fullmatch(text)) is not None:
            return _Found(pattern.literal, pattern.key, found.groupdict(), mended)
    return None


def _value(name: str, value: str, language: str) -> str:
    if _GROUPED.fullmatch(value):
        return value.replace(",", ".")
    return _said(value, language) if name in FOLLOWED else value


@cache
def _patterns() -> tuple[Mapping[str, str], Sequence[Pattern]]:
    """Sentences in which nothing varies, to their keys; and the patterns of the others, the most telling first."""
    every = sentences(ENGLISH)
    plain = {text: key for key, text in every.items() if "{" not in text}
    patterns = [_pattern(key, text) for key, text in every.items() if "{" in text]
    return plain, sorted(patterns, key=lambda pattern: -pattern.literal)


def _pattern(key: str, text: str) -> Pattern:
    pieces, literal = [], 0
    for fixed, field, _, _ in Formatter().parse(text):
        pieces.append(re.escape(fixed))
        literal += len(fixed)
        if field is not None:
            pieces.append(f"(?P<{field}>.+?)")
    return Pattern(key, re.compile("".join(pieces), re.DOTALL), literal)


@cache
def sentences(language: str) -> Mapping[str, str]:
    """The sentences of a language by room and key."""
    return dict(_read(language))


def _read(language: str) -> Iterator[tuple[str, str]]:
    for path in sorted((FOLDER / language).glob("*.toml")):
        for key, text in tomllib.loads(path.read_text("utf-8")).items():
            yield f"{path.stem}.{key}", text

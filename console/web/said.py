"""What the domain says in English, in the language of who looks and in the words of the pages.

The domain has one voice, which the command line and the log share: plain English sentences. They are told again in
another language by their pattern: texts/en/ROOM.toml holds each sentence as the domain says it, with {names} for what
varies, and texts/LANGUAGE/ROOM.toml holds the same key in the other language. Where the domain names a command or an
option, texts/page/ROOM.toml holds what the English console says instead. What has no pattern stays as it is, so that
nothing is ever hidden; only the options in it are called what the forms call them, and commands are left out.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple

FOLDER = Path(__file__).parent / "texts"
ENGLISH, PAGE = "en", "page"
LONGEST = 1000
"""Characters beyond which no pattern is looked for; no sentence of ours is as long."""

FOLLOWED = frozenset(
    {"advice", "ended", "kind", "option", "phone", "region", "role", "time", "trouble", "verb", "what", "where", "why"}
)
"""Names of what varies that are words of ours again, and told in the other language, too."""

LISTED = frozenset({"columns", "languages", "names", "slots"})
"""Names of what varies that are lists of names, of which the first ones are told."""

FORMS = {"country": "[A-Z0-9]{2,3}", "others": r"\S+"}
"""Names of what varies that are only of one form; what has another form is another sentence."""

AND_MORE, OF_SHEET, THE_LIST = "lists.and_more", "lists.of_sheet", "options.the_list"
OPTIONS, STATES = "options.", "states."
"""Keys and beginnings of keys that are looked up by themselves."""

_INCOMING = re.compile(r"\S*/incoming/[A-Za-z0-9_-]{43}/")
_TEMPORARY = re.compile(r"\S*/campaign-list-\S+\.csv")
_SHEET = re.compile(r" \(sheet ([^()]+)\)(?= )")
_COMMAND = re.compile(r"[,;]?\s*(?:or )?(?:see|with|run) campaign [a-z-]+(?: [a-z-]+)*(?: --[a-z]+ \S+)*")
_SENTENCES = re.compile(r"(?<=[.!?;]) (?=[A-Z0-9])")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
_SOMETHING = "…"
"""Stands in front of what is said of a thing that the page names itself."""


class Pattern(NamedTuple):
    """A sentence of the domain. `literal` is how much of it does not vary: the more, the better it fits.

    longest  the longest part that does not vary; a text without it needs no closer look
    """

    key: str
    matches: re.Pattern[str]
    literal: int
    longest: str


def said(text: str, language: str) -> str:
    """A sentence or several in a language; what is not known of them stays in English. Pure."""
    return _said(text, language) if text.strip() else text


def knows(text: str) -> bool:
    """Whether every sentence of a text has its pattern. Pure."""
    return _known(text) is not None or all(_known(each) is not None for each in _SENTENCES.split(text))


@lru_cache(maxsize=4096)
def _said(text: str, language: str) -> str:
    if len(text) > LONGEST:
        return text
    text = _place_told(text, language)
    parts = _SENTENCES.split(text)
    told = [_told(each, language) for each in parts]
    # One by one where each is known: what varies in one pattern would swallow whatever sentences follow.
    if len(parts) == 1 or None in told:
        whole = _told(text, language)
        if whole is not None:
            return whole
    return " ".join(each or _without_commands(english) for each, english in zip(told, parts, strict=True))


def _place_told(text: str, language: str) -> str:
    """A sentence without folders of ours, and with its sheet told; both stand beside the name of a list."""
    texts = _texts(language)
    text = _TEMPORARY.sub(lambda _: texts[THE_LIST], _INCOMING.sub("", text))
    return _SHEET.sub(lambda found: texts[OF_SHEET].format(sheet=found[1]), text)


def _without_commands(text: str) -> str:
    """A sentence that is not known, without what only the command line has."""
    flag, words = _options()
    return flag.sub(lambda found: words[found[0]], _COMMAND.sub("", text))


@cache
def _options() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """The options of the command line, and what the forms call them."""
    options = {key: text for key, text in sentences(ENGLISH).items() if key.startswith(OPTIONS) and text[:2] == "--"}
    words = {option: sentences(PAGE)[key] for key, option in options.items()}
    longest_first = sorted(map(re.escape, words), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(longest_first)})(?![\\w-])"), words


def _told(text: str, language: str) -> str | None:
    found = _known(text)
    if found is None:
        return None
    other = _texts(language).get(found.key)
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
    found = []
    # Before the sentence as it is, of which the stop may be taken for a part of what varies at its end.
    if text.endswith((".", ";")):
        found.append(_match(text[:-1], lambda told: told.removesuffix(".") + text[-1]))
    found.append(_match(text, str))
    if text[:1].islower():
        found.append(_match(f"{_SOMETHING} {text}", lambda told: told.replace(_SOMETHING, "", 1).lstrip(" :")))
    return max((each for each in found if each is not None), key=lambda each: each.literal, default=None)


def _match(text: str, mended: Callable[[str], str]) -> _Found | None:
    plain, patterns = _patterns()
    if text in plain:
        return _Found(len(text), plain[text], {}, mended)
    for pattern in patterns:
        if pattern.longest in text and (found := pattern.matches.fullmatch(text)) is not None:
            return _Found(pattern.literal, pattern.key, found.groupdict(), mended)
    return None


def _value(name: str, value: str, language: str) -> str:
    if language != ENGLISH and _GROUPED.fullmatch(value):
        return value.replace(",", ".")
    if name in LISTED and (found := _and_more().matches.fullmatch(value)) is not None:
        return _texts(language)[AND_MORE].format_map(found.groupdict())
    if name == "state":
        # By its key: a state may read as a verb does, and be another word elsewhere.
        return _texts(language).get(f"{STATES}{value}", value)
    return _said(value, language) if name in FOLLOWED else value


@cache
def _and_more() -> Pattern:
    return _pattern(AND_MORE, sentences(ENGLISH)[AND_MORE])


@cache
def _patterns() -> tuple[Mapping[str, str], Sequence[Pattern]]:
    """Sentences in which nothing varies, to their keys; and the patterns of the others, the most telling first."""
    every = {key: text for key, text in sentences(ENGLISH).items() if not key.startswith(STATES)}
    plain = {text: key for key, text in every.items() if "{" not in text}
    patterns = [_pattern(key, text) for key, text in every.items() if "{" in text and key not in {AND_MORE, OF_SHEET}]
    return plain, sorted(patterns, key=lambda pattern: -pattern.literal)


def _pattern(key: str, text: str) -> Pattern:
    pieces, fixed = [], []
    for part, field, _, _ in Formatter().parse(text):
        pieces.append(re.escape(part))
        fixed.append(part)
        if field is not None:
            pieces.append(f"(?P<{field}>{FORMS.get(field, '.+?')})")
    return Pattern(key, re.compile("".join(pieces), re.DOTALL), sum(map(len, fixed)), max(fixed, key=len))


@cache
def _texts(language: str) -> Mapping[str, str]:
    """The sentences as a console in a language says them."""
    return {**sentences(ENGLISH), **sentences(PAGE)} if language == ENGLISH else sentences(language)


@cache
def sentences(language: str) -> Mapping[str, str]:
    """The sentences of a language by room and key."""
    return dict(_read(language))


def _read(language: str) -> Iterator[tuple[str, str]]:
    for path in sorted((FOLDER / language).glob("*.toml")):
        for key, text in tomllib.loads(path.read_text("utf-8")).items():
            yield f"{path.stem}.{key}", text

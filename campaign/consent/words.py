"""The words by which people stop and start: the built-in list, and what people have added to it or taken off."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.consent import rule_store as store
from campaign.errors import NotFound, UsageError
from campaign.stop_words import START_WORDS, STOP_WORDS, bare
from models.consent import StopWord, WordKind

ANY_LANGUAGE = "any"
LONGEST_WORD = 60
BUILT_IN: Mapping[WordKind, Mapping[str, tuple[str, ...]]] = {WordKind.STOP: STOP_WORDS, WordKind.START: START_WORDS}


@dataclass(frozen=True, slots=True)
class Edits:
    """What people changed of the built-in words; false when nothing was."""

    rows: Mapping[tuple[WordKind, bool], frozenset[str]] = field(default_factory=dict)

    def of(self, kind: WordKind, *, active: bool) -> frozenset[str]:
        """Bare words that were added, or taken off."""
        return self.rows.get((kind, active), frozenset())

    def __bool__(self) -> bool:
        return bool(self.rows)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is listed; `origin` is `built-in` or `added`, and one that was taken off is not `active`."""

    kind: str
    language: str
    word: str
    origin: str
    active: bool


def edited_words(session: Session) -> Edits:
    """What people changed of the built-in words."""
    rows: dict[tuple[WordKind, bool], frozenset[str]] = {}
    for kind, active, word in session.execute(select(StopWord.kind, StopWord.active, StopWord.bare)):
        key = (WordKind(kind), active)
        rows[key] = rows.get(key, frozenset()) | {word}
    return Edits(rows)


def list_words(session: Session) -> list[Word]:
    """Every word, by kind and language."""
    edits = edited_words(session)
    built_in = [
        Word(kind.value, language, word, "built-in", bare(word) not in edits.of(kind, active=False))
        for kind, by_language in BUILT_IN.items()
        for language, words in by_language.items()
        for word in words
    ]
    rows = session.scalars(select(StopWord).where(StopWord.active).order_by(StopWord.bare))
    added = [Word(row.kind, row.language, row.word, "added", True) for row in rows]
    return sorted([*built_in, *added], key=lambda each: (each.kind != WordKind.STOP, each.language, each.word))


def add_word(
    session: Session, text: str, *, kind: WordKind, language: str = ANY_LANGUAGE, recorded_by: str, now: datetime
) -> None:
    """Let a word count, from the next reply on; one that was taken off the built-in list counts again.

    raises  UsageError for a text that cannot be a word, or that stands for the opposite
    """
    word = _checked(text)
    other = WordKind.START if kind is WordKind.STOP else WordKind.STOP
    if word in _built_in(other) or word in edited_words(session).of(other, active=True):
        raise UsageError(f"{text!r} is a {other} word; remove it there first")
    if word in _built_in(kind):
        store.drop_word(session, kind, word)
    else:
        known = {"word": text.strip(), "language": language, "recorded_by": recorded_by, "recorded_at": now}
        store.put_word(session, kind, word, active=True, **known)


def remove_word(session: Session, text: str, *, kind: WordKind, recorded_by: str, now: datetime) -> None:
    """Let a word no longer count, built-in or added.

    raises  NotFound for a word that is not in the list
    """
    word = _checked(text)
    if word in _built_in(kind):
        known = {"word": text.strip(), "language": ANY_LANGUAGE, "recorded_by": recorded_by, "recorded_at": now}
        store.put_word(session, kind, word, active=False, **known)
    elif not store.drop_word(session, kind, word):
        raise NotFound(f"{text!r} is no {kind} word; see campaign stop-words list")


def _checked(text: str) -> str:
    word = bare(text)
    if not word or len(word) > LONGEST_WORD:
        raise UsageError(f"{text!r} cannot be a word; give 1 to {LONGEST_WORD} letters or digits")
    return word


def _built_in(kind: WordKind) -> frozenset[str]:
    return frozenset(bare(word) for words in BUILT_IN[kind].values() for word in words)

"""Which encoding the letters beyond ASCII are in, where no mark says so; told from the words that have such letters.

UTF-8         most of them are valid UTF-8: a stray byte costs its own cell a letter, and not all cells theirs
mac-roman     what Windows-1252 would make of them has signs in the middle of words: Excel on a Mac saves CSV so
cp1252        else, as Excel saves CSV in the West
none of them  letters that stand in rows without ASCII between them: another alphabet, and nothing says which
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from itertools import islice

MOST_WORDS = 2_000
"""Words that are looked at; they are of one mind long before."""

_LONGEST = 40
"""Bytes of a word that are looked at."""
_WORD = re.compile(rb"[A-Za-z]?[\x80-\xff][A-Za-z\x80-\xff]{0,38}")
_OTHER_ALPHABET = re.compile(rb"[\x80-\xff]{3}")
# Signs between letters, capitals after small letters, bytes without a meaning; not the dashes, dots and apostrophes
# that stand between letters in good texts, too.
_NOT_WESTERN = re.compile(
    rb"[A-Za-z][\x82\x84\x86-\x89\x8b\x93-\x95\x98\x99\x9b][A-Za-z]|[a-z][\x8a\x8c\x8e\x9f\x83]|[\x81\x8d\x8f\x90\x9d]"
)
_CAPITAL_WITHIN = re.compile(r"[a-zß-ÿ][A-ZÀ-Þ]")
_ENOUGH = 3
"""Odd words that are no accident."""
# A small letter behind a small letter; on a Mac these bytes are capitals and marks.
_WESTERN = re.compile(rb"[a-z][\xdf-\xff]")


def odd_words(block: bytes, most: int) -> Iterator[bytes]:
    """Words of a block that have letters beyond ASCII, from the last ASCII letter before one on."""
    if block.isascii():
        return iter(())
    return (found[0] for found in islice(_WORD.finditer(block), most))


def encoding_of(words: Sequence[bytes]) -> str | None:
    """The encoding of odd words of a text that is not UTF-8 from end to end; None where it cannot be told."""
    if 2 * sum(map(_is_utf8, words)) > len(words):
        return "utf-8"
    if 2 * sum(bool(_OTHER_ALPHABET.search(word)) for word in words) > len(words):
        return None
    against = [word for word in words if _NOT_WESTERN.search(word)]
    if len(against) <= sum(bool(_WESTERN.search(word)) for word in words):
        return "cp1252"
    if all(map(_is_word_of_a_mac, against)):
        return "mac-roman"
    # Two odd words may be names of brands.
    return "cp1252" if len(against) < _ENOUGH else None


def _is_utf8(word: bytes) -> bool:
    try:
        # The last letter of a long word may be cut off.
        codecs.getincrementaldecoder("utf-8")().decode(word, final=len(word) < _LONGEST - 1)
    except UnicodeDecodeError:
        return False
    return True


def _is_word_of_a_mac(word: bytes) -> bool:
    letters = word.decode("mac-roman").replace("’", "")
    return letters.isalpha() and not _CAPITAL_WITHIN.search(letters)

"""Whole columns of text at once, by Arrow: each function says of a million cells what Python's `str` says of one.

Arrow is loaded where a list is read and not above: a worker that reads none need not carry it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

# Every character that `str.isspace` knows, but for the ordinary space.
_ODD_SPACES = r"\x{09}-\x{0d}\x{1c}-\x{1f}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
_UNTIDY = rf"^ | $|  |[{_ODD_SPACES}]"


def text_array(texts: "list[str] | list[str | None]") -> "pa.Array[Any]":
    """Texts as an array; None is null."""
    import pyarrow as pa

    return pa.array(texts, pa.string())


def any_of(flags: "pa.Array[Any]") -> bool:
    """Whether one of them is true."""
    import pyarrow.compute as pc

    return bool(pc.any(flags).as_py())


def are_tidy(texts: "pa.Array[Any]") -> "pa.Array[Any]":
    """Which texts are not empty and hold only single spaces, none at the ends, and no NUL."""
    import pyarrow.compute as pc

    untidy = pc.match_substring_regex(texts, rf"{_UNTIDY}|\x00")
    return pc.and_(pc.invert(untidy), pc.not_equal(texts, ""))


def tidied(texts: "pa.Array[Any]") -> "pa.Array[Any]":
    """Each with single spaces and none at the ends; null where nothing is left."""
    import pyarrow.compute as pc

    if any_of(pc.match_substring_regex(texts, _UNTIDY)):
        return text_array([" ".join(text.split()) or None for text in texts.to_pylist()])
    return null_if_empty(texts)


def null_if_empty(texts: "pa.Array[Any]") -> "pa.Array[Any]":
    """Each, or null in place of an empty one."""
    import pyarrow.compute as pc

    empty = pc.equal(texts, "")
    return pc.if_else(empty, null_text(), texts) if any_of(empty) else texts


def null_text() -> "pa.Scalar[Any]":
    """A null among texts."""
    import pyarrow as pa

    return pa.scalar(None, pa.string())


def all_of(flags: "pa.Array[Any]") -> bool:
    """Whether all of them are true."""
    import pyarrow.compute as pc

    return bool(pc.all(flags, min_count=0).as_py())


def longest_of(texts: "pa.Array[Any]") -> str:
    """The first text with the most characters; empty when there is none."""
    import pyarrow.compute as pc

    if not len(texts):
        return ""
    lengths = pc.utf8_length(texts)
    return str(texts[pc.index(lengths, pc.max(lengths)).as_py()])

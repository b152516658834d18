"""Columns of many rows as PostgreSQL's array literals: one text for each column, a fraction of the driver's own cost.

The driver looks at each element to find its type; here the statement names it, as in `CAST(:ids AS bigint[])`.
"""

from collections.abc import Sequence


def array_literal(values: Sequence[object]) -> str:
    """A column whose elements contain neither quotes, commas nor braces: numbers, times, words of our own."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def text_array_literal(values: Sequence[str | None]) -> str:
    """A column of texts that come from outside."""
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def _quoted(text: str) -> str:
    if '"' in text or "\\" in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'

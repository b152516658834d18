"""What may be asked of somebody's own database: one statement that reads, with bound values. Pure."""

import re
from collections.abc import Sequence

from campaign.errors import UsageError
from campaign.names import listed

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_READS = re.compile(r"\s*\(*\s*(?:SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE)
_BIND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")
_STRING = re.compile(r"'(?:[^']|'')*'")
_TEXT_OR_COMMENT = re.compile(f"{_STRING.pattern}|{_COMMENT.pattern}", re.DOTALL)


def checked_query(query: str | None) -> str:
    """A query that reads; a database that could be talked into more is opened read-only besides.

    raises  UsageError
    """
    if query is None or not query.strip():
        raise UsageError('a database needs --query "SELECT …" that says who is on the list')
    plain = query.strip().rstrip(";").strip()
    bare = _COMMENT.sub(" ", plain)
    if not _READS.match(bare):
        raise UsageError("--query does not read; begin it with SELECT or WITH")
    if ";" in bare:
        raise UsageError("--query holds a semicolon; give one statement, and a value that has one by --param")
    return plain


def bound_values(query: str, parameters: Sequence[str]) -> dict[str, str | int | float]:
    """`name=value` items as values for the `:name` places of a query; what looks like a number is one.

    raises  UsageError for an item without a place, or a place without an item
    """
    values = {}
    for item in parameters:
        name, separator, text = item.partition("=")
        if not separator or not name.strip():
            raise UsageError(f"--param {item} is not of the form name=value; correct it")
        values[name.strip()] = _value(text)
    places = set(_BIND.findall(_STRING.sub("''", _COMMENT.sub(" ", query))))
    if missing := sorted(places - set(values)):
        raise UsageError(f"--query has :{missing[0]} and no --param {missing[0]}=… says what it is; add it")
    if unknown := sorted(set(values) - places):
        known = listed([f":{name}" for name in sorted(places)]) or "none"
        raise UsageError(f"--param {unknown[0]}: --query has no :{unknown[0]} (found {known}); correct it")
    return values


def with_places_alone(query: str) -> str:
    """A query in which what looks like a place, but stands in a text or a comment, is marked as none."""
    return _TEXT_OR_COMMENT.sub(lambda found: _BIND.sub(r"\\:\1", found[0]), query)


def _value(text: str) -> str | int | float:
    # A leading zero belongs to a code or a phone; 'text' in quotes stays text whatever it is.
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1]
    if re.fullmatch(r"-?(?:0|[1-9]\d{0,17})", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d{1,15}\.\d{1,15}", text) else text

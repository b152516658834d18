"""JSON objects of texts, put together by hand and column by column: several times faster than one by one."""

from collections.abc import Mapping
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any

from campaign.text_arrays import any_of, text_array

if TYPE_CHECKING:
    import pyarrow as pa

_ESCAPED = r'["\\\x00-\x1f]'
"""What JSON does not take as it is."""


def json_object(values: Mapping[str, str]) -> str:
    """One object."""
    return "{" + ",".join([f"{json_key(key)}{quoted(text)}" for key, text in values.items()]) + "}"


def json_objects(
    columns: Mapping[str, "pa.Array[Any]"], count: int, same: Mapping[str, str] | None = None
) -> "pa.Array[Any]":
    """`count` objects, one of each row of the columns, without what is empty; `same` stands in all of them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    begin = json_object(same or {})[:-1]
    if not columns:
        return pa.repeat(f"{begin}}}", count)
    members = pc.binary_join_element_wise(*(_members(json_key(name), texts) for name, texts in columns.items()), "")
    # Each member brings a comma, and the first has nothing to be parted from.
    return pc.binary_join_element_wise(begin, members if same else pc.utf8_slice_codeunits(members, 1), "}", "")


def json_rows(columns: Mapping[str, "pa.Array[Any]"]) -> "pa.Array[Any]":
    """Whole rows as objects, with every cell as it is."""
    import pyarrow.compute as pc

    members = pc.binary_join_element_wise(*(_written(json_key(name), texts) for name, texts in columns.items()), "")
    return pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(members, 1), "}", "")


@lru_cache(maxsize=4096)
def json_key(name: str) -> str:
    """The name of a column or slot, as it begins a member of an object."""
    return f"{quoted(name)}:"


def _members(key: str, texts: "pa.Array[Any]") -> "pa.Array[Any]":
    """One member for each object, after a comma; nothing where the text is empty."""
    import pyarrow.compute as pc

    texts = pc.utf8_trim_whitespace(texts)
    empty = pc.equal(texts, "")
    members = _written(key, texts)
    return pc.if_else(empty, "", members) if any_of(empty) else members


def _written(key: str, texts: "pa.Array[Any]") -> "pa.Array[Any]":
    import pyarrow.compute as pc

    if any_of(pc.match_substring_regex(texts, _ESCAPED)):
        return text_array([f",{key}{quoted(text)}" for text in texts.to_pylist()])
    return pc.binary_join_element_wise(f',{key}"', texts, '"', "")

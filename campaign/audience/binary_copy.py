"""Columns to the binary format of PostgreSQL's COPY, whole arrays at a time.

PostgreSQL takes it in with a third less work than lines of text, and nothing has to be escaped. Each field is its
length in four bytes, big-endian, and its bytes; NULL is a length of -1.
"""

import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    Field = bytes | list[pa.Array[Any]]
    """One column: bytes that are the same in every row, or arrays whose values follow one another in each row."""

_BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_JSONB_VERSION = b"\x01"


def text_field(value: str) -> bytes:
    """A text that stands in every row."""
    return _field(value.encode())


def bigint_field(value: int) -> bytes:
    """A bigint that stands in every row."""
    return _field(struct.pack(">q", value))


def time_field(value: datetime) -> bytes:
    """A timestamptz that stands in every row."""
    return _field(struct.pack(">q", (value - _EPOCH) // timedelta(microseconds=1)))


def text_fields(texts: "pa.Array[Any]") -> list["pa.Array[Any]"]:
    """A text for each row; null is NULL."""
    return _fields(texts, prefix=b"")


def jsonb_fields(texts: "pa.Array[Any]") -> list["pa.Array[Any]"]:
    """A jsonb for each row, as text; null is NULL."""
    return _fields(texts, prefix=_JSONB_VERSION)


def number_fields(numbers: "pa.Array[Any]", kind: str) -> list["pa.Array[Any]"]:
    """A number for each row: `kind` is `i2`, `i4` or `i8` for a smallint, an integer, a bigint; null is NULL."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    width = int(kind[1])
    plain = numbers.fill_null(0).to_numpy(zero_copy_only=False).astype(f">{kind}")
    values = pa.Array.from_buffers(pa.binary(width), len(plain), [None, pa.py_buffer(np.ascontiguousarray(plain))])
    values = values.cast(pa.binary())
    if not numbers.null_count:
        return [pa.scalar(struct.pack(">i", width)), values]
    return _fields(pc.if_else(pc.is_valid(numbers), values, pa.scalar(None, pa.binary())), prefix=b"")


def binary_rows(fields: "Sequence[Field]", count: int) -> Iterator[memoryview | bytes]:
    """What a COPY of `count` rows is sent: the fields of a row in the order of the statement's columns."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts: list[Any] = [struct.pack(">h", len(fields))]
    for field in fields:
        if isinstance(field, bytes) and isinstance(parts[-1], bytes):
            parts[-1] += field
        else:
            parts += [field] if isinstance(field, bytes) else field
    scalars = [pa.scalar(part, pa.binary()) if isinstance(part, bytes) else part for part in parts]
    yield _BEGIN
    if count:
        rows = pc.binary_join_element_wise(*scalars, pa.scalar(b"", pa.binary()))
        yield memoryview(rows.buffers()[2])[: pc.sum(pc.binary_length(rows)).as_py()]
    yield _END


def _field(value: bytes) -> bytes:
    return struct.pack(">i", len(value)) + value


def _fields(values: "pa.Array[Any]", prefix: bytes) -> list["pa.Array[Any]"]:
    import pyarrow as pa
    import pyarrow.compute as pc

    lengths = pc.add(pc.binary_length(values), len(prefix)).fill_null(-1)
    (_, length_fields) = number_fields(lengths, "i4")
    binary = values.cast(pa.binary())
    if values.null_count:
        whole = pc.binary_join_element_wise(pa.scalar(prefix), binary, pa.scalar(b""))
        return [length_fields, whole.fill_null(b"")]
    return [length_fields, *([pa.scalar(prefix)] if prefix else []), binary]

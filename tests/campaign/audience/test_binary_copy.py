"""What is sent as arrays arrives as rows, on a real database."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from campaign.audience.binary_copy import (
    bigint_field,
    binary_rows,
    jsonb_fields,
    number_fields,
    text_field,
    text_fields,
    time_field,
)
from models.session import Sessions

AT = datetime(2026, 11, 20, 12, 0, 0, 1, tzinfo=UTC)
TABLE = "CREATE TEMP TABLE arrived (a bigint, b timestamptz, c text, d text, e jsonb, f integer, g smallint, h bigint)"


def send(session: Session, fields: list[Any], count: int) -> list[tuple[Any, ...]]:
    session.execute(text(TABLE))
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor() as cursor, cursor.copy("COPY arrived FROM STDIN (FORMAT binary)") as copy:
        for part in binary_rows(fields, count):
            copy.write(part)
    return [tuple(row) for row in session.execute(text("SELECT * FROM arrived ORDER BY f"))]


@pytest.mark.parametrize("part", [slice(None), slice(1, 3), slice(0, 0)], ids=["all", "some", "none"])
def test_every_kind_of_column_arrives(sessions: Sessions, part: slice) -> None:
    texts = ["á", None, "tab\t, break\n and \\", ""]
    objects = ['{"a": "b\\\\c"}', "{}", None, '{"é": "\\u0007"}']
    numbers, small, large = [1, 2, 3, 2**31 - 1], [1, None, -3, 2**15 - 1], [None, 2**40, -1, 0]
    fields = [
        bigint_field(7),
        time_field(AT),
        text_field("queued"),
        text_fields(pa.array(texts, pa.string())[part]),
        jsonb_fields(pa.array(objects, pa.string())[part]),
        number_fields(pa.array(numbers, pa.int64())[part], "i4"),
        number_fields(pa.array(small, pa.int16())[part], "i2"),
        number_fields(pa.array(large, pa.int64())[part], "i8"),
    ]
    values = [{"a": "b\\c"}, {}, None, {"é": "\x07"}]
    expected = [(7, AT, "queued", *row) for row in zip(texts, values, numbers, small, large, strict=True)]
    with sessions() as session:
        assert send(session, fields, len(expected[part])) == expected[part]


def test_a_column_alone_and_a_column_of_nothing(sessions: Sessions) -> None:
    nothing = pa.nulls(2, pa.string())
    with sessions() as session:
        session.execute(text("CREATE TEMP TABLE lonely (a text)"))
        connection: Any = session.connection().connection.driver_connection
        with connection.cursor() as cursor, cursor.copy("COPY lonely FROM STDIN (FORMAT binary)") as copy:
            for part in binary_rows([text_fields(nothing)], 2):
                copy.write(part)
        assert list(session.scalars(text("SELECT a FROM lonely"))) == [None, None]

"""Rows into a table by COPY, within the transaction of a session."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

_ROWS_AT_ONCE = 1_000


def copy_rows(session: Session, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """Send rows through a `COPY … FROM STDIN (FORMAT csv)`.

    None and the empty text both arrive as NULL; a text column that may be empty stands in FORCE_NOT_NULL.
    """
    session.flush()
    waiting = iter(rows)
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        # Little by little, so that the database works on some rows while the next are being written.
        while some := list(islice(waiting, _ROWS_AT_ONCE)):
            copy.write(_lines(some))


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    lines = StringIO()
    # With this line end the writer quotes cells that hold a bare carriage return, as PostgreSQL wants it.
    csv.writer(lines, lineterminator="\r\n").writerows(rows)
    return lines.getvalue()

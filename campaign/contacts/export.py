"""All contacts as CSV that a spreadsheet can open, and `contacts import` can read again."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from campaign.contacts import store
from campaign.reports.csv_file import Cell, write_csv

OWN_COLUMNS = (
    *("phone", "name", "region", "time_zone", "wa_id", "user_id", "last_inbound_at", "created_at", "updated_at"),
)
MOST_ATTRIBUTES = 500


def export_contacts(session: Session, out: Path) -> int:
    """Write one line per contact and one column per attribute, in bounded memory; the number of lines.

    raises  UsageError when the file cannot be written
    """
    attributes = store.attribute_names(session, MOST_ATTRIBUTES)
    columns = (*OWN_COLUMNS, *(f"{name} (attribute)" if name in OWN_COLUMNS else name for name in attributes))
    return write_csv(out, columns, _lines(session, attributes)).lines


def _lines(session: Session, attributes: Sequence[str]) -> Iterator[Sequence[Cell]]:
    for row in store.contacts(session):
        yield [*row[:-1], *(_text(row.attributes.get(name)) for name in attributes)]


def _text(value: object) -> str | None:
    return None if value is None else str(value)

"""One line per uploaded row, in the order of the list: what became of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from campaign.audience.columns import find_name_column
from campaign.reports import store
from campaign.reports.csv_file import Cell, Written, write_csv
from campaign.reports.open_rows import OPEN_REASONS
from models.campaign import Campaign
from models.states import MessageState

COLUMNS = (
    *("row", "phone", "wa_id", "name", "status", "reason", "error_code", "error_text", "attempts", "wamid"),
    *("queued_at", "accepted_at", "held_at", "sent_at", "delivered_at", "read_at", "failed_at", "expired_at"),
    *("category", "billable", "pricing_model", "pricing_type", "user_id"),
)

_REASON = COLUMNS.index("reason")

# A webhook may have told of the message before, or instead of, the platform's answer.
_TAKEN = frozenset({MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED, MessageState.READ})


def write_recipients(session: Session, campaign: Campaign, out: Path) -> Written:
    """Write the report in bounded memory. It has as many lines as rows were uploaded; they are tallied by status.

    A row that became no message has status `refused`, its reason, and the reason in words as error text.

    raises  UsageError when the file cannot be written
    """
    return write_csv(out, COLUMNS, recipient_lines(session, campaign.id), count="status")


def recipient_lines(session: Session, campaign_id: int) -> Iterator[Sequence[Cell]]:
    """The lines of the report, fetched as they are asked for."""
    listing = store.listing(session, campaign_id)
    phone_column = listing.phone_column if listing else ""
    name_column = find_name_column(listing.columns) if listing else None
    for row in store.recipients(session, campaign_id):
        if row.raw is None:
            yield _message_line(row)
        else:
            yield _rejected_line(row, row.raw.get(phone_column), row.raw.get(name_column or ""))


def _message_line(row: Row[Any]) -> list[Cell]:
    line: list[Cell] = list(row[:-1])
    if row.reason is None:
        line[_REASON] = OPEN_REASONS.get(row.state)
    if row.accepted_at is None and row.state in _TAKEN:
        line[COLUMNS.index("accepted_at")] = _earliest(row.sent_at, row.delivered_at, row.read_at)
    return line


def _rejected_line(row: Row[Any], phone: Any, name: Any) -> list[Cell]:
    line: list[Cell] = list(row[:-1])
    line[COLUMNS.index("phone")] = _uploaded(phone)
    line[COLUMNS.index("name")] = _uploaded(name)
    return line


def _uploaded(value: Any) -> str | None:
    return None if value is None else str(value)


def _earliest(*instants: str | None) -> str | None:
    # Of one length and one offset: texts stand in the order of their instants.
    return min((instant for instant in instants if instant is not None), default=None)

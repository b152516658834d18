"""What proves that a message was allowed: the consent event in force when it was claimed, and the seal over it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from campaign.audience.phone import BadPhone, checked_region, read_phone
from campaign.audience.reasons import SENTENCES
from campaign.contacts import proof_store as store
from campaign.errors import NotFound, UsageError
from campaign.lifecycle import find_campaign
from campaign.reports.csv_file import Cell, write_csv

COLUMNS = (
    *("row", "phone", "category", "state", "reason", "requests", "claimed_at", "wamid"),
    *("event", "action", "event_category", "source", "proof", "occurred_at", "recorded_by", "recorded_at"),
    *("seal", "seal_digest"),
)
"""`event` is the number of the consent event; all after it is empty where nothing was in force."""


def prove(
    session: Session, campaign_name: str, phone_text: str, *, now: datetime, region: str | None = None
) -> Mapping[str, Any]:
    """What allowed the message to one person, or what would now if it has not been claimed.

    raises  NotFound when there is no such campaign, or no message of it to the person; UsageError for a bad phone
    """
    campaign = find_campaign(session, campaign_name)
    phone = read_phone(phone_text, checked_region(region or campaign.region), any_type=True)
    if isinstance(phone, BadPhone):
        raise UsageError(f"phone {phone_text!r} {phone.text}; {SENTENCES[phone.reason]}")
    # To its end, so that the cursor is given back.
    if rows := list(store.proofs(session, campaign.id, phone.identity, now)):
        return dict(zip(COLUMNS, rows[0], strict=True))
    raise NotFound(f"campaign {campaign.name} has no message to this person; its report says what became of their row")


def write_proofs(session: Session, campaign_name: str, out: Path, *, now: datetime) -> int:
    """Write the same for every message of a campaign as CSV, in bounded memory; the number of lines.

    raises  NotFound; UsageError when the file cannot be written
    """
    campaign = find_campaign(session, campaign_name)
    return write_csv(out, COLUMNS, _lines(session, campaign.id, now)).lines


def _lines(session: Session, campaign_id: int, now: datetime) -> Iterator[Sequence[Cell]]:
    for row in store.proofs(session, campaign_id, None, now):
        yield list(row)

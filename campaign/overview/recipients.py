"""The recipients of a campaign, page by page, and one person's way through it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.audience.phone import Phone, read_phone
from campaign.errors import NotFound
from campaign.lifecycle import find_campaign
from campaign.overview import recipient_store, store
from campaign.overview.recipient_store import Page
from campaign.overview.tally import count_campaign
from models.campaign import Campaign
from models.message import Message
from models.states import MessageState

PAGE = 50
LONGEST_SEARCH = 100
LONGEST_SHOWN = 60
"""Characters of what stood in a phone's place."""

REFUSED = "refused"
"""The state of a row that became no message."""

_ROW = re.compile(r"\d{1,7}")
_PHONE = re.compile(r"\+?[\d\s().-]{7,}")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One row of a list. `id` is the message's, None for a refused row; `cursor` turns the page after it.

    user_id  the person's business-scoped id at the platform, where it named it: it stays when the phone is hidden
    """

    row: int
    phone: str | None
    name: str | None
    state: str
    reason: str | None
    error_code: int | None
    text: str | None
    attempts: int
    last_at: datetime | None
    cursor: int
    id: int | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look found.

    until  where looking stopped, to go on from as from a row's `cursor`; None: the page is full, or there is no more
    share  of the list that lies before, 0..1
    """

    rows: Sequence[Recipient]
    until: int | None = None
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a message: when, a word for it, and more about it."""

    at: datetime
    what: str
    detail: str | None = None
    attempt: int | None = None


def list_recipients(
    session: Session,
    name: str,
    *,
    now: datetime,
    state: str | None = None,
    search: str = "",
    after: int = 0,
    before: int | None = None,
    limit: int = PAGE,
) -> list[Recipient]:
    """Rows of a campaign in the order of its list, a whole page of them; see `look_for`.

    raises  NotFound
    """
    rows: list[Recipient] = []
    while True:
        left = limit - len(rows)
        found = look_for(session, name, now=now, state=state, search=search, after=after, before=before, limit=left)
        rows = [*rows, *found.rows] if before is None else [*found.rows, *rows]
        if found.until is None:
            return rows
        after, before = (found.until, None) if before is None else (0, found.until)


def look_for(
    session: Session,
    name: str,
    *,
    now: datetime,
    state: str | None = None,
    search: str = "",
    after: int = 0,
    before: int | None = None,
    limit: int = PAGE,
) -> Looked:
    """Rows of a campaign in the order of its list, as far as they are found in one short look.

    state   a state of a message, or `refused`; None: messages, and the refused row when its number is searched for
    search  a phone in any spelling, the number of a row, or a part of a name
    after   the `cursor` of the last row seen; `before` that of the first, to turn back
    raises  NotFound
    """
    campaign = find_campaign(session, name)
    page = Page(after, before, limit)
    wanted = search.strip()[:LONGEST_SEARCH]
    if state not in (None, REFUSED, *MessageState):
        return Looked(())
    if state != REFUSED and not store.is_counted(session, campaign.id):
        count_campaign(session, campaign.id, now=now)
    if _ROW.fullmatch(wanted):
        return Looked(_of_row(session, campaign.id, int(wanted), state, page))
    if state == REFUSED:
        found = recipient_store.refused_rows(session, campaign.id, page, search=wanted or None)
        return Looked([_refused(row) for row in found])
    only = MessageState(state) if state is not None else None
    if _PHONE.fullmatch(wanted):
        first, end = _identities(wanted, campaign)
        rows = recipient_store.by_phone(session, campaign.id, page, first=first, end=end, state=only)
        return Looked([_recipient(row) for row in rows])
    if not wanted:
        rows = recipient_store.of_campaign(session, campaign.id, page, state=only)
        return Looked([_recipient(row) for row in rows])
    stretch = recipient_store.named(session, campaign.id, page, wanted, state=only)
    return Looked([_recipient(row) for row in stretch.rows], stretch.until, stretch.share)


def timeline(session: Session, name: str, message_id: int) -> list[Event]:
    """What happened to one message, oldest first: superseded attempts and answers included.

    raises  NotFound
    """
    campaign = find_campaign(session, name)
    message = session.scalar(select(Message).where(Message.id == message_id, Message.campaign_id == campaign.id))
    if message is None:
        raise NotFound(f"campaign {name} has no message {message_id}")
    steps = [Event(message.queued_at, "queued", f"row {message.row_number}")]
    for attempt in recipient_store.attempts(session, message_id):
        steps += _steps(attempt, attempt.number)
        said = " ".join(str(word) for word in (attempt.error_code, attempt.error_text) if word)
        steps.append(Event(attempt.ended_at, f"attempt ended: {attempt.ended_as}", said or None, attempt.number))
    steps += _steps(message, message.attempt)
    for answer in recipient_store.answers(session, message_id):
        steps.append(Event(answer.received_at, "opted out" if answer.opts_out else "answered", answer.text))
    if message.state == MessageState.QUEUED and message.due_at:
        steps.append(Event(message.due_at, "next try", message.reason))
    return sorted(steps, key=lambda step: step.at)


def _steps(row: Any, attempt: int) -> Iterator[Event]:
    for column, what in _MILESTONES:
        at = getattr(row, column, None)
        if at is not None:
            detail = getattr(row, "error_text", None) if what == "failed" else None
            yield Event(at, what, detail, attempt)


_MILESTONES: Sequence[tuple[str, str]] = (
    ("claimed_at", "sending"), ("uncertain_at", "uncertain"), ("accepted_at", "accepted"), ("held_at", "held"),
    ("sent_at", "sent"), ("delivered_at", "delivered"), ("read_at", "read"), ("failed_at", "failed"),
    ("expired_at", "expired"),
)  # fmt: skip


def _of_row(session: Session, campaign_id: int, row: int, state: str | None, page: Page) -> list[Recipient]:
    """One row of the list by its number, whatever became of it; nothing on the pages beside it."""
    if page.after or page.before is not None:
        return []
    if state != REFUSED:
        message = recipient_store.of_row(session, campaign_id, row)
        if message is not None:
            return [_recipient(message)] if state in (None, message.state) else []
    if state in (None, REFUSED):
        return [_refused(found) for found in recipient_store.refused_rows(session, campaign_id, page, row=row)]
    return []


def _identities(search: str, campaign: Campaign) -> tuple[str, str]:
    """The phone identities that are meant: the first, and the end."""
    phone = read_phone(search, campaign.region)
    if isinstance(phone, Phone):
        return phone.identity, phone.identity + "0"
    digits = "".join(character for character in search if character in "0123456789")
    return digits, digits + "99999999999999999999"


def _recipient(row: Any) -> Recipient:
    times = (row.read_at, row.delivered_at, row.expired_at, row.failed_at, row.sent_at, row.held_at, row.accepted_at)
    return Recipient(
        row=row.row_number, phone=row.phone_e164, name=row.name, state=row.state, reason=row.reason,
        error_code=row.error_code, text=row.error_text, attempts=row.attempt,
        last_at=next((at for at in times if at is not None), row.queued_at), cursor=row.id, id=row.id,
        user_id=row.user_id,
    )  # fmt: skip


def _refused(row: Any) -> Recipient:
    phone = row.raw.get(row.phone_column) if isinstance(row.raw, dict) else None
    return Recipient(
        row=row.row_number, phone=phone and str(phone)[:LONGEST_SHOWN], name=None, state=REFUSED, reason=row.reason,
        error_code=None, text=row.text, attempts=0, last_at=None, cursor=row.row_number,
    )  # fmt: skip

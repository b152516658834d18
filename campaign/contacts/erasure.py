"""One person erased: out of every table, in one transaction, so that reports still add up and the ledger still proves.

What stays of a person is what happened, not to whom: a message keeps its state and times under a pseudonym, a consent
event keeps what was said and when. The pseudonym leads to nothing but the erasure itself, which knows a keyed hash.
Everything else is told in docs/consent.md.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaign.audience.phone import BadPhone, Phone, checked_region, read_phone
from campaign.audience.reasons import SENTENCES
from campaign.consent import seal_store
from campaign.consent.erased import SubjectKey
from campaign.contacts import erasure_store as store
from campaign.contacts.redact import redact
from campaign.errors import UsageError

_SHORTEST_TAIL = 8
"""Last digits by which a phone is found, whatever trunk prefix or country stands before them."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who is to be erased, on whose word and why."""

    phone: str
    reason: str
    erased_by: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did.

    removed       table to rows that were erased or emptied
    lists         uploads in which the person stood, which the engine does not rewrite: campaign, file, SHA-256
    on_their_way  messages whose reports are still to come and will name the person again
    """

    erasure_id: int
    removed: Mapping[str, int]
    lists: Sequence[Mapping[str, str]]
    on_their_way: int


def erase_person(session: Session, request: Request, key: SubjectKey, now: datetime) -> Erased:
    """Erase one person; the caller commits, or nothing of it has happened. Safe to run twice.

    locks   other erasures, and the rows of the person, until the caller commits
    raises  UsageError when the phone cannot be read
    """
    phone = read_phone(request.phone, checked_region(request.region), any_type=True)
    if isinstance(phone, BadPhone):
        raise UsageError(f"phone {request.phone!r} {phone.text}; {SENTENCES[phone.reason]}")
    erasure_id, subject = store.begin_erasure(session), key.subject(phone.identity)
    pseudonyms = [_pseudonym(each) for each in store.earlier_erasures(session, subject)]
    known = [phone.identity, *pseudonyms]
    ids = store.ids_of(session, known)
    written = spellings(phone, ids.wa_ids)
    values = {
        "identity": phone.identity,
        "known": known,
        "pseudonym": _pseudonym(erasure_id),
        "erasure_id": erasure_id,
        "message_ids": ids.message_ids,
        "digits": "|".join(map(re.escape, written)),
    }
    rejected = _rejected_of(session, written)
    lists = store.lists_with(session, ids.message_ids, [import_id for import_id, _ in rejected])
    removed = {table: store.erase_from(session, table, values) for table in store.STATEMENTS}
    if rejected:
        store.empty_rejected(session, rejected)
    removed["rejected_row"] = len(rejected)
    removed["webhook_event"] = _redact_webhooks(session, [*written, *ids.wamids, *ids.user_ids])
    removed = {table: rows for table, rows in removed.items() if rows}
    _write_down(session, request, key, {"id": erasure_id, "subject": subject, "removed": removed, "at": now})
    return Erased(erasure_id, removed, [dict(each._mapping) for each in lists], ids.on_their_way)


def spellings(phone: Phone, wa_ids: Iterable[str] = ()) -> list[str]:
    """Every way in which a phone may stand in digits, longest first. Source: platform.md F."""
    found = {phone.e164.removeprefix("+"), phone.identity, *(each.removeprefix("+") for each in wa_ids)}
    for digits in tuple(found):
        for code, old in _OTHER_SPELLINGS:
            if digits.startswith(code):
                found.add(old(digits))
    return sorted((each for each in found if each.isdecimal()), key=lambda each: (-len(each), each))


_OTHER_SPELLINGS: Sequence[tuple[str, Callable[[str], str]]] = (
    ("52", lambda digits: f"521{digits[2:]}" if len(digits) == 12 else digits),
    ("54", lambda digits: f"549{digits[2:]}" if len(digits) == 12 else digits),
    ("55", lambda digits: digits[:4] + digits[5:] if len(digits) == 13 and digits[4] == "9" else digits),
)


def _pseudonym(erasure_id: int) -> str:
    return f"erased:{erasure_id}"


def _rejected_of(session: Session, written: Sequence[str]) -> list[tuple[int, int]]:
    """Rejected rows that name the person: one of whose cells is the phone, with or without its country."""
    tails = {digits[-_SHORTEST_TAIL:] for digits in written}
    rows = {
        (row.import_id, row.row_number): row for tail in sorted(tails) for row in store.rejected_like(session, tail)
    }
    return [
        key for key, row in rows.items() if any(_is_theirs(cell, written) for cell in (*row.raw.values(), row.text))
    ]


def _is_theirs(cell: object, written: Sequence[str]) -> bool:
    """Whether a cell is the phone, however it is written. In doubt it is: it costs a refused row its raw values."""
    # int() reads the digits of every script.
    digits = "".join(str(int(each)) for each in str(cell) if each.isdecimal())
    return any(spelling in digits or digits.endswith(spelling[-_SHORTEST_TAIL:]) for spelling in written)


def _redact_webhooks(session: Session, marks: Sequence[str]) -> int:
    ids = store.webhooks_with(session, marks)
    for at in range(0, len(ids), store.BODIES_AT_ONCE):
        found = store.bodies(session, ids[at : at + store.BODIES_AT_ONCE])
        store.replace_bodies(session, {event_id: redact(body, marks) for event_id, body in found.items()})
    return len(ids)


def _write_down(session: Session, request: Request, key: SubjectKey, values: Mapping[str, Any]) -> None:
    last = seal_store.last_erasure(session)
    store.add_erasure(
        session,
        {
            "id": values["id"],
            "subject": values["subject"],
            "key_id": key.id,
            "reason": request.reason,
            "erased_by": request.erased_by,
            "erased_at": values["at"],
            "removed": json.dumps(values["removed"]),
            "manifest": seal_store.manifest_of_erased(session, values["id"]),
            "previous": last.digest if last else None,
        },
    )

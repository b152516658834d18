"""One person erased: out of every table, in one transaction, so that reports still add up and the ledger still proves;
and then out of the files that the engine keeps.

What stays of a person is what happened, not to whom: a message keeps its state and times under a pseudonym, a consent
event keeps what was said and when. The pseudonym leads to nothing but the erasure itself, which knows a keyed hash.
Everything else is told in docs/consent.md.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaign.audience.phone import BadPhone, Phone, checked_region, read_phone
from campaign.audience.reasons import SENTENCES
from campaign.consent import seal_store
from campaign.consent.erased import SubjectKey
from campaign.consent.seal_store import begin_long_reading
from campaign.contacts import erasure_store as store
from campaign.contacts.kept_files import FileErased, erase_from_files, still_elsewhere
from campaign.contacts.redact import redact
from campaign.contacts.traces import Traces, spellings
from campaign.errors import UsageError
from campaign.settings import Settings
from models.session import Sessions, session_scope

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
    files         what became of files in which the person stood
    lists         uploads in which the person stood and whose file was not reached: campaign, file, SHA-256
    on_their_way  messages whose reports are still to come and will name the person again
    """

    erasure_id: int
    removed: Mapping[str, int]
    lists: Sequence[Mapping[str, str]]
    on_their_way: int
    files: Sequence[FileErased] = ()


def erase(sessions: Sessions, settings: Settings, request: Request, key: SubjectKey, now: datetime) -> Erased:
    """Erase one person from the database, and then from the files. Safe to run twice.

    raises  UsageError when the phone cannot be read, before anything is done
    """
    with session_scope(sessions) as session:
        done = erase_person(session, request, key, now)
    return with_files(sessions, settings, request, done, now)


def with_files(sessions: Sessions, settings: Settings, request: Request, done: Erased, now: datetime) -> Erased:
    """Go on with an erasure that is committed: the files under the home."""
    with session_scope(sessions) as session:
        begin_long_reading(session)
        files = erase_from_files(session, settings, phone_of(request), now)
        return replace(done, files=files, lists=still_elsewhere(session, settings, done.lists))


def phone_of(request: Request) -> Phone:
    """The phone that a request names.

    raises  UsageError when it cannot be read
    """
    phone = read_phone(request.phone, checked_region(request.region), any_type=True)
    if isinstance(phone, BadPhone):
        raise UsageError(f"phone {request.phone!r} {phone.text}; {SENTENCES[phone.reason]}")
    return phone


def erase_person(session: Session, request: Request, key: SubjectKey, now: datetime) -> Erased:
    """Erase one person; the caller commits, or nothing of it has happened. Safe to run twice.

    locks   other erasures, and the rows of the person, until the caller commits
    raises  UsageError when the phone cannot be read
    """
    phone = phone_of(request)
    erasure_id, subject = store.begin_erasure(session), key.subject(phone.identity)
    pseudonyms = [_pseudonym(each) for each in store.earlier_erasures(session, subject)]
    known = [phone.identity, *pseudonyms]
    ids = store.ids_of(session, known)
    written = spellings(phone, ids.wa_ids)
    traces = Traces.of(written, [*ids.user_ids, *(each for each in ids.wa_ids if each not in written)])
    values = {
        "identity": phone.identity,
        "known": [*known, *ids.user_ids],
        "user_ids": ids.user_ids,
        "pseudonym": _pseudonym(erasure_id),
        "erasure_id": erasure_id,
        "message_ids": ids.message_ids,
        "pattern": traces.pattern,
    }
    rejected = _rejected_of(session, written)
    lists = store.lists_with(session, ids.message_ids, [import_id for import_id, _ in rejected])
    removed = {table: store.erase_from(session, table, values) for table in store.STATEMENTS}
    if rejected:
        store.empty_rejected(session, rejected)
    removed["rejected_row"] = len(rejected)
    removed |= _clean_texts(session, traces)
    removed["webhook_event"] = _redact_webhooks(session, [*written, *ids.wamids, *ids.user_ids])
    removed = {table: rows for table, rows in removed.items() if rows}
    _write_down(session, request, key, {"id": erasure_id, "subject": subject, "removed": removed, "at": now})
    return Erased(erasure_id, removed, [dict(each._mapping) for each in lists], ids.on_their_way)


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


def _clean_texts(session: Session, traces: Traces) -> dict[str, int]:
    """What doors and people may have kept word for word; table to values that were changed."""
    changed: Counter[str] = Counter()
    for table, column in store.FREE_TEXT:
        for row in store.texts_like(session, table, column, traces.pattern):
            cleaned = traces.clean_json(row.value)
            if cleaned != row.value:
                store.replace_text(session, table, column, row.place, cleaned)
                changed[table] += 1
    return dict(changed)


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

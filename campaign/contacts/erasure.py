"""One person erased: out of every table, in one transaction, so that reports still add up and the ledger still proves;
and then out of the files that the engine keeps.

What stays of a person is what happened, not to whom: a message keeps its state and times under a pseudonym, a consent
event keeps what was said and when. The pseudonym leads to nothing but the erasure itself, which knows a keyed hash.
Everything else is told in docs/consent.md.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from campaign.audience.phone import BadPhone, Phone, checked_region, identity_of, read_phone
from campaign.audience.reasons import SENTENCES
from campaign.consent import seal_store
from campaign.consent.erased import SubjectKey
from campaign.consent.seal_store import begin_long_reading
from campaign.contacts import erasure_store as store
from campaign.contacts.changed_numbers import Number, OtherNumbers, other_numbers
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
    numbers       other numbers of the person, under which they were erased too
    perhaps       numbers that may be theirs as well and were left alone
    """

    erasure_id: int
    removed: Mapping[str, int]
    lists: Sequence[Mapping[str, str]]
    on_their_way: int
    files: Sequence[FileErased] = ()
    numbers: Sequence[Number] = ()
    perhaps: Sequence[str] = ()


def erase(sessions: Sessions, settings: Settings, request: Request, key: SubjectKey, now: datetime) -> Erased:
    """Erase one person from the database, and then from the files. Safe to run twice.

    raises  UsageError when the phone cannot be read, before anything is done
    """
    with session_scope(sessions) as session:
        done = erase_person(session, request, key, now)
    return with_files(sessions, settings, request, done, now)


def with_files(sessions: Sessions, settings: Settings, request: Request, done: Erased, now: datetime) -> Erased:
    """Go on with an erasure that is committed: the files under the home."""
    phones = [phone_of(request), *(read_back(each.phone) for each in done.numbers if each.until is None)]
    with session_scope(sessions) as session:
        begin_long_reading(session)
        files = erase_from_files(session, settings, phones, now)
        return replace(done, files=files, lists=still_elsewhere(session, settings, done.lists))


def phone_of(request: Request) -> Phone:
    """The phone that a request names.

    raises  UsageError when it cannot be read
    """
    phone = read_phone(request.phone, checked_region(request.region), any_type=True)
    if isinstance(phone, BadPhone):
        raise UsageError(f"phone {request.phone!r} {phone.text}; {SENTENCES[phone.reason]}")
    return phone


def read_back(e164: str) -> Phone:
    """A phone that is on record; what the platform calls a number and nobody else does is taken as it stands."""
    phone = read_phone(e164, None, any_type=True)
    digits = e164.removeprefix("+")
    return phone if isinstance(phone, Phone) else Phone(e164, identity_of(digits), None)


def erase_person(session: Session, request: Request, key: SubjectKey, now: datetime) -> Erased:
    """Erase one person under all of their numbers; the caller commits, or nothing has happened. Safe to run twice.

    locks   other erasures, and the rows of the person, until the caller commits
    raises  UsageError when the phone cannot be read
    """
    phone = phone_of(request)
    store.begin_erasure(session)
    others = other_numbers(session, phone)
    parts = _parts(session, phone, others, key)
    # A number that somebody else has now is looked for in what is surely this person's, and nowhere else.
    whole = [part for part in parts if part.until is None]
    written = _written(whole)
    user_ids = _own_user_ids(session, parts)
    wa_ids = {wa_id for part in whole for wa_id in part.wa_ids}
    traces = Traces.of(written, [*user_ids, *(each for each in sorted(wa_ids) if each not in written)])
    # Of their own events, whatever names any of their numbers.
    pattern = Traces.of(_written(parts), traces.ids).pattern
    rejected = _rejected_of(session, written)
    message_ids = [id_ for part in parts for id_ in part.ids.message_ids]
    lists = store.lists_with(session, message_ids, [import_id for import_id, _ in rejected])
    for part in parts:
        part.removed.update(_erase_part(session, part, user_ids, written, pattern))
    main = parts[0].removed
    if rejected:
        store.empty_rejected(session, rejected)
    main["rejected_row"] = len(rejected)
    main.update(_clean_texts(session, traces))
    main["consent_event"] += _clean_others_events(session, traces, [part.erasure_id for part in parts])
    main["webhook_event"] = _redact_webhooks(session, parts, [*written, *user_ids])
    for part in parts:
        subject = key.subject(phone.identity if part.until else part.phone.identity)
        _write_down(session, request, key, {"part": part, "subject": subject, "at": now})
    removed = sum((part.removed for part in parts), Counter[str]())
    on_their_way = sum(part.ids.on_their_way for part in parts)
    told = [traces.clean_json(dict(each._mapping)) for each in lists]
    return Erased(parts[0].erasure_id, dict(removed), told, on_their_way, numbers=others.known, perhaps=others.perhaps)


@dataclass(frozen=True, slots=True)
class _Part:
    """One number of a person, and what is erased under it. `until` as in campaign.contacts.changed_numbers.Number."""

    phone: Phone
    until: datetime | None
    erasure_id: int
    known: Sequence[str]
    ids: Row[Any]
    wa_ids: Sequence[str]
    removed: Counter[str] = field(default_factory=Counter)


def _parts(session: Session, phone: Phone, others: OtherNumbers, key: SubjectKey) -> list[_Part]:
    """The numbers of a person, the one that was named first; what earlier erasures left stands under one of them."""
    parts: list[_Part] = []
    earlier: set[str] = set()
    for each, until in [(phone, None), *((read_back(other.phone), other.until) for other in others.known)]:
        found = store.earlier_erasures(session, key.subject(each.identity)) if until is None else []
        known = [each.identity, *(pseudonym for pseudonym in map(_pseudonym, found) if pseudonym not in earlier)]
        earlier.update(known)
        ids = store.ids_of(session, known, until)
        wa_ids = [*ids.wa_ids, *_late_wa_ids(session, ids.late_wa_ids, each)]
        parts.append(_Part(each, until, store.next_erasure(session), known, ids, wa_ids))
    return parts


def _late_wa_ids(session: Session, wa_ids: Sequence[str], phone: Phone) -> list[str]:
    """What reports named after an erasure, but for numbers of the person that somebody else has by now."""
    numbers = {wa_id: identity_of(wa_id) for wa_id in wa_ids}
    held = store.held_by_somebody(session, sorted(set(numbers.values()) - {phone.identity}))
    return [wa_id for wa_id, number in numbers.items() if number not in held]


def _written(parts: Sequence[_Part]) -> list[str]:
    """Every way in which numbers may stand with their country codes, longest first."""
    found = {spelled for part in parts for spelled in spellings(part.phone, part.wa_ids)}
    return sorted(found, key=lambda each: (-len(each), each))


def _own_user_ids(session: Session, parts: Sequence[_Part]) -> list[str]:
    """The platform's user ids of a person, but those that other numbers have too; and no digits, which are numbers."""
    found = {id_ for part in parts for id_ in part.ids.user_ids if not id_.isdecimal()}
    known = [number for part in parts for number in part.known]
    return sorted(found - store.others_with(session, sorted(found), known))


def _erase_part(
    session: Session, part: _Part, user_ids: Sequence[str], written: Sequence[str], pattern: str
) -> Mapping[str, int]:
    values = {
        "identity": part.phone.identity,
        "known": [*part.known, *user_ids],
        "user_ids": user_ids,
        "digits": written,
        "until": part.until,
        "pseudonym": _pseudonym(part.erasure_id),
        "erasure_id": part.erasure_id,
        "message_ids": part.ids.message_ids,
        "pattern": pattern,
    }
    removed = {table: store.erase_from(session, table, values) for table in store.STATEMENTS}
    return {table: rows for table, rows in removed.items() if rows}


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


def _clean_others_events(session: Session, traces: Traces, erasures: Sequence[int]) -> int:
    """Take the person out of what other people's events say; they bear the mark of the erasure then."""
    cleaned = []
    for row in store.events_like(session, traces.pattern, erasures):
        texts = (row.source, row.proof, row.recorded_by)
        without = tuple(each and traces.clean(each) for each in texts)
        if without != texts:
            cleaned.append((row.id, *without))
    if cleaned:
        store.replace_event_texts(session, erasures[0], cleaned)
    return len(cleaned)


def _redact_webhooks(session: Session, parts: Sequence[_Part], marks: Sequence[str]) -> int:
    """Take out marks of the person wherever they stand, and a number that was left where it was still theirs."""
    wamids = [wamid for part in parts for wamid in part.ids.wamids]
    redacted = _redact(session, [*marks, *wamids], None)
    for part in parts:
        if part.until is not None:
            redacted |= _redact(session, spellings(part.phone, part.wa_ids), part.until)
    return len(redacted)


def _redact(session: Session, marks: Sequence[str], until: datetime | None) -> set[int]:
    ids = store.webhooks_with(session, marks, until)
    for at in range(0, len(ids), store.BODIES_AT_ONCE):
        found = store.bodies(session, ids[at : at + store.BODIES_AT_ONCE])
        store.replace_bodies(session, {event_id: redact(body, marks) for event_id, body in found.items()})
    return set(ids)


def _write_down(session: Session, request: Request, key: SubjectKey, values: Mapping[str, Any]) -> None:
    last, part = seal_store.last_erasure(session), values["part"]
    store.add_erasure(
        session,
        {
            "id": part.erasure_id,
            "subject": values["subject"],
            "key_id": key.id,
            "reason": request.reason,
            "erased_by": request.erased_by,
            "erased_at": values["at"],
            "removed": json.dumps(+part.removed),
            "manifest": seal_store.manifest_of_erased(session, part.erasure_id),
            "previous": last.digest if last else None,
        },
    )

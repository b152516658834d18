"""The consent ledger: lists, grants and withdrawals in, one person's record out. Events are only ever added.

A list that names no time says that people agreed, not when. So an opt-in without a time never undoes a withdrawal,
and importing the same list twice changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from campaign.audience.people_list import open_people
from campaign.audience.phone import BadPhone, Phone, checked_region, read_phone
from campaign.audience.read_ahead import read_ahead
from campaign.audience.reasons import SENTENCES, RejectReason
from campaign.audience.source import RawRow
from campaign.consent import store
from campaign.consent.erased import ErasedPeople
from campaign.consent.expiry import lifetimes
from campaign.consent.gate import Allowed, Withheld, may_write
from campaign.consent.listed import PHONE, Defaults, ListReader, NotRecorded, parse_columns
from campaign.errors import UsageError
from models.people import Category, ConsentAction, ConsentEvent, Suppression

REJECTED_KEPT = 1_000
"""Rejected rows of one import that are handed back; the counts cover all of them."""

_UNDATED = "has withdrawn, and an opt-in without a time does not undo that: give occurred_at, or record a new grant"
_CHUNK_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class RejectedConsent:
    """A row or phone that was not recorded; `row_number` is 1 for the first, `file_row` counts the header too."""

    row_number: int
    reason: RejectReason
    text: str
    raw: Mapping[str, str]
    file_row: int = 0


KeepRefused = Callable[[Sequence[str], Sequence[RejectedConsent]], object]
"""Takes the columns of a list and the next of its rows that were refused, perhaps none."""


def keep_none(columns: Sequence[str], rows: Sequence[RejectedConsent]) -> None:
    """Whoever wants no more than the counts and the first rows."""


@dataclass(slots=True)
class ConsentImport:
    """What became of a list or of phones: `rows` = `recorded` + `known` + all in `rejected_by_reason`.

    unread  columns of the list that said nothing to the ledger
    """

    rows: int = 0
    recorded: int = 0
    rejected_by_reason: Counter[RejectReason] = field(default_factory=Counter)
    rejected: list[RejectedConsent] = field(default_factory=list)
    unread: Sequence[str] = ()

    @property
    def known(self) -> int:
        """Rows that said nothing new."""
        return self.rows - self.recorded - self.rejected_by_reason.total()

    def reject(self, row: RejectedConsent) -> None:
        """Count a row, and keep it while there is room."""
        self.rejected_by_reason[row.reason] += 1
        if len(self.rejected) < REJECTED_KEPT:
            self.rejected.append(row)


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What the ledger holds of one person, newest first, and where they stand now in each category.

    erased_at  when they were erased, for who was and has said nothing since
    """

    phone: Phone
    events: Sequence[ConsentEvent]
    suppressions: Sequence[Suppression]
    decisions: Mapping[Category, Allowed | Withheld]
    erased_at: datetime | None = None


def import_consent(
    session: Session,
    path: Path,
    *,
    category: str | None,
    source_text: str | None,
    now: datetime,
    region: str | None = None,
    recorded_by: str = "operator",
    columns: Sequence[str] = (),
    keep_refused: KeepRefused = keep_none,
) -> ConsentImport:
    """Record a list of consent; its columns are told in `listed.py`.

    category, source_text  stand in where the list has no such column or an empty cell
    columns                what columns mean, where their names do not say it: `phone=Teléfono`
    keep_refused           takes all rows that are not recorded, in their order
    returns                the counts and the rows refused; a bad row is never the end
    raises                 NotFound, BadList or UsageError
    """
    mapping = parse_columns(columns)
    source = open_people(path, phone_column=mapping.get(PHONE), has_map=True)
    known_category = _category(category) if category else None
    defaults = Defaults(known_category, ConsentAction.OPT_IN, source_text, checked_region(region), now)
    reader = ListReader(source, defaults, mapping)
    result = ConsentImport(unread=reader.unread)
    erased = ErasedPeople.on_record(session)
    store.begin_ledger_import(session)
    chunks = ((chunk, _read(reader, erased, chunk)) for chunk in source.chunks(_CHUNK_ROWS))
    with read_ahead(chunks) as ready:
        for chunk, (events, refused) in ready:
            store.stage_events(session, events)
            # Asked before the chunk is recorded: what it says itself must not count against it.
            stale = frozenset(store.undated_against_withdrawal(session, now))
            result.rows += len(chunk)
            result.recorded += store.record_listed(session, refused=sorted(stale), recorded_by=recorded_by, now=now)
            refused += [
                _rejected(row, RejectReason.CONSENT_WITHDRAWN, _UNDATED) for row in chunk if row.number in stale
            ]
            refused.sort(key=lambda row: row.row_number)
            keep_refused(source.columns, refused)
            for row in refused:
                result.reject(row)
    return result


def grant(
    session: Session,
    phones: Iterable[str],
    *,
    category: str,
    source_text: str,
    now: datetime,
    region: str | None = None,
    recorded_by: str = "operator",
    proof: str | None = None,
) -> ConsentImport:
    """Record that people agreed, now; phones that cannot be read are handed back.

    raises  UsageError for an unknown category or region
    """
    said = _Said(_category(category), ConsentAction.OPT_IN, source_text, proof, now, recorded_by)
    return _record(session, phones, said, checked_region(region))


def withdraw(
    session: Session,
    phones: Iterable[str],
    *,
    source_text: str,
    now: datetime,
    category: str = Category.ALL,
    region: str | None = None,
    recorded_by: str = "operator",
    proof: str | None = None,
) -> ConsentImport:
    """Record that people withdrew, now: it counts for every message that is not yet claimed.

    raises  UsageError for an unknown category or region
    """
    said = _Said(_category(category), ConsentAction.OPT_OUT, source_text, proof, now, recorded_by)
    return _record(session, phones, said, checked_region(region))


def phones_in(path: Path, *, phone_column: str | None = None) -> Iterator[str]:
    """The phones of a list, such as one to withdraw, as they stand there.

    raises  NotFound or BadList
    """
    source = open_people(path, phone_column=phone_column)
    for chunk in source.chunks(_CHUNK_ROWS):
        yield from (row.values.get(source.phone_column, "") for row in chunk)


def show(session: Session, phone_text: str, *, now: datetime, region: str | None = None) -> PersonRecord:
    """One person's history and where they stand.

    raises  UsageError when the phone cannot be read
    """
    phone = read_phone(phone_text, checked_region(region), any_type=True)
    if isinstance(phone, BadPhone):
        raise UsageError(f"phone {phone_text!r} {phone.text}; {SENTENCES[phone.reason]}")
    events = store.events_of(session, phone.identity)
    bans = store.suppressions_of(session, phone.identity)
    categories: list[Category] = [category for category in Category if category is not Category.ALL]
    lives = lifetimes(session)
    decisions = {category: may_write(category, events, bans, now, lives.get(category)) for category in categories}
    erased_at = None if events else ErasedPeople.on_record(session).erased_at(phone.identity)
    return PersonRecord(phone, events, bans, decisions, erased_at)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a number of people said alike."""

    category: Category
    action: ConsentAction
    source: str
    proof: str | None
    occurred_at: datetime
    recorded_by: str

    def by(self, phone: Phone) -> ConsentEvent:
        return ConsentEvent(
            phone_identity=phone.identity,
            phone_e164=phone.e164,
            category=self.category.value,
            action=self.action.value,
            source=self.source,
            proof=self.proof,
            occurred_at=self.occurred_at,
            recorded_by=self.recorded_by,
        )


def _record(session: Session, phones: Iterable[str], said: _Said, region: str | None) -> ConsentImport:
    result = ConsentImport()
    events: dict[str, ConsentEvent] = {}
    for number, text in enumerate(phones, start=1):
        result.rows += 1
        phone = read_phone(text, region, any_type=True)
        if isinstance(phone, BadPhone):
            result.reject(RejectedConsent(number, phone.reason, phone.text, {"phone": text}))
        else:
            # One event per person, however often they are named.
            events.setdefault(phone.identity, said.by(phone))
    store.add_events(session, list(events.values()))
    result.recorded = len(events)
    return result


def _read(
    reader: ListReader, erased: ErasedPeople, chunk: Sequence[RawRow]
) -> tuple[list[store.ListedEvent], list[RejectedConsent]]:
    events, refused = [], []
    for row in chunk:
        try:
            events.append(_unless_erased(reader.read(row), erased))
        except NotRecorded as why:
            refused.append(_rejected(row, why.reason, why.text))
    return events, refused


def _unless_erased(event: store.ListedEvent, erased: ErasedPeople) -> store.ListedEvent:
    """An event, unless it would bring back what was said before its person was erased."""
    erased_at = erased.erased_at(event.phone_identity)
    if erased_at is not None and (event.occurred_at is None or event.occurred_at <= erased_at):
        raise NotRecorded(RejectReason.ERASED, f"was erased on {erased_at:%Y-%m-%d}, and this is not newer")
    return event


def _rejected(row: RawRow, reason: RejectReason, text: str) -> RejectedConsent:
    return RejectedConsent(row.number, reason, text, row.values, row.file_row)


def _category(text: str) -> Category:
    if text not in set(Category):
        raise UsageError(f"category {text!r} is unknown; use {', '.join(Category)}")
    return Category(text)

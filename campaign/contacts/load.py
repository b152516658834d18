"""A list of people to contacts: all of it in one transaction, so that after an error nothing of it is there.

What a list says goes over what is known, value by value; an empty cell says nothing. Columns other than phone, name
and time zone are attributes, under the names that they have in the list or are mapped to.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from campaign.audience.columns import find_column
from campaign.audience.people_list import open_people
from campaign.audience.phone import BadPhone, checked_region, read_phone
from campaign.audience.reasons import RejectReason
from campaign.audience.source import ListSource, RawRow
from campaign.consent.erased import ErasedPeople
from campaign.consent.ledger import REJECTED_KEPT, KeepRefused, RejectedConsent, keep_none
from campaign.contacts import store
from campaign.contacts.store import ListedContact
from campaign.errors import UsageError
from campaign.names import listed

_CHUNK_ROWS = 20_000
_SAVED_FROM_FORMULAS = re.compile(r"'(?='*[=+\-@\t\r\n＝＋－＠])")
"""The apostrophe by which our export keeps a spreadsheet from calculating a cell."""

PHONE, NAME, TIME_ZONE = "phone", "name", "time_zone"
EXPORTED = frozenset({"last_inbound_at", "created_at", "updated_at", "region"})
"""Columns by which an export of ours is known, of an earlier version too."""

IGNORED = EXPORTED | {"wa_id", "user_id"}
"""Columns of an export of ours, left alone there: the engine knows these things itself."""


@dataclass(slots=True)
class ContactImport:
    """What became of a list: `added` and `changed` are people, `rows` and the rejected are rows."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    rejected_by_reason: Counter[RejectReason] = field(default_factory=Counter)
    rejected: list[RejectedConsent] = field(default_factory=list)

    def reject(self, row: RejectedConsent) -> None:
        """Count a row, and keep it while there is room."""
        self.rejected_by_reason[row.reason] += 1
        if len(self.rejected) < REJECTED_KEPT:
            self.rejected.append(row)


def import_contacts(
    session: Session,
    path: Path,
    *,
    now: datetime,
    region: str | None = None,
    columns: Sequence[str] = (),
    keep_refused: KeepRefused = keep_none,
) -> ContactImport:
    """Take in a list of people.

    columns       what columns mean, where their names do not say it: `phone=Teléfono`, `city=Ciudad`
    keep_refused  takes all rows that are not taken in, in their order
    returns       the counts and the rows refused; a bad row is never the end
    raises        NotFound, BadList or UsageError
    """
    mapping = _parsed(columns)
    source = open_people(path, phone_column=mapping.get(PHONE), has_map=True)
    reader = _ContactReader.of(source, mapping, checked_region(region), ErasedPeople.on_record(session))
    result = ContactImport()
    store.begin_contact_import(session)
    for chunk in source.chunks(_CHUNK_ROWS):
        read = [reader.read(row) for row in chunk]
        result.rows += len(chunk)
        refused = [each for each in read if isinstance(each, RejectedConsent)]
        keep_refused(source.columns, refused)
        for rejected in refused:
            result.reject(rejected)
        store.stage_contacts(session, (each for each in read if isinstance(each, ListedContact)))
    result.added, result.changed = store.merge_listed(session, now)
    return result


def _parsed(items: Sequence[str]) -> dict[str, str]:
    mapping = {}
    for item in items:
        name, _, column = (part.strip() for part in item.partition("="))
        if not name or not column:
            raise UsageError(f"--map {item} is none; write NAME=COLUMN, such as phone=Teléfono or city=Ciudad")
        mapping[name] = column
    return mapping


@dataclass(frozen=True, slots=True)
class _ContactReader:
    """Reads the rows of one list; `attributes` is attribute to column, `exported` that it is an export of ours."""

    phone_column: str
    name_column: str | None
    zone_column: str | None
    attributes: Mapping[str, str]
    region: str | None
    erased: ErasedPeople
    zones: frozenset[str]
    exported: bool

    @classmethod
    def of(
        cls, source: ListSource, mapping: Mapping[str, str], region: str | None, erased: ErasedPeople
    ) -> "_ContactReader":
        found = {name: find_column(source.columns, column) for name, column in mapping.items()}
        if missing := [mapping[name] for name, column in found.items() if column is None]:
            raise UsageError(f"--map: the list has no column {missing[0]} (found {listed(source.columns)})")
        name_column = found.pop(NAME, None) or source.name_column
        zone_column = found.pop(TIME_ZONE, None) or find_column(source.columns, TIME_ZONE, "timezone")
        found.pop(PHONE, None)
        own: set[str | None] = {source.phone_column, name_column, zone_column, *found.values()}
        exported = set(source.columns) >= EXPORTED
        own |= IGNORED if exported else set()
        others = {column: column for column in source.columns if column not in own}
        attributes = others | {name: column for name, column in found.items() if column}
        zones = frozenset(available_timezones())
        return cls(source.phone_column, name_column, zone_column, attributes, region, erased, zones, exported)

    def read(self, row: RawRow) -> ListedContact | RejectedConsent:
        if row.problem is not None:
            return RejectedConsent(row.number, row.problem, row.problem_text, row.values, row.file_row)
        phone = read_phone(row.values[self.phone_column], self.region, any_type=True)
        if isinstance(phone, BadPhone):
            return RejectedConsent(row.number, phone.reason, phone.text, row.values, row.file_row)
        if erased_at := self.erased.erased_at(phone.identity):
            words = f"was erased on {erased_at:%Y-%m-%d}"
            return RejectedConsent(row.number, RejectReason.ERASED, words, row.values, row.file_row)
        zone = row.values[self.zone_column].strip() if self.zone_column else ""
        if zone and zone not in self.zones:
            words = f"has no time zone {zone}; write it like America/Mexico_City"
            return RejectedConsent(row.number, RejectReason.BAD_VALUE, words, row.values, row.file_row)
        name = " ".join(self._cell(row, self.name_column).split()) if self.name_column else ""
        attributes = {key: text for key, column in self.attributes.items() if (text := self._cell(row, column))}
        kept = json.dumps(attributes, ensure_ascii=False)
        return ListedContact(row.number, phone.identity, phone.e164, phone.region, zone or None, name or None, kept)

    def _cell(self, row: RawRow, column: str) -> str:
        """A cell as the person has it, without what only an export adds."""
        text = row.values[column].strip()
        return _SAVED_FROM_FORMULAS.sub("", text, count=1) if self.exported and text.startswith("'") else text

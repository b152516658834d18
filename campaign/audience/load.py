"""A list to messages, contacts and rejected rows, chunk by chunk in one transaction.

Reasons are looked for in this order: the row itself, its phone, the template's values, the person. A row is a duplicate
of the row that became the person's message, never of one that was refused; everybody whose phone could be read is
kept as a contact.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import NamedTuple, Protocol

from sqlalchemy.orm import Session

from campaign.audience import store
from campaign.audience.collector import seldom_collected
from campaign.audience.phone import BadPhone, checked_region, read_phone
from campaign.audience.read_ahead import read_ahead
from campaign.audience.reasons import SENTENCES, RejectReason
from campaign.audience.runs import RunWatch
from campaign.audience.source import ListSource, RawRow
from campaign.audience.store import ListedPerson, Refusal, RejectedValues
from campaign.audience.uploads import used_before
from campaign.templates.fill import Filler, MissingValue, TemplateOf, UnfitValue
from models.audience import AudienceImport
from models.campaign import Campaign

_REMEMBERED = 500
"""Values of a column whose JSON is kept at hand."""


class Zoning(Protocol):
    """Tells where people are, for a campaign with a sending window; see campaign.scheduling.groups."""

    def zones(self, e164: str, values: Mapping[str, str]) -> tuple[str, ...]:
        """The time zones that a person may be in, as far as the list and the phone tell."""

    def number(self, zones: tuple[str, ...]) -> int | None:
        """The zone group of a person; None when the window is never open in all of the zones."""

    def count(self, numbers: Sequence[int]) -> None:
        """Note the groups of people who became messages."""


def load_audience(
    session: Session,
    campaign: Campaign,
    source: ListSource,
    *,
    fill: Filler,
    template_of: TemplateOf = lambda row: None,
    phone_types: frozenset[int] = frozenset(),
    zoning: Zoning | None = None,
    chunk_rows: int,
    now: datetime,
    progress: Callable[[int], None] = lambda rows: None,
) -> AudienceImport:
    """Read a list into a campaign that is being created; the caller commits, or nothing of it remains.

    fill         a row to the values of the template's slots
    template_of  a row to the template in the person's language; None is the campaign's own
    phone_types  taken beside those of mobiles, such as campaign.audience.phone.LANDLINES
    zoning       sorts people by time zone; None where any hour will do
    progress     called after each chunk with the rows read so far
    returns      the import with its counts: every row is a message or a rejected row
    raises       BadList when the list has gone bad since it was opened; UsageError for an unknown region
    """
    # Rows are judged in a thread while the database works on the chunk before them.
    reader = _RowReader(source, fill, template_of, checked_region(campaign.region), phone_types, zoning)
    store.begin_import(session)
    imported = _new_import(session, campaign, source)
    runs = RunWatch()
    with seldom_collected(), read_ahead(map(reader.read, source.chunks(chunk_rows))) as chunks:
        for chunk in chunks:
            runs.add(chunk.people)
            _keep(session, campaign, imported, chunk, zoning, now)
            progress(imported.row_count)
    # Last, so that contacts are locked for as short as possible.
    store.merge_contacts(session, now)
    imported.warnings = [*used_before(session, source, campaign.id), *runs.warnings()]
    session.flush()
    return imported


class _Rejected(NamedTuple):
    row: RawRow
    reason: RejectReason
    text: str


@dataclass(slots=True)
class _Chunk:
    """Rows as far as they can be judged without the database.

    people    whose row is good, each identity once
    again     later rows of the same people
    rejected  the others
    """

    rows: Mapping[int, RawRow]
    people: dict[str, ListedPerson] = field(default_factory=dict)
    again: list[tuple[RawRow, ListedPerson]] = field(default_factory=list)
    rejected: list[_Rejected] = field(default_factory=list)


class _RowReader:
    """Judges the rows of one list one by one."""

    def __init__(
        self,
        source: ListSource,
        fill: Filler,
        template_of: TemplateOf,
        region: str | None,
        phone_types: frozenset[int],
        zoning: Zoning | None,
    ) -> None:
        self._phone_column = source.phone_column
        self._name_column = source.name_column
        others = [column for column in source.columns if column not in (source.phone_column, source.name_column)]
        # What stands in a column often repeats: city, plan, shop. What does not is not remembered for long.
        self._attributes: list[tuple[str, str, dict[str, str]]] = [(column, _key(column), {}) for column in others]
        self._fill = fill
        self._template_of = template_of
        self._region = region
        self._phone_types = phone_types
        self._zoning = zoning

    def read(self, rows: Sequence[RawRow]) -> _Chunk:
        """One chunk of the list."""
        chunk = _Chunk({row.number: row for row in rows})
        for row in rows:
            person = self._person(row)
            if isinstance(person, _Rejected):
                chunk.rejected.append(person)
            elif (first := chunk.people.setdefault(person.phone_identity, person)) is not person:
                chunk.again.append((row, first))
        return chunk

    def _person(self, row: RawRow) -> ListedPerson | _Rejected:
        if row.problem is not None:
            return _Rejected(row, row.problem, f"The row {row.problem_text}.")
        values = row.values
        phone = read_phone(values[self._phone_column], self._region, also=self._phone_types)
        if isinstance(phone, BadPhone):
            return _Rejected(row, phone.reason, f"{self._phone_column} {phone.text}.")
        filled = self._fill(values)
        if isinstance(filled, MissingValue):
            return _Rejected(row, RejectReason.MISSING_VALUE, f"{filled.column} is empty, {filled.slot} needs it.")
        if isinstance(filled, UnfitValue):
            return _Rejected(row, RejectReason(filled.fault.value), f"{filled.text}.")
        name = " ".join(values[self._name_column].split()) if self._name_column else None
        return ListedPerson(
            row.number,
            phone.identity,
            phone.e164,
            phone.region,
            name or None,
            self._attributes_of(values),
            _json(filled),
            self._template_of(values),
            self._zoning.zones(phone.e164, values) if self._zoning else (),
        )

    def _attributes_of(self, values: Mapping[str, str]) -> str:
        """What the row says beside phone and name, as a JSON object."""
        members = []
        for column, key, known in self._attributes:
            raw = values[column]
            member = known.get(raw)
            if member is None:
                text = raw.strip()
                member = f"{key}{_quoted(text)}" if text else ""
                if len(known) < _REMEMBERED:
                    known[raw] = member
            if member:
                members.append(member)
        return "{" + ",".join(members) + "}"


def _new_import(session: Session, campaign: Campaign, source: ListSource) -> AudienceImport:
    imported = AudienceImport(
        campaign_id=campaign.id,
        file_name=source.name,
        sha256=source.sha256,
        columns=source.columns,
        phone_column=source.phone_column,
        row_count=0,
        message_count=0,
        rejected_count=0,
        reading=dict(source.how) | {"name_column": source.name_column},
    )
    session.add(imported)
    session.flush()
    return imported


def _keep(
    session: Session,
    campaign: Campaign,
    imported: AudienceImport,
    chunk: _Chunk,
    zoning: Zoning | None,
    now: datetime,
) -> None:
    """Write one chunk: messages for those who may get one, the others with their reason."""
    people = list(chunk.people.values())
    refused = {refusal.row_number: refusal for refusal in store.refuse(session, campaign, people, now)}
    zone_groups = _zone_groups(session, [p for p in people if p.row_number not in refused], zoning)
    refused |= {row: Refusal(row, RejectReason.NO_HOUR, None) for row, group in zone_groups.items() if group is None}
    open_groups = {row: group for row, group in zone_groups.items() if group is not None}
    messages = [person for person in people if person.row_number not in refused]
    rejected = sorted([*chunk.rejected, *_refusals(chunk, refused)], key=lambda each: each.row.number)
    store.add_messages(session, campaign, messages, open_groups, now)
    store.stage_people(session, people)
    store.add_rejected(session, (_values(imported.id, each) for each in rejected))
    imported.row_count += len(chunk.rows)
    imported.message_count += len(messages)
    imported.rejected_count += len(rejected)
    if zoning is not None:
        zoning.count(list(open_groups.values()))


def _zone_groups(session: Session, people: Sequence[ListedPerson], zoning: Zoning | None) -> dict[int, int | None]:
    """Row number to zone group, the contact's own zone first; None for whom the window never opens."""
    if zoning is None:
        return {}
    own = store.contact_zones(session, [person.phone_identity for person in people])
    return {
        p.row_number: zoning.number((own[p.phone_identity],) if p.phone_identity in own else p.zones) for p in people
    }


def _refusals(chunk: _Chunk, refused: Mapping[int, Refusal]) -> Iterator[_Rejected]:
    for refusal in refused.values():
        yield _refusal(chunk.rows[refusal.row_number], refusal)
    # Whatever kept the first row of a person from becoming a message keeps the later ones too.
    for row, first in chunk.again:
        yield _refusal(row, refused.get(first.row_number) or Refusal(row.number, None, first.row_number))


def _refusal(row: RawRow, refusal: Refusal) -> _Rejected:
    if refusal.first_row is not None:
        return _Rejected(row, RejectReason.DUPLICATE, f"The same person as row {refusal.first_row}.")
    reason = RejectReason(refusal.withheld or "")
    return _Rejected(row, reason, SENTENCES[reason])


def _values(import_id: int, rejected: _Rejected) -> RejectedValues:
    return RejectedValues(
        import_id,
        rejected.row.number,
        rejected.row.file_row,
        _json(rejected.row.values),
        rejected.reason.value,
        rejected.text,
    )


def _json(values: Mapping[str, str]) -> str:
    """A flat JSON object; several times faster than `json.dumps`, which matters a million times."""
    return "{" + ",".join([f"{_key(key)}{_quoted(text)}" for key, text in values.items()]) + "}"


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """The name of a column or slot, as it begins a member of a JSON object."""
    return f"{_quoted(name)}:"

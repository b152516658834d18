"""A list to messages, contacts and rejected rows, chunk by chunk in one transaction.

Reasons are looked for in this order: the row itself, its phone, the template's values, the person. A row is a duplicate
of the row that became the person's message, never of one that was refused; everybody whose phone could be read is
kept as a contact.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from json.encoder import encode_basestring as _quoted
from typing import NamedTuple

from sqlalchemy.orm import Session

from campaign.audience import store
from campaign.audience.phone import BadPhone, checked_region, read_phone
from campaign.audience.read_ahead import read_ahead
from campaign.audience.reasons import SENTENCES, RejectReason
from campaign.audience.source import ListSource, RawRow
from campaign.audience.store import ListedPerson, Refusal, RejectedValues
from campaign.templates.fill import Filler, MissingValue, TemplateOf, UnfitValue
from models.audience import AudienceImport
from models.campaign import Campaign


def load_audience(
    session: Session,
    campaign: Campaign,
    source: ListSource,
    *,
    fill: Filler,
    template_of: TemplateOf = lambda row: None,
    chunk_rows: int,
    now: datetime,
    progress: Callable[[int], None] = lambda rows: None,
) -> AudienceImport:
    """Read a list into a campaign that is being created; the caller commits, or nothing of it remains.

    fill         a row to the values of the template's slots
    template_of  a row to the template in the person's language; None is the campaign's own
    progress     called after each chunk with the rows read so far
    returns      the import with its counts: every row is a message or a rejected row
    raises       BadList when the list has gone bad since it was opened; UsageError for an unknown region
    """
    # Rows are judged in a thread while the database works on the chunk before them.
    reader = _RowReader(source, fill, template_of, checked_region(campaign.region))
    store.begin_import(session)
    imported = _new_import(session, campaign, source)
    with read_ahead(map(reader.read, source.chunks(chunk_rows))) as chunks:
        for chunk in chunks:
            _keep(session, campaign, imported, chunk, now)
            progress(imported.row_count)
    # Last, so that contacts are locked for as short as possible.
    store.merge_contacts(session, now)
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

    def __init__(self, source: ListSource, fill: Filler, template_of: TemplateOf, region: str | None) -> None:
        self._phone_column = source.phone_column
        self._name_column = source.name_column
        others = [column for column in source.columns if column not in (source.phone_column, source.name_column)]
        self._attributes = [(_quoted(column), column) for column in others]
        self._fill = fill
        self._template_of = template_of
        self._region = region

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
        phone = read_phone(values[self._phone_column], self._region)
        if isinstance(phone, BadPhone):
            return _Rejected(row, phone.reason, f"{self._phone_column} {phone.text}.")
        filled = self._fill(values)
        if isinstance(filled, MissingValue):
            return _Rejected(row, RejectReason.MISSING_VALUE, f"{filled.column} is empty, {filled.slot} needs it.")
        if isinstance(filled, UnfitValue):
            return _Rejected(row, RejectReason(filled.fault.value), f"{filled.text}.")
        name = " ".join(values[self._name_column].split()) if self._name_column else None
        attributes = [f"{key}:{_quoted(text)}" for key, column in self._attributes if (text := values[column].strip())]
        return ListedPerson(
            row.number,
            phone.identity,
            phone.e164,
            phone.region,
            name or None,
            "{" + ",".join(attributes) + "}",
            _json(filled),
            self._template_of(values),
        )


def _new_import(session: Session, campaign: Campaign, source: ListSource) -> AudienceImport:
    imported = AudienceImport(
        campaign_id=campaign.id,
        file_name=source.path.name,
        sha256=source.sha256,
        columns=source.columns,
        phone_column=source.phone_column,
        row_count=0,
        message_count=0,
        rejected_count=0,
    )
    session.add(imported)
    session.flush()
    return imported


def _keep(session: Session, campaign: Campaign, imported: AudienceImport, chunk: _Chunk, now: datetime) -> None:
    """Write one chunk: messages for those who may get one, the others with their reason."""
    people = list(chunk.people.values())
    refused = {refusal.row_number: refusal for refusal in store.refuse(session, campaign, people, now)}
    messages = [person for person in people if person.row_number not in refused]
    rejected = sorted([*chunk.rejected, *_refusals(chunk, refused)], key=lambda each: each.row.number)
    store.add_messages(session, campaign, messages, now)
    store.stage_people(session, people)
    store.add_rejected(session, (_values(imported.id, each) for each in rejected))
    imported.row_count += len(chunk.rows)
    imported.message_count += len(messages)
    imported.rejected_count += len(rejected)


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
        import_id, rejected.row.number, _json(rejected.row.values), rejected.reason.value, rejected.text
    )


def _json(values: Mapping[str, str]) -> str:
    """A flat JSON object; several times faster than `json.dumps`, which matters a million times."""
    return "{" + ",".join([f"{_quoted(key)}:{_quoted(text)}" for key, text in values.items()]) + "}"

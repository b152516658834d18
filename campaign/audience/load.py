"""A list to messages, contacts and rejected rows, chunk by chunk in one transaction.

Reasons are looked for in this order: the row itself, its phone, the template's values, the person. A row is a duplicate
of the row that became the person's message, never of one that was refused; everybody whose phone could be read is
kept as a contact.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.audience import store
from campaign.audience.collector import seldom_collected, soon_switched
from campaign.audience.json_text import json_object
from campaign.audience.judging import Judged, Rejected, RowJudge, Zoning
from campaign.audience.phone import checked_region
from campaign.audience.read_ahead import read_ahead
from campaign.audience.reasons import SENTENCES, RejectReason
from campaign.audience.rows import RawRow
from campaign.audience.runs import RunWatch
from campaign.audience.seen import SeenBefore
from campaign.audience.source import ListSource
from campaign.audience.store import ListedPerson, Refusal, RejectedValues
from campaign.audience.uploads import used_before
from campaign.templates.fill import Filler, TemplateOf
from models.audience import AudienceImport
from models.campaign import Campaign


def load_audience(
    session: Session,
    campaign: Campaign,
    source: ListSource,
    *,
    fill: Filler,
    template_of: TemplateOf | None = None,
    phone_types: frozenset[int] = frozenset(),
    zoning: Zoning | None = None,
    chunk_rows: int,
    now: datetime,
    progress: Callable[[int], None] = lambda rows: None,
) -> AudienceImport:
    """Read a list into a campaign that is being created; the caller commits, or nothing of it remains.

    fill         a row to the values of the template's slots
    template_of  a row to the template in the person's language, where not all get the campaign's own
    phone_types  taken beside those of mobiles, such as campaign.audience.phone.LANDLINES
    zoning       sorts people by time zone; None where any hour will do
    progress     called after each chunk with the rows read so far
    returns      the import with its counts: every row is a message or a rejected row
    raises       BadList when the list has gone bad since it was opened; UsageError for an unknown region
    """
    # Rows are judged in a thread while the database works on the chunk before them.
    judge = RowJudge(source, fill, template_of, checked_region(campaign.region), phone_types, zoning)
    store.begin_import(session)
    imported = _new_import(session, campaign, source)
    runs, seen = RunWatch(), SeenBefore()
    with seldom_collected(), soon_switched(), read_ahead(map(judge.judge, source.chunks(chunk_rows))) as chunks:
        for chunk in chunks:
            maybe_listed = seen.add(chunk.people, runs.add(chunk.people))
            people = list(chunk.people.values())
            refusals = store.refuse(session, campaign, people, now, maybe_listed=maybe_listed)
            _keep(session, campaign, imported, chunk, refusals, zoning, now)
            progress(imported.row_count)
    # Last, so that contacts are locked for as short as possible.
    store.merge_contacts(session, now)
    imported.warnings = [*used_before(session, source, campaign.id), *runs.warnings()]
    session.flush()
    return imported


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
    chunk: Judged,
    refusals: Sequence[Refusal],
    zoning: Zoning | None,
    now: datetime,
) -> None:
    """Write one chunk: messages for those who may get one, the others with their reason."""
    people = list(chunk.people.values())
    refused = {refusal.row_number: refusal for refusal in refusals}
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


def _refusals(chunk: Judged, refused: Mapping[int, Refusal]) -> Iterator[Rejected]:
    for refusal in refused.values():
        yield _refusal(chunk.row(refusal.row_number), refusal)
    # Whatever kept the first row of a person from becoming a message keeps the later ones too.
    for number, first in chunk.again:
        refusal = refused.get(first.row_number) or Refusal(number, None, first.row_number)
        yield _refusal(chunk.row(number), refusal)


def _refusal(row: RawRow, refusal: Refusal) -> Rejected:
    if refusal.first_row is not None:
        return Rejected(row, RejectReason.DUPLICATE, f"The same person as row {refusal.first_row}.")
    reason = RejectReason(refusal.withheld or "")
    return Rejected(row, reason, SENTENCES[reason])


def _values(import_id: int, rejected: Rejected) -> RejectedValues:
    return RejectedValues(
        import_id,
        rejected.row.number,
        rejected.row.file_row,
        json_object(rejected.row.values),
        rejected.reason.value,
        rejected.text,
    )

"""A list to messages, contacts and rejected rows, chunk by chunk in one transaction.

Reasons are looked for in this order: the row itself, its phone, the template's values, the person. A row is a duplicate
of the row that became the person's message, never of one that was refused; everybody whose phone could be read is
kept as a contact.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from campaign.audience import refusal_store, store
from campaign.audience.collector import seldom_collected, soon_switched
from campaign.audience.judging import Judged, Rejected, RowJudge, Zoning
from campaign.audience.people import column_of
from campaign.audience.phone import checked_region
from campaign.audience.read_ahead import read_ahead
from campaign.audience.reasons import SENTENCES, RejectReason
from campaign.audience.rows import RawRow
from campaign.audience.runs import RunWatch
from campaign.audience.seen import SeenBefore
from campaign.audience.source import ListSource
from campaign.audience.uploads import used_before
from campaign.templates.fill import Filler, TemplateOf
from models.audience import AudienceImport
from models.campaign import Campaign

if TYPE_CHECKING:
    import pandas as pd

Refused = Mapping[int, tuple[RejectReason, str]]
"""Row of a person who gets no message to the reason, as a code and as a sentence."""


def load_audience(
    session: Session,
    campaign: Campaign,
    source: ListSource,
    *,
    fill: Filler,
    template_of: TemplateOf | None = None,
    phone_types: frozenset[int] = frozenset(),
    zoning: Zoning | None = None,
    ledger: Session | None = None,
    chunk_rows: int,
    now: datetime,
    progress: Callable[[int], None] = lambda rows: None,
) -> AudienceImport:
    """Read a list into a campaign that is being created; the caller commits, or nothing of it remains.

    fill         a row to the values of the template's slots
    template_of  a row to the template in the person's language, where not all get the campaign's own
    phone_types  taken beside those of mobiles, such as campaign.audience.phone.LANDLINES
    zoning       sorts people by time zone; None where any hour will do
    ledger       on which the gate is asked beside the writing; None asks on `session`, in turn
    progress     called after each chunk with the rows read so far
    returns      the import with its counts: every row is a message or a rejected row
    raises       BadList when the list has gone bad since it was opened; UsageError for an unknown region
    """
    judge = RowJudge(source, fill, template_of, checked_region(campaign.region), phone_types, zoning)
    category = campaign.category

    def gated(rows: Sequence[RawRow]) -> tuple[Judged, dict[int, str] | None]:
        chunk = judge.judge(rows)
        return chunk, refusal_store.withheld(ledger, category, chunk.people, now) if ledger else None

    store.begin_import(session)
    imported = _new_import(session, campaign, source)
    leaves_out_many = refusal_store.leaves_out_many(session, campaign)
    runs, seen = RunWatch(), SeenBefore()
    # Rows are judged in a thread, and the gate is asked there, while the database takes in the chunk before them.
    with seldom_collected(), soon_switched(), read_ahead(map(gated, source.chunks(chunk_rows))) as chunks:
        for chunk, withheld in chunks:
            people = chunk.people
            numbers = people["phone_identity"].astype("int64").to_numpy()
            runs.add(numbers)
            reasons = withheld if withheld is not None else refusal_store.withheld(session, category, people, now)
            asked = people if leaves_out_many else people[people["region"] == "US"]
            reasons = refusal_store.left_out(session, campaign, asked, now) | reasons
            first_rows = refusal_store.listed_before(session, campaign, people[seen.add(numbers)])
            _keep(session, campaign, imported, chunk, _refused(reasons, first_rows), zoning, now)
            progress(imported.row_count)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="runs") as pool:
        found = pool.submit(runs.warnings)
        # Last, so that contacts are locked for as short as possible.
        store.merge_contacts(session, now)
    imported.warnings = [*used_before(session, source, campaign.id), *found.result()]
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


def _refused(reasons: Mapping[int, str], first_rows: Mapping[int, int]) -> Refused:
    """Why people get no message; whoever has one is a duplicate, whatever else there is."""
    withheld = {row: (RejectReason(reason), SENTENCES[RejectReason(reason)]) for row, reason in reasons.items()}
    return withheld | {row: _duplicate(first) for row, first in first_rows.items()}


def _duplicate(first_row: int) -> tuple[RejectReason, str]:
    return RejectReason.DUPLICATE, f"The same person as row {first_row}."


def _keep(
    session: Session,
    campaign: Campaign,
    imported: AudienceImport,
    chunk: Judged,
    refused: Refused,
    zoning: Zoning | None,
    now: datetime,
) -> None:
    """Write one chunk: messages for those who may get one, the others with their reason."""
    people = chunk.people
    zone_groups = _zone_groups(session, _without(people, refused), zoning)
    no_hour = (RejectReason.NO_HOUR, SENTENCES[RejectReason.NO_HOUR])
    refused = {**refused, **{row: no_hour for row, group in zone_groups.items() if group is None}}
    open_groups = {row: group for row, group in zone_groups.items() if group is not None}
    messages = _without(people, refused)
    # Whatever kept the first row of a person from becoming a message keeps the later ones too.
    later = {row: refused.get(first) or _duplicate(first) for row, first in chunk.again}
    rejected = sorted([*chunk.rejected, *(Rejected(row, *why) for row, why in {**refused, **later}.items())])
    store.add_messages(session, campaign, messages, open_groups, now)
    store.stage_people(session, people)
    store.add_rejected(session, imported.id, chunk.rows, rejected)
    imported.row_count += len(chunk.rows)
    imported.message_count += len(messages)
    imported.rejected_count += len(rejected)
    if zoning is not None:
        zoning.count(list(open_groups.values()))


def _without(people: "pd.DataFrame", rows: Collection[int]) -> "pd.DataFrame":
    return people[~people.index.isin(list(rows))] if rows else people


def _zone_groups(session: Session, people: "pd.DataFrame", zoning: Zoning | None) -> dict[int, int | None]:
    """Row number to zone group, the contact's own zone first; None for whom the window never opens."""
    if zoning is None:
        return {}
    identities = column_of(people, "phone_identity").to_pylist()
    own = store.contact_zones(session, identities)
    listed = zip(people.index, identities, people["zones"], strict=True)
    return {row: zoning.number((own[identity],) if identity in own else zones) for row, identity, zones in listed}

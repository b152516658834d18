"""The SQL of an upload: everything over sets, within the transaction that creates the campaign."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaign.audience.binary_copy import (
    bigint_field,
    binary_rows,
    jsonb_fields,
    number_fields,
    text_field,
    text_fields,
    time_field,
)
from campaign.audience.people import column_of, looked_up, number_array, numbers_of
from campaign.audience.rows import RawRow, kept_rows
from campaign.text_arrays import text_array
from models.audience import AudienceImport, Upload
from models.campaign import Campaign
from models.states import MessageState

if TYPE_CHECKING:
    import pandas as pd

    from campaign.audience.binary_copy import Field

# The second: names are taken into the index of names by the ten thousand instead of by the hundred.
_FOR_MERGING = ("work_mem = '64MB'", "gin_pending_list_limit = '64MB'")


def begin_import(session: Session) -> None:
    """Make room for listed people until the transaction ends, and time for a long one."""
    session.execute(text("SET LOCAL statement_timeout = '30min'"))
    # A second import of the same people waits for this one's contacts instead of failing.
    session.execute(text("SET LOCAL lock_timeout = '10min'"))
    session.execute(
        text("""
            CREATE TEMP TABLE IF NOT EXISTS listed_person (
                row_number integer, phone_identity text, phone_e164 text, region text, name text, attributes jsonb
            ) ON COMMIT DROP
        """)
    )
    session.execute(text("TRUNCATE listed_person"))


def contact_zones(session: Session, identities: Sequence[str]) -> dict[str, str]:
    """The time zones kept with contacts, by identity; those that have none are left out."""
    statement = text(
        "SELECT phone_identity, time_zone FROM contact "
        "WHERE phone_identity = ANY(:identities) AND time_zone IS NOT NULL"
    )
    return {row[0]: row[1] for row in session.execute(statement, {"identities": list(identities)})}


def add_messages(
    session: Session, campaign: Campaign, people: "pd.DataFrame", zone_groups: Mapping[int, int], now: datetime
) -> None:
    """Queue one message for each person, due at `now`; `zone_groups` is row number to zone group, if any."""
    columns: dict[str, Field] = {
        "campaign_id": bigint_field(campaign.id),
        "sender_id": bigint_field(campaign.sender_id),
        "state": text_field(MessageState.QUEUED),
        "due_at": time_field(now),
        "queued_at": time_field(now),
        "row_number": number_fields(numbers_of(people), "i4"),
        "template_id": number_fields(column_of(people, "template_id"), "i8"),
        "zone_group": number_fields(looked_up(people.index, zone_groups), "i2"),
        "parameters": jsonb_fields(column_of(people, "parameters")),
    }
    texts: dict[str, Field] = {
        name: text_fields(column_of(people, name)) for name in ("phone_identity", "phone_e164", "name")
    }
    # COPY instead of INSERT … SELECT: a fifth faster into a table with this many indexes.
    _copy(session, "message", columns | texts, len(people))


def stage_people(session: Session, people: "pd.DataFrame") -> None:
    """Set people aside for `merge_contacts`."""
    names = ("phone_identity", "phone_e164", "region", "name")
    columns = {
        "row_number": number_fields(numbers_of(people), "i4"),
        **{name: text_fields(column_of(people, name)) for name in names},
        "attributes": jsonb_fields(column_of(people, "attributes")),
    }
    _copy(session, "listed_person", columns, len(people))


def merge_contacts(session: Session, now: datetime) -> None:
    """Make contacts of the people set aside; of what is known already, the newest that is not empty wins.

    locks  the contacts until the caller commits, in the order of their identities, so that two imports cannot
           wait for each other
    """
    for setting in _FOR_MERGING:
        session.execute(text(f"SET LOCAL {setting}"))
    if session.scalar(_ANY_KNOWN) or not _added(session, now):
        session.execute(text("ANALYZE listed_person (phone_identity)"))
        # A join by hashes would put people in another order, and their rows are wide to sort again.
        session.execute(text("SET LOCAL enable_hashjoin = off"))
        session.execute(_MERGE, {"now": now})
        session.execute(text("SET LOCAL enable_hashjoin TO DEFAULT"))


def _added(session: Session, now: datetime) -> bool:
    """Add the people set aside, none of whom was known; False when somebody made a contact of one meanwhile."""
    try:
        with session.begin_nested():
            session.execute(_ADD, {"now": now})
    except IntegrityError:
        return False
    return True


_LISTED = """
    SELECT DISTINCT ON (phone_identity) phone_identity, phone_e164, region, name, attributes
    FROM listed_person ORDER BY phone_identity, row_number
"""
_ANY_KNOWN = text("SELECT EXISTS (SELECT FROM listed_person JOIN contact USING (phone_identity))")
# Without ON CONFLICT, which costs a third more.
_ADD = text(f"""
    INSERT INTO contact (phone_identity, phone_e164, region, name, attributes, created_at, updated_at)
    SELECT listed.*, :now, :now FROM ({_LISTED}) AS listed
""")
_MERGE = text(f"""
    INSERT INTO contact AS known (phone_identity, phone_e164, region, name, attributes, created_at, updated_at)
    SELECT listed.*, :now, :now
    FROM ({_LISTED}) AS listed LEFT JOIN contact AS before ON before.phone_identity = listed.phone_identity
    -- A contact that says the same again is neither locked nor written again.
    WHERE (before.phone_e164, before.region, before.name, before.attributes)
          IS DISTINCT FROM
          (listed.phone_e164, COALESCE(listed.region, before.region),
           COALESCE(listed.name, before.name), before.attributes || listed.attributes)
    ORDER BY listed.phone_identity
    ON CONFLICT (phone_identity) DO UPDATE
    SET phone_e164 = excluded.phone_e164,
        region = COALESCE(excluded.region, known.region),
        name = COALESCE(excluded.name, known.name),
        attributes = known.attributes || excluded.attributes,
        updated_at = excluded.updated_at
""")


def add_rejected(
    session: Session, import_id: int, rows: Sequence[RawRow], rejected: "Sequence[tuple[int, str, str]]"
) -> None:
    """Keep the rows of a chunk that became no message; `rejected` is row number, reason and sentence of each."""
    if not rejected:
        return
    numbers, reasons, texts = map(list, zip(*rejected, strict=True))
    file_rows, raw = kept_rows(rows, numbers)
    columns: dict[str, Field] = {
        "import_id": bigint_field(import_id),
        "row_number": number_fields(number_array(numbers), "i4"),
        "file_row": number_fields(file_rows, "i4"),
        "raw": jsonb_fields(raw),
        "reason": text_fields(text_array(reasons)),
        "text": text_fields(text_array(texts)),
    }
    _copy(session, "rejected_row", columns, len(rejected))


def _copy(session: Session, table: str, columns: "Mapping[str, Field]", count: int) -> None:
    session.flush()
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)"
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for part in binary_rows(list(columns.values()), count):
            copy.write(part)


def add_upload(session: Session, sha256: str, file_name: str, size_bytes: int) -> None:
    """Note an uploaded file; one that is known already stays as it first came."""
    values = {"sha256": sha256, "file_name": file_name, "size_bytes": size_bytes}
    session.execute(insert(Upload).values(values).on_conflict_do_nothing())


def uploads(session: Session) -> list[Upload]:
    """All uploads, newest first."""
    return list(session.scalars(select(Upload).order_by(Upload.created_at.desc(), Upload.sha256)))


def uploads_like(session: Session, start: str) -> list[Upload]:
    """Uploads whose SHA-256 begins so, two at most."""
    return list(session.scalars(select(Upload).where(Upload.sha256.startswith(start, autoescape=True)).limit(2)))


def uploads_of_campaign(session: Session, name: str) -> list[Upload]:
    """The upload that a campaign was made from, if it was kept."""
    statement = select(Upload).join(AudienceImport, AudienceImport.sha256 == Upload.sha256).join(Campaign)
    return list(session.scalars(statement.where(Campaign.name == name)))


def names_with_upload(session: Session) -> list[str]:
    """Campaigns whose list was kept."""
    return [name for names in campaigns_by_sha256(session).values() for name in names]


def campaigns_by_sha256(session: Session) -> dict[str, list[str]]:
    """The campaigns made from each upload, newest first."""
    statement = (
        select(AudienceImport.sha256, Campaign.name)
        .join(Campaign)
        .join(Upload, Upload.sha256 == AudienceImport.sha256)
        .order_by(Campaign.id.desc())
    )
    found: dict[str, list[str]] = {}
    for sha256, name in session.execute(statement):
        found.setdefault(sha256, []).append(name)
    return found


def imports_of(session: Session, sha256: str, campaign_id: int) -> list[tuple[str, datetime]]:
    """Name and time of other campaigns made from the same list, newest first."""
    statement = (
        select(Campaign.name, AudienceImport.created_at)
        .join(AudienceImport, AudienceImport.campaign_id == Campaign.id)
        .where(AudienceImport.sha256 == sha256, Campaign.id != campaign_id)
        .order_by(AudienceImport.id.desc())
    )
    return [(name, at) for name, at in session.execute(statement)]

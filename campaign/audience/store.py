"""The SQL of an upload: everything over sets, within the transaction that creates the campaign."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaign.consent.copying import copy_rows
from campaign.consent.exclusion_store import EXCLUDED_BY_SQL
from campaign.consent.store import WITHHELD_SQL
from models.audience import AudienceImport, Upload
from models.campaign import Campaign
from models.states import MessageState

_LINES_AT_ONCE = 1_000
_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


# The second: names are taken into the index of names by the ten thousand instead of by the hundred.
_FOR_MERGING = ("work_mem = '64MB'", "gin_pending_list_limit = '64MB'")


class ListedPerson(NamedTuple):
    """A row that can become a message; `attributes` and `parameters` are JSON objects as text.

    template_id  of the template in the person's language; None is the campaign's own
    zones        where the person may be, as far as the list tells
    """

    row_number: int
    phone_identity: str
    phone_e164: str
    region: str | None
    name: str | None
    attributes: str
    parameters: str
    template_id: int | None = None
    zones: tuple[str, ...] = ()


class Refusal(NamedTuple):
    """A listed person who gets no message: withheld by the gate, or a message of theirs came from an earlier row."""

    row_number: int
    withheld: str | None
    first_row: int | None


class RejectedValues(NamedTuple):
    """A row of `rejected_row`; `raw` is a JSON object as text."""

    import_id: int
    row_number: int
    file_row: int
    raw: str
    reason: str
    text: str


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


def refuse(
    session: Session,
    campaign: Campaign,
    people: Sequence[ListedPerson],
    now: datetime,
    *,
    maybe_listed: Sequence[str] | None = None,
) -> list[Refusal]:
    """Who of one chunk gets no message; each identity may stand in `people` once.

    maybe_listed  identities that may have a message of this campaign; None asks for all
    cost          two index probes per person, whatever the statistics say; one more for each of `maybe_listed`
    """
    identities = [person.phone_identity for person in people]
    asked = ("listed.phone_identity", ":category", "CAST(:now AS timestamptz)")
    # Asked once per statement, whether there is a quiet list to look into.
    quiet_if = "(SELECT true FROM campaign_exclusion WHERE campaign_id = :campaign_id LIMIT 1)"
    excluded = EXCLUDED_BY_SQL(*asked, region="listed.region", quiet_if=quiet_if)
    statement = text(f"""
        SELECT place, withheld
        FROM (SELECT listed.place, COALESCE({WITHHELD_SQL(*asked)}, {excluded}) AS withheld
              FROM (SELECT id, us_marketing, not_messaged_within_days FROM campaign WHERE id = :campaign_id OFFSET 0)
                   AS leaves_out
              -- One text each instead of an array: a third of the time to send and to take apart.
              CROSS JOIN unnest(string_to_array(CAST(:identities AS text), ','),
                                string_to_array(CAST(:regions AS text), ','))
                   WITH ORDINALITY AS listed (phone_identity, region, place)
              -- Keeps the probes from being done twice, here and in the WHERE.
              OFFSET 0) AS decided
        WHERE withheld IS NOT NULL
    """)
    values = {
        "category": campaign.category,
        "now": now,
        "campaign_id": campaign.id,
        "identities": ",".join(identities),
        "regions": ",".join([person.region or "" for person in people]),
    }
    withheld = {identities[place - 1]: reason for place, reason in session.execute(statement, values)}
    first_rows = _first_rows(session, campaign, identities if maybe_listed is None else maybe_listed)
    return [
        Refusal(person.row_number, withheld.get(identity), first_rows.get(identity))
        for identity, person in zip(identities, people, strict=True)
        if identity in withheld or identity in first_rows
    ]


def _first_rows(session: Session, campaign: Campaign, identities: Sequence[str]) -> dict[str, int]:
    """Identity to the row that became a message, for those who have one."""
    # A scalar subselect keeps the planner from reading the whole campaign, whose rows it has no statistics of.
    statement = text("""
        SELECT phone_identity, first_row
        FROM (SELECT listed.phone_identity,
                     (SELECT message.row_number FROM message
                      WHERE message.campaign_id = :campaign_id
                        AND message.phone_identity = listed.phone_identity) AS first_row
              FROM unnest(string_to_array(CAST(:identities AS text), ',')) AS listed (phone_identity)
              OFFSET 0) AS found
        WHERE first_row IS NOT NULL
    """)
    if not identities:
        return {}
    found = session.execute(statement, {"campaign_id": campaign.id, "identities": ",".join(identities)})
    return {row[0]: row[1] for row in found}


def contact_zones(session: Session, identities: Sequence[str]) -> dict[str, str]:
    """The time zones kept with contacts, by identity; those that have none are left out."""
    statement = text(
        "SELECT phone_identity, time_zone FROM contact "
        "WHERE phone_identity = ANY(:identities) AND time_zone IS NOT NULL"
    )
    return {row[0]: row[1] for row in session.execute(statement, {"identities": list(identities)})}


def add_messages(
    session: Session, campaign: Campaign, people: Iterable[ListedPerson], zone_groups: Mapping[int, int], now: datetime
) -> None:
    """Queue one message for each person, due at `now`; `zone_groups` is row number to zone group, if any."""
    # COPY instead of INSERT … SELECT: a fifth faster into a table with this many indexes.
    fixed = f"{campaign.id}\t{campaign.sender_id}\t{MessageState.QUEUED}\t{now.isoformat()}\t{now.isoformat()}"
    statement = """
        COPY message (campaign_id, sender_id, state, due_at, queued_at,
                      row_number, phone_identity, phone_e164, name, parameters, template_id, zone_group)
        FROM STDIN
    """
    _copy_lines(session, statement, (_message_line(fixed, p, zone_groups.get(p.row_number)) for p in people))


def _message_line(fixed: str, p: ListedPerson, zone_group: int | None) -> str:
    return (
        f"{fixed}\t{p.row_number}\t{p.phone_identity}\t{p.phone_e164}\t{_field(p.name)}\t{_json_field(p.parameters)}"
        f"\t{_NULL if p.template_id is None else p.template_id}\t{_NULL if zone_group is None else zone_group}\n"
    )


def stage_people(session: Session, people: Iterable[ListedPerson]) -> None:
    """Set people aside for `merge_contacts`."""
    lines = (
        f"{p.row_number}\t{p.phone_identity}\t{p.phone_e164}\t{p.region or _NULL}\t{_field(p.name)}"
        f"\t{_json_field(p.attributes)}\n"
        for p in people
    )
    _copy_lines(session, "COPY listed_person FROM STDIN", lines)


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


def add_rejected(session: Session, rows: Iterable[RejectedValues]) -> None:
    """Keep the rows that became no message."""
    columns = ", ".join(RejectedValues._fields)
    copy_rows(session, f"COPY rejected_row ({columns}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL (text))", rows)


def _copy_lines(session: Session, statement: str, lines: Iterable[str]) -> None:
    """Send lines of COPY's own text format: twice as fast to write as CSV, which matters a million times."""
    session.flush()
    waiting = iter(lines)
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        # Little by little, so that the database works on some rows while the next are being written.
        while some := "".join(islice(waiting, _LINES_AT_ONCE)):
            copy.write(some)


def _field(value: str | None) -> str:
    if value is None:
        return _NULL
    # Nearly all are plain; what is not printable holds the line breaks and tabs.
    return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)


def _json_field(value: str) -> str:
    """JSON has no bare tabs and line breaks, only backslashes of its own."""
    return value.replace("\\", "\\\\")


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

"""The SQL of contacts: lists in, all of them out."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from campaign.consent.copying import copy_rows

FETCHED_AT_ONCE = 5_000


class ListedContact(NamedTuple):
    """One row of a list of contacts; `attributes` is a JSON object as text."""

    row_number: int
    phone_identity: str
    phone_e164: str
    region: str | None
    time_zone: str | None
    name: str | None
    attributes: str


def begin_contact_import(session: Session) -> None:
    """Make room for listed contacts until the transaction ends, and time for a long one."""
    session.execute(text("SET LOCAL statement_timeout = '30min'"))
    session.execute(text("SET LOCAL lock_timeout = '10min'"))
    session.execute(
        text("""
            CREATE TEMP TABLE IF NOT EXISTS listed_contact (
                row_number integer, phone_identity text, phone_e164 text, region text, time_zone text, name text,
                attributes jsonb
            ) ON COMMIT DROP
        """)
    )
    session.execute(text("TRUNCATE listed_contact"))


def stage_contacts(session: Session, contacts: Iterable[ListedContact]) -> None:
    """Set contacts aside for `merge_listed`."""
    copy_rows(session, "COPY listed_contact FROM STDIN (FORMAT csv)", contacts)


def merge_listed(session: Session, now: datetime) -> tuple[int, int]:
    """Make contacts of those set aside: how many are new, and how many known ones have changed.

    The newest that is not empty wins, value by value: a later row over an earlier one, the list over what is known.

    locks  the contacts until the caller commits, in the order of their identities, so that two imports cannot wait for
           each other
    """
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    session.execute(text("CREATE INDEX ON listed_contact (phone_identity, row_number)"))
    session.execute(text("ANALYZE listed_contact"))
    rows = session.execute(_MERGE, {"now": now}).one()
    return int(rows.added or 0), int(rows.changed or 0)


def _newest(column: str) -> str:
    return f"(array_agg({column} ORDER BY row_number DESC) FILTER (WHERE {column} IS NOT NULL))[1]"


# Most people stand in a list once; only for the others are attributes taken apart and put together again.
_MERGE = text(f"""
    WITH person AS (
        SELECT listed.phone_identity, {_newest("phone_e164")} AS phone_e164, {_newest("region")} AS region,
               {_newest("time_zone")} AS time_zone, {_newest("name")} AS name,
               CASE WHEN count(*) = 1 THEN (array_agg(attributes))[1]
                    ELSE COALESCE((SELECT jsonb_object_agg(each.key, each.value ORDER BY every.row_number)
                                   FROM listed_contact AS every, jsonb_each(every.attributes) AS each
                                   WHERE every.phone_identity = listed.phone_identity), '{{}}'::jsonb)
               END AS attributes
        FROM listed_contact AS listed GROUP BY listed.phone_identity ORDER BY listed.phone_identity
    ), merged AS (
        INSERT INTO contact AS known
            (phone_identity, phone_e164, region, time_zone, name, attributes, created_at, updated_at)
        SELECT phone_identity, phone_e164, region, time_zone, name, attributes, :now, :now FROM person
        ON CONFLICT (phone_identity) DO UPDATE
        SET phone_e164 = excluded.phone_e164,
            region = COALESCE(excluded.region, known.region),
            time_zone = COALESCE(excluded.time_zone, known.time_zone),
            name = COALESCE(excluded.name, known.name),
            attributes = known.attributes || excluded.attributes,
            updated_at = excluded.updated_at
        WHERE (known.phone_e164, known.region, known.time_zone, known.name, known.attributes)
              IS DISTINCT FROM
              (excluded.phone_e164, COALESCE(excluded.region, known.region),
               COALESCE(excluded.time_zone, known.time_zone), COALESCE(excluded.name, known.name),
               known.attributes || excluded.attributes)
        RETURNING xmax = 0 AS is_new
    )
    SELECT count(*) FILTER (WHERE is_new) AS added, count(*) FILTER (WHERE NOT is_new) AS changed FROM merged
""")


def attribute_names(session: Session, limit: int) -> list[str]:
    """The names of all attributes that any contact has, in the order of the alphabet."""
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    statement = text(
        "SELECT DISTINCT key FROM contact CROSS JOIN LATERAL jsonb_object_keys(attributes) AS key "
        "ORDER BY key LIMIT :most"
    )
    return list(session.scalars(statement, {"most": limit}))


def contacts(session: Session) -> Iterator[Row[Any]]:
    """All contacts by identity, through a server-side cursor."""
    options = {"stream_results": True, "yield_per": FETCHED_AT_ONCE}
    yield from session.execute(
        text("""
            SELECT phone_e164, name, region, time_zone, wa_id,
                   COALESCE(user_id, (SELECT max(ids.user_id) FROM known_user AS ids
                                      WHERE ids.phone_identity = contact.phone_identity AND ids.user_id LIKE '%.%')),
                   last_inbound_at, created_at, updated_at, attributes
            FROM contact ORDER BY phone_identity
        """),
        execution_options=options,
    )


def known_as(session: Session, identity: str) -> list[Row[Any]]:
    """The platform's other ids of a person: user ids, and numbers that they changed to; and since when."""
    statement = text("""
        SELECT user_id AS platform_id, created_at AS known_since FROM known_user
        WHERE phone_identity = :identity ORDER BY created_at, user_id
    """)
    return list(session.execute(statement, {"identity": identity}))


def messages_to(session: Session, identity: str) -> list[Row[Any]]:
    """Every message to a person in any campaign, with what it said; newest first. One index probe per campaign."""
    statement = text("""
        SELECT campaign.name AS campaign, found.row_number AS row, found.state, found.reason, found.parameters,
               found.queued_at, found.accepted_at, found.delivered_at, found.read_at, found.failed_at
        FROM campaign CROSS JOIN LATERAL (
            SELECT * FROM message WHERE campaign_id = campaign.id AND phone_identity = :identity OFFSET 0) AS found
        ORDER BY found.queued_at DESC
    """)
    return list(session.execute(statement, {"identity": identity}))


def replies_of(session: Session, identity: str) -> list[Row[Any]]:
    """What a person answered to campaigns, newest first."""
    statement = text("""
        SELECT campaign.name AS campaign, reply.kind, reply.text, reply.payload, reply.opts_out, reply.received_at
        FROM campaign CROSS JOIN LATERAL (
            SELECT id FROM message WHERE campaign_id = campaign.id AND phone_identity = :identity OFFSET 0) AS found
        JOIN reply ON reply.message_id = found.id ORDER BY reply.received_at DESC
    """)
    return list(session.execute(statement, {"identity": identity}))

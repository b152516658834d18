"""The SQL of an upload: everything over sets, within the transaction that creates the campaign."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaign.consent.copying import copy_rows
from campaign.consent.store import WITHHELD_SQL
from models.campaign import Campaign
from models.states import MessageState


class ListedPerson(NamedTuple):
    """A row that can become a message; `attributes` and `parameters` are JSON objects as text.

    template_id  of the template in the person's language; None is the campaign's own
    """

    row_number: int
    phone_identity: str
    phone_e164: str
    region: str | None
    name: str | None
    attributes: str
    parameters: str
    template_id: int | None = None


class Refusal(NamedTuple):
    """A listed person who gets no message: withheld by the gate, or a message of theirs came from an earlier row."""

    row_number: int
    withheld: str | None
    first_row: int | None


class RejectedValues(NamedTuple):
    """A row of `rejected_row`; `raw` is a JSON object as text."""

    import_id: int
    row_number: int
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


def refuse(session: Session, campaign: Campaign, people: Sequence[ListedPerson], now: datetime) -> list[Refusal]:
    """Who of one chunk gets no message; each identity may stand in `people` once.

    cost  three index probes per person, whatever the statistics say
    """
    withheld = WITHHELD_SQL("listed.phone_identity", ":category", "CAST(:now AS timestamptz)")
    # A scalar subselect keeps the planner from reading the whole campaign, whose rows it has no statistics of.
    statement = text(f"""
        SELECT row_number, withheld, first_row
        FROM (SELECT listed.row_number, {withheld} AS withheld,
                     (SELECT message.row_number FROM message
                      WHERE message.campaign_id = :campaign_id
                        AND message.phone_identity = listed.phone_identity) AS first_row
              FROM unnest(CAST(:row_numbers AS integer[]), CAST(:identities AS text[]))
                   AS listed (row_number, phone_identity)
              -- Keeps the two probes from being done twice, here and in the WHERE.
              OFFSET 0) AS decided
        WHERE withheld IS NOT NULL OR first_row IS NOT NULL
    """)
    values = {
        "category": campaign.category,
        "now": now,
        "campaign_id": campaign.id,
        "row_numbers": [person.row_number for person in people],
        "identities": [person.phone_identity for person in people],
    }
    return [Refusal(*row) for row in session.execute(statement, values)]


def add_messages(session: Session, campaign: Campaign, people: Iterable[ListedPerson], now: datetime) -> None:
    """Queue one message for each person, due at `now`."""
    # COPY instead of INSERT … SELECT: a fifth faster into a table with this many indexes.
    fixed = (campaign.id, campaign.sender_id, MessageState.QUEUED.value, now, now)
    statement = """
        COPY message (campaign_id, sender_id, state, due_at, queued_at,
                      row_number, phone_identity, phone_e164, name, parameters, template_id)
        FROM STDIN (FORMAT csv)
    """
    rows = ((*fixed, p.row_number, p.phone_identity, p.phone_e164, p.name, p.parameters, p.template_id) for p in people)
    copy_rows(session, statement, rows)


def stage_people(session: Session, people: Iterable[ListedPerson]) -> None:
    """Set people aside for `merge_contacts`."""
    copy_rows(session, "COPY listed_person FROM STDIN (FORMAT csv)", (person[:6] for person in people))


def merge_contacts(session: Session, now: datetime) -> None:
    """Make contacts of the people set aside; of what is known already, the newest that is not empty wins.

    locks  the contacts until the caller commits, in the order of their identities, so that two imports cannot
           wait for each other
    """
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    session.execute(
        text("""
            INSERT INTO contact AS known
                (phone_identity, phone_e164, region, name, attributes, created_at, updated_at)
            SELECT DISTINCT ON (phone_identity) phone_identity, phone_e164, region, name, attributes, :now, :now
            FROM listed_person ORDER BY phone_identity, row_number
            ON CONFLICT (phone_identity) DO UPDATE
            SET phone_e164 = excluded.phone_e164,
                region = COALESCE(excluded.region, known.region),
                name = COALESCE(excluded.name, known.name),
                attributes = known.attributes || excluded.attributes,
                updated_at = excluded.updated_at
            -- A contact that says the same again is not written again.
            WHERE (known.phone_e164, known.region, known.name, known.attributes)
                  IS DISTINCT FROM
                  (excluded.phone_e164, COALESCE(excluded.region, known.region),
                   COALESCE(excluded.name, known.name), known.attributes || excluded.attributes)
        """),
        {"now": now},
    )


def add_rejected(session: Session, rows: Iterable[RejectedValues]) -> None:
    """Keep the rows that became no message."""
    columns = ", ".join(RejectedValues._fields)
    copy_rows(session, f"COPY rejected_row ({columns}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL (text))", rows)

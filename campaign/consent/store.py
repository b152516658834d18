"""The SQL of consent: the gate, the ledger of events, and suppressions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaign.consent.copying import copy_rows
from models.people import Category, ConsentEvent, Suppression


class ListedEvent(NamedTuple):
    """One row of a consent list; `occurred_at` None where the list does not say when."""

    row_number: int
    phone_identity: str
    phone_e164: str
    category: str
    action: str
    source: str
    proof: str | None
    occurred_at: datetime | None


class BannedPhone(NamedTuple):
    """A phone as a suppression names it."""

    phone_identity: str
    phone_e164: str


def WITHHELD_SQL(identity: str, category: str, now: str) -> str:
    """A scalar SQL expression: NULL when the person may be written to, else the reason; `gate.may_write` in SQL.

    identity, category, now  SQL fragments: a column or a bind name
    cost                     two index probes per row, whatever the statistics say: about 5 µs among 1,000,000 events,
                             and one of the few rows that say how long consent lasts
    """
    # Scalar subselects with LIMIT and no EXISTS: the planner may turn EXISTS into a hash of the whole table.
    # opt_out sorts after opt_in, so that descending order lets it win a tie.
    return f"""
        CASE (SELECT CASE WHEN gate_event.action = 'opt_in' AND gate_event.occurred_at <= {now} - (
                                  SELECT make_interval(days => gate_life.days) FROM consent_expiry AS gate_life
                                  WHERE gate_life.category = {category})
                          THEN 'expired' ELSE gate_event.action END
              FROM consent_event AS gate_event
              WHERE gate_event.phone_identity = {identity} AND gate_event.category IN ({category}, 'all')
              ORDER BY gate_event.occurred_at DESC, gate_event.action DESC LIMIT 1)
            WHEN 'opt_in' THEN
                (SELECT 'suppressed' FROM suppression AS gate_ban
                 WHERE gate_ban.phone_identity = {identity} AND gate_ban.category IN ({category}, 'all')
                   AND (gate_ban.until IS NULL OR gate_ban.until > {now}) LIMIT 1)
            WHEN 'opt_out' THEN 'consent_withdrawn'
            WHEN 'expired' THEN 'consent_expired'
            ELSE 'no_consent'
        END"""


def begin_ledger_import(session: Session) -> None:
    """Make room for listed events until the transaction ends, and time for a long one."""
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    session.execute(
        text("""
            CREATE TEMP TABLE IF NOT EXISTS listed_event (
                row_number integer, phone_identity text, phone_e164 text, category text, action text, source text,
                proof text, occurred_at timestamptz
            ) ON COMMIT DROP
        """)
    )


def stage_events(session: Session, events: Iterable[ListedEvent]) -> None:
    """Replace the listed events by another chunk."""
    session.execute(text("TRUNCATE listed_event"))
    copy_rows(session, "COPY listed_event FROM STDIN (FORMAT csv)", events)


def undated_against_withdrawal(session: Session, now: datetime) -> list[int]:
    """Rows whose opt-in bears no time while the person stands as withdrawn: it may be older than the withdrawal."""
    statement = text(f"""
        SELECT listed.row_number FROM listed_event AS listed
        WHERE listed.occurred_at IS NULL AND listed.action = 'opt_in'
          AND 'consent_withdrawn' = ANY ({_REASONS_NOW})
        ORDER BY listed.row_number
    """)
    return list(session.scalars(statement, {"now": now}))


def record_listed(session: Session, *, refused: Sequence[int], recorded_by: str, now: datetime) -> int:
    """Write the listed events that say something new; how many.

    An event is known when the ledger has the same one. Without a time, an opt-in is known by its source, category
    and proof, and an opt-out when the person stands as withdrawn already.
    """
    statement = text(f"""
        INSERT INTO consent_event
            (phone_identity, phone_e164, category, action, source, proof, occurred_at, recorded_by, recorded_at)
        SELECT DISTINCT ON (phone_identity, category, action, source, proof, occurred_at)
               phone_identity, phone_e164, category, action, source, proof, COALESCE(occurred_at, :now),
               :recorded_by, :now
        FROM listed_event AS listed
        WHERE listed.row_number <> ALL (CAST(:refused AS integer[]))
          AND NOT EXISTS (
              SELECT FROM consent_event AS known
              WHERE known.phone_identity = listed.phone_identity AND known.category = listed.category
                AND known.action = listed.action AND known.source = listed.source
                AND known.proof IS NOT DISTINCT FROM listed.proof
                AND (known.occurred_at = listed.occurred_at
                     OR (listed.occurred_at IS NULL AND listed.action = 'opt_in')))
          AND NOT (listed.occurred_at IS NULL AND listed.action = 'opt_out'
                   AND 'consent_withdrawn' = ALL (SELECT COALESCE(reason, '') FROM unnest({_REASONS_NOW}) AS reason))
        ORDER BY phone_identity, category, action, source, proof, occurred_at, row_number
    """)
    values = {"refused": list(refused), "recorded_by": recorded_by, "now": now}
    return session.execute(statement, values).rowcount  # type: ignore[attr-defined, no-any-return]


# What the gate says of a listed event's person, for each category that the event is about.
_REASONS_NOW = f"""ARRAY(
    SELECT {WITHHELD_SQL("listed.phone_identity", "about.category", "CAST(:now AS timestamptz)")}
    FROM unnest(CASE listed.category WHEN 'all' THEN ARRAY['marketing', 'utility', 'authentication']
                ELSE ARRAY[listed.category] END) AS about (category))"""


def add_events(session: Session, events: Sequence[ConsentEvent]) -> None:
    """Write events as they are, all at once."""
    columns = "phone_identity, phone_e164, category, action, source, proof, occurred_at, recorded_by"
    rows = [
        (e.phone_identity, e.phone_e164, e.category, e.action, e.source, e.proof, e.occurred_at, e.recorded_by)
        for e in events
    ]
    copy_rows(session, f"COPY consent_event ({columns}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL (source))", rows)


def add_new_events(session: Session, events: Sequence[ConsentEvent]) -> int:
    """Write the events that are not known yet, by person, category, action, source and proof; how many."""
    columns = {name: [getattr(event, name) for event in events] for name in _EVENT_COLUMNS}
    return session.execute(_ADD_NEW, columns).rowcount if events else 0  # type: ignore[attr-defined]


_EVENT_COLUMNS = (
    "phone_identity",
    "phone_e164",
    "category",
    "action",
    "source",
    "proof",
    "occurred_at",
    "recorded_by",
)
_SAID = ", ".join(f"CAST(:{name} AS {'timestamptz' if name == 'occurred_at' else 'text'}[])" for name in _EVENT_COLUMNS)
_ADD_NEW = text(f"""
    INSERT INTO consent_event ({", ".join(_EVENT_COLUMNS)})
    SELECT DISTINCT ON (phone_identity, category, action, source, proof) said.*
    FROM unnest({_SAID}) AS said({", ".join(_EVENT_COLUMNS)})
    WHERE NOT EXISTS (
        SELECT FROM consent_event AS known
        WHERE known.phone_identity = said.phone_identity AND known.category = said.category
          AND known.action = said.action AND known.source = said.source AND known.proof = said.proof)
    ORDER BY phone_identity, category, action, source, proof, occurred_at
""")


class Writer(NamedTuple):
    """Somebody who wrote to us, as a contact is to know them; `at` is when."""

    phone_identity: str
    phone_e164: str
    wa_id: str | None
    user_id: str | None
    at: datetime


def open_windows(session: Session, writers: Sequence[Writer]) -> None:
    """Note when people last wrote, which opens a service window of 24 h; whoever is no contact yet becomes one.

    Whoever has left the number since is a contact elsewhere.

    locks   the contacts until the caller commits, in the order of their identities
    source  platform.md G.3
    """
    if writers:
        columns = map(list, zip(*writers, strict=True))
        session.execute(_OPEN_WINDOWS, dict(zip(Writer._fields, columns, strict=True)))


_OPEN_WINDOWS = text("""
    INSERT INTO contact AS known (phone_identity, phone_e164, wa_id, user_id, last_inbound_at)
    SELECT phone_identity, min(phone_e164), max(wa_id), max(user_id), max(at)
    FROM unnest(CAST(:phone_identity AS text[]), CAST(:phone_e164 AS text[]), CAST(:wa_id AS text[]),
                CAST(:user_id AS text[]), CAST(:at AS timestamptz[]))
        AS wrote(phone_identity, phone_e164, wa_id, user_id, at)
    WHERE NOT EXISTS (SELECT FROM consent_event AS gone WHERE gone.phone_identity = wrote.phone_identity
                      AND gone.source = 'number_left' AND gone.occurred_at >= wrote.at)
    GROUP BY phone_identity ORDER BY phone_identity
    ON CONFLICT (phone_identity) DO UPDATE
    SET last_inbound_at = GREATEST(known.last_inbound_at, excluded.last_inbound_at),
        wa_id = COALESCE(excluded.wa_id, known.wa_id),
        user_id = COALESCE(excluded.user_id, known.user_id)
    WHERE known.last_inbound_at IS NULL OR known.last_inbound_at < excluded.last_inbound_at
""")


def release_spared(session: Session, identities: Sequence[str], now: datetime) -> None:
    """People who wrote may get marketing again: what waited for their limit to end is due now.

    source  platform.md E, per-user marketing limit: messages inside an open window do not count
    """
    if identities:
        session.execute(_RELEASE_SPARED, {"identities": list(identities), "now": now})


_RELEASE_SPARED = text("""
    WITH freed AS (DELETE FROM marketing_cap WHERE phone_identity = ANY(:identities))
    UPDATE message m SET due_at = :now
    FROM campaign c
    WHERE c.state IN ('running', 'paused', 'settling') AND m.campaign_id = c.id
      AND m.phone_identity = ANY(:identities) AND m.state = 'queued'
      AND m.reason = 'retry_increasing' AND m.due_at > :now
""")


def lift_opt_outs(session: Session, resumed: Sequence[tuple[str, datetime]]) -> None:
    """Lift the platform's own word that a person wants no marketing, for who wants it again and has not stopped since.

    resumed  identity, and when the person said so
    """
    if resumed:
        identities, instants = map(list, zip(*resumed, strict=True))
        session.execute(_LIFT_OPT_OUTS, {"identities": identities, "instants": instants})


_LIFT_OPT_OUTS = text("""
    DELETE FROM suppression
    USING unnest(CAST(:identities AS text[]), CAST(:instants AS timestamptz[])) AS resumed(identity, at)
    WHERE suppression.phone_identity = resumed.identity AND suppression.category = 'marketing'
      AND suppression.reason = 'opted_out' AND suppression.source = 'webhook'
      AND NOT EXISTS (
          SELECT FROM consent_event AS later
          WHERE later.phone_identity = resumed.identity AND later.category IN ('marketing', 'all')
            AND later.action = 'opt_out' AND later.occurred_at >= resumed.at)
""")


def events_of(session: Session, identity: str) -> list[ConsentEvent]:
    """Everything a person said, newest first."""
    newest_first = (ConsentEvent.occurred_at.desc(), ConsentEvent.id.desc())
    return list(
        session.scalars(select(ConsentEvent).where(ConsentEvent.phone_identity == identity).order_by(*newest_first))
    )


def suppressions_of(session: Session, identity: str) -> list[Suppression]:
    """Every ban on a phone, past ones too, newest first."""
    return list(
        session.scalars(
            select(Suppression).where(Suppression.phone_identity == identity).order_by(Suppression.id.desc())
        )
    )


def add_suppressions(session: Session, phones: Sequence[BannedPhone], ban: Suppression) -> None:
    """Ban phones in the way of `ban`; the same ban again takes the new end and source."""
    values = [
        {
            "phone_identity": phone.phone_identity,
            "phone_e164": phone.phone_e164,
            "category": ban.category,
            "reason": ban.reason,
            "source": ban.source,
            "until": ban.until,
        }
        # In one order, so that two writers cannot wait for each other.
        for phone in sorted(set(phones))
    ]
    statement = insert(Suppression)
    changed = {"until": statement.excluded.until, "source": statement.excluded.source}
    key = ["phone_identity", "category", "reason"]
    if values:
        session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), values)


def remove_suppressions(session: Session, identities: Sequence[str], category: Category | None) -> int:
    """Lift the bans on phones, of one category or of any; how many there were."""
    statement = delete(Suppression).where(Suppression.phone_identity.in_(identities))
    if category is not None:
        statement = statement.where(Suppression.category == category)
    return session.execute(statement).rowcount  # type: ignore[attr-defined, no-any-return]


def active_suppressions(
    session: Session, *, now: datetime, limit: int, before_id: int | None = None
) -> list[Suppression]:
    """Bans that hold at `now`, newest first; `before_id` turns the page."""
    holds = or_(Suppression.until.is_(None), Suppression.until > now)
    query = select(Suppression).where(holds).order_by(Suppression.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(Suppression.id < before_id)
    return list(session.scalars(query))

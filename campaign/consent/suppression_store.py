"""The SQL of suppressions in bulk, and of what was done to them; the database itself writes that down."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from campaign.consent.copying import copy_rows
from models.people import SuppressionEvent


class ListedBan(NamedTuple):
    """One row of a list of bans; `until` None is for good."""

    phone_identity: str
    phone_e164: str
    category: str
    reason: str
    source: str
    until: datetime | None


def name_actor(session: Session, recorded_by: str, why: str | None) -> None:
    """Who changes suppressions in this transaction, and why; kept with each change."""
    session.execute(
        text("SELECT set_config('campaign.actor', :actor, true), set_config('campaign.why', :why, true)"),
        {"actor": recorded_by, "why": why or ""},
    )


def add_listed(session: Session, bans: Iterable[ListedBan]) -> int:
    """Ban the people of one chunk of a list; how many bans are new or have another end or source.

    locks  the suppressions until the caller commits, in one order, so that two imports cannot wait for each other
    """
    session.execute(
        text(
            "CREATE TEMP TABLE IF NOT EXISTS listed_ban (phone_identity text, phone_e164 text, category text, "
            "reason text, source text, until timestamptz) ON COMMIT DROP"
        )
    )
    session.execute(text("TRUNCATE listed_ban"))
    copy_rows(session, "COPY listed_ban FROM STDIN (FORMAT csv, FORCE_NOT_NULL (source))", bans)
    # Of two rows about one person, the ban that lasts longer holds.
    statement = text("""
        INSERT INTO suppression AS known (phone_identity, phone_e164, category, reason, source, until)
        SELECT DISTINCT ON (phone_identity, category, reason)
               phone_identity, phone_e164, category, reason, source, until
        FROM listed_ban ORDER BY phone_identity, category, reason, until DESC NULLS FIRST
        ON CONFLICT (phone_identity, category, reason) DO UPDATE
        SET until = excluded.until, source = excluded.source
        WHERE (known.until, known.source) IS DISTINCT FROM (excluded.until, excluded.source)
    """)
    return session.execute(statement).rowcount  # type: ignore[attr-defined, no-any-return]


def history(
    session: Session, identity: str | None, limit: int, before_id: int | None = None
) -> Sequence[SuppressionEvent]:
    """What was done to suppressions, newest first: of one person, or of all; `before_id` turns the page."""
    statement = select(SuppressionEvent).order_by(SuppressionEvent.id.desc()).limit(limit)
    if identity is not None:
        statement = statement.where(SuppressionEvent.phone_identity == identity)
    if before_id is not None:
        statement = statement.where(SuppressionEvent.id < before_id)
    return session.scalars(statement).all()

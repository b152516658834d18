"""The SQL of the desk: people found, what depends on templates, starts of a month."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from models.people import NAME_WORDS

LIVE = "('scheduled', 'preparing', 'running', 'paused')"
"""States of a campaign that still has something to send."""

_CONTACT = "SELECT id, phone_e164, name, region, last_inbound_at, updated_at FROM contact"


def newest_contacts(session: Session, before_id: int | None, limit: int) -> Sequence[Row[Any]]:
    """Everybody, newest first."""
    return session.execute(_NEWEST, {"before": before_id or MOST_ID, "limit": limit}).all()


_NEWEST = text(f"{_CONTACT} WHERE id < :before ORDER BY id DESC LIMIT :limit")
MOST_ID = 2**63 - 1


def contacts_named(session: Session, words: Sequence[str], before_id: int | None, limit: int) -> Sequence[Row[Any]]:
    """People in whose name a word begins with each of these, in any case and with any accents. Newest first.

    Where more than `MOST_ALIKE` are called so, the newest of those that were found first.
    """
    looked_for = " & ".join(f"'{_quoted(word)}':*" for word in words)
    values = {"words": looked_for, "before": before_id or MOST_ID, "limit": limit}
    return session.execute(_NAMED, values).all()


MOST_ALIKE = 1_000
"""People of one name among whom the newest are looked for; whoever looks for one of them writes more of the name."""

# Found first and sorted then: otherwise the newest might be followed through all people for a name that nobody has.
_NAMED = text(f"""
    WITH found AS MATERIALIZED (
        SELECT id FROM contact WHERE {NAME_WORDS} @@ CAST(:words AS tsquery) LIMIT {MOST_ALIKE}
    )
    {_CONTACT} WHERE id IN (SELECT id FROM found) AND id < :before ORDER BY id DESC LIMIT :limit
""")


def _quoted(word: str) -> str:
    """A word as it stands between the quotation marks of a search."""
    return word.replace("\\", "\\\\").replace("'", "''")


def contacts_of(session: Session, identities: Sequence[str]) -> Sequence[Row[Any]]:
    """The people with these identities."""
    statement = text(f"{_CONTACT} WHERE phone_identity = ANY(:identities) ORDER BY id DESC")
    return session.execute(statement, {"identities": list(identities)}).all()


def regions(session: Session) -> list[str]:
    """Countries in which phones may be written as at home: those of campaigns, and of the newest contacts."""
    return list(session.scalars(_REGIONS))


_REGIONS = text("""
    SELECT region FROM campaign WHERE region IS NOT NULL
    UNION SELECT region FROM (SELECT region FROM contact ORDER BY id DESC LIMIT 1000) AS newest
          WHERE region IS NOT NULL
    ORDER BY 1 LIMIT 30
""")


class TemplateUse(NamedTuple):
    """Live campaigns of a template, and their messages that WhatsApp holds."""

    template_id: int
    campaigns: int
    held: int


def template_use(session: Session) -> list[TemplateUse]:
    """The use of every template that a live campaign depends on."""
    return [TemplateUse(*row) for row in session.execute(_TEMPLATE_USE)]


_TEMPLATE_USE = text(f"""
    SELECT used.id, count(*), COALESCE(sum((t.counts ->> 'held')::bigint), 0)
    FROM campaign c LEFT JOIN campaign_tally t ON t.campaign_id = c.id
    CROSS JOIN LATERAL unnest(ARRAY[c.template_id] || c.template_ids) AS used(id)
    WHERE c.state IN {LIVE} GROUP BY used.id
""")


def campaigns_with(session: Session, template_id: int) -> Sequence[Row[Any]]:
    """Live campaigns that use a template, newest first."""
    return session.execute(_CAMPAIGNS_WITH, {"id": template_id}).all()


_CAMPAIGNS_WITH = text(f"""
    SELECT id, name, state FROM campaign
    WHERE state IN {LIVE} AND (template_id = :id OR :id = ANY(template_ids)) ORDER BY id DESC LIMIT 100
""")


def senders_by_account(session: Session) -> Mapping[str, Sequence[str]]:
    """Account to the names of its numbers."""
    rows = session.execute(text("SELECT account, array_agg(name ORDER BY name) AS names FROM sender GROUP BY account"))
    return {row.account: row.names for row in rows}


def starts_between(session: Session, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """Runs of schedules in a stretch of time, and campaigns that wait for a start in it."""
    return session.execute(_STARTS, {"since": since, "until": until}).all()


_STARTS = text("""
    SELECT r.campaign_name AS name, r.run_at AS at, s.zone, r.state, c.id AS campaign_id
    FROM schedule_run r JOIN schedule s ON s.id = r.schedule_id LEFT JOIN campaign c ON c.schedule_run_id = r.id
    WHERE r.run_at >= :since AND r.run_at < :until
    UNION ALL
    SELECT name, start_at, zone, NULL, id FROM campaign
    WHERE state = 'scheduled' AND schedule_run_id IS NULL AND start_at >= :since AND start_at < :until
    ORDER BY 2 LIMIT 2000
""")


def actors(session: Session) -> list[str]:
    """Everybody who stands in the audit log, by name; one index probe for each."""
    return list(session.scalars(_ACTORS))


_ACTORS = text("""
    WITH RECURSIVE each AS (
        (SELECT actor FROM audit_entry ORDER BY actor LIMIT 1)
        UNION ALL
        SELECT (SELECT actor FROM audit_entry WHERE actor > each.actor ORDER BY actor LIMIT 1)
        FROM each WHERE each.actor IS NOT NULL
    )
    SELECT actor FROM each WHERE actor IS NOT NULL LIMIT 500
""")

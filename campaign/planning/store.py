"""The SQL of planning: whom a portfolio has written to of late, and when a warm-up began."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaign.planning.ceiling import DAY


def used_by_hour(session: Session, portfolio: str, now: datetime) -> list[tuple[datetime, int]]:
    """People who count for a portfolio's messaging limit, by the hour in which they were last written to.

    returns  the latest instant of each hour that has any, oldest first, with its people
    source   platform.md E
    """
    values = {"portfolio": portfolio, "since": now - DAY}
    return [(row.last_at, row.people) for row in session.execute(_USED_BY_HOUR, values)]


_USED_BY_HOUR = text("""
    SELECT max(last_at) AS last_at, count(*) AS people
    FROM recipient_use WHERE portfolio = :portfolio AND last_at > :since
    GROUP BY date_trunc('hour', last_at) ORDER BY 1
""")


def begin_warm_up(session: Session, sender_id: int, now: datetime) -> None:
    """Note the first message of a sender's warm-up; later ones change nothing."""
    statement = text(
        "UPDATE sender SET warm_up_began_at = :now WHERE id = :id AND warm_up IS NOT NULL AND warm_up_began_at IS NULL"
    )
    session.execute(statement, {"id": sender_id, "now": now})

"""The SQL of notices. That one is written at all is the work of a trigger on campaigns, see migration 0012."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from models.access import Notice, Subscription


class DueNotice(NamedTuple):
    """A notice to be delivered now. `tries` counts this one."""

    id: int
    subscription_id: int
    event_id: str
    body: dict[str, Any]
    tries: int
    url: str
    secret_env: str


def claim_due(session: Session, *, now: datetime, until: datetime, each: int) -> list[DueNotice]:
    """Take notices whose time has come, at most `each` of one subscriber, so that none waits for another's.

    writes  tries + 1, and due again at `until` in case nobody says what became of it
    """
    rows = session.execute(_CLAIM, {"now": now, "until": until, "each": each})
    return [DueNotice(*tuple(row)) for row in rows]


# A second sweep waits for the rows of the first, sees that they are due no more, and leaves them alone.
_CLAIM = text("""
    WITH due AS (
        SELECT n.id, s.url, s.secret_env FROM subscription s CROSS JOIN LATERAL (
            SELECT id FROM notice
            WHERE subscription_id = s.id AND delivered_at IS NULL AND given_up_at IS NULL AND due_at <= :now
            ORDER BY due_at, id LIMIT :each
        ) n WHERE s.disabled_at IS NULL
    )
    UPDATE notice n SET tries = n.tries + 1, due_at = :until
    FROM due WHERE n.id = due.id AND n.due_at <= :now AND n.delivered_at IS NULL
    RETURNING n.id, n.subscription_id, n.event_id, n.body, n.tries, due.url, due.secret_env
""")


def keep_delivered(session: Session, notice_id: int, now: datetime) -> None:
    """It was taken."""
    session.execute(_DELIVERED, {"id": notice_id, "now": now})


_DELIVERED = text("UPDATE notice SET delivered_at = :now, last_error = NULL WHERE id = :id")


def keep_failed(session: Session, notice_id: int, error: str, due_at: datetime | None, now: datetime) -> None:
    """It was not taken: again at `due_at`, or given up."""
    session.execute(_FAILED, {"id": notice_id, "error": error, "due_at": due_at, "now": now})


_FAILED = text("""
    UPDATE notice SET last_error = :error, due_at = COALESCE(CAST(:due_at AS timestamptz), due_at),
                      given_up_at = CASE WHEN CAST(:due_at AS timestamptz) IS NULL THEN CAST(:now AS timestamptz) END
    WHERE id = :id
""")


def rest(session: Session, subscription_id: int, until: datetime) -> None:
    """Leave a subscriber that does not answer alone for a while."""
    session.execute(_REST, {"subscription_id": subscription_id, "until": until})


_REST = text("""
    UPDATE notice SET due_at = :until
    WHERE subscription_id = :subscription_id AND delivered_at IS NULL AND given_up_at IS NULL AND due_at < :until
""")


def give_up_beyond(session: Session, most: int, now: datetime) -> int:
    """Give up the oldest of a subscriber for whom more than so many wait; how many."""
    return len(session.execute(_BEYOND, {"most": most, "now": now}).all())


_BEYOND = text("""
    UPDATE notice SET given_up_at = :now, last_error = 'too many waited for this subscriber'
    WHERE id IN (
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY subscription_id ORDER BY id DESC) AS place FROM notice
            WHERE delivered_at IS NULL AND given_up_at IS NULL
        ) AS waiting WHERE place > :most
    ) RETURNING 1
""")


def forget(session: Session, before: datetime) -> None:
    """Take away what was delivered or given up long ago."""
    session.execute(_FORGET, {"before": before})


_FORGET = text("DELETE FROM notice WHERE delivered_at < :before OR given_up_at < :before")


def try_given_up_again(session: Session, subscription_id: int, now: datetime) -> int:
    """Begin anew with what was given up; how many."""
    return len(session.execute(_AGAIN, {"subscription_id": subscription_id, "now": now}).all())


_AGAIN = text("""
    UPDATE notice SET given_up_at = NULL, tries = 0, due_at = :now
    WHERE subscription_id = :subscription_id AND given_up_at IS NOT NULL RETURNING 1
""")


def standing(session: Session) -> Sequence[Row[Any]]:
    """Each subscription by name, with how many of its notices wait, were given up, and the last error of those."""
    return session.execute(_STANDING).all()


_STANDING = text("""
    SELECT s.name, s.url, s.secret_env, s.events, s.created_by, s.created_at,
           count(n.id) FILTER (WHERE n.delivered_at IS NULL AND n.given_up_at IS NULL) AS waiting,
           count(n.id) FILTER (WHERE n.given_up_at IS NOT NULL) AS given_up,
           max(n.delivered_at) AS delivered_at,
           (array_agg(n.last_error ORDER BY n.id DESC) FILTER (WHERE n.last_error IS NOT NULL))[1] AS last_error
    FROM subscription s LEFT JOIN notice n ON n.subscription_id = s.id
    GROUP BY s.id ORDER BY s.name
""")


def notices_of(session: Session, subscription_id: int, *, before_id: int | None, limit: int) -> list[Notice]:
    """Notices of one subscription, newest first."""
    query = select(Notice).where(Notice.subscription_id == subscription_id).order_by(Notice.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(Notice.id < before_id)
    return list(session.scalars(query))


def names(session: Session) -> list[str]:
    """The names of all subscriptions."""
    return list(session.scalars(select(Subscription.name).order_by(Subscription.name)))

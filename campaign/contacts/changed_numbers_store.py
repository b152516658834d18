"""The SQL of changed numbers: what the platform told of who left which number, and of whose user ids are."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaign.consent.identity_store import LEFT

MOST_PAIRS = 1_000
"""User ids and numbers that are read at once: more is a broken stream of events, not a person."""


class ChangedTo(NamedTuple):
    """Somebody with a number has been told to have another one since, in digits; and when that was noted."""

    phone_identity: str
    phone_e164: str
    digits: str
    created_at: datetime


class Left(NamedTuple):
    """A number was left, by the platform's clock; and when that was noted."""

    phone_identity: str
    occurred_at: datetime
    recorded_at: datetime


def changes_around(session: Session, identities: Sequence[str], digits: Sequence[str]) -> list[ChangedTo]:
    """Changes from numbers and to them; `digits` are all their spellings."""
    rows = session.execute(_CHANGES, {"identities": list(identities), "digits": list(digits), "most": MOST_PAIRS})
    return [ChangedTo(*row) for row in rows]


# The platform's user ids have letters in them; digits alone are a number that somebody changed to.
_NUMBER = "user_id ~ '^[0-9]+$'"
_CHANGES = text(f"""
    SELECT phone_identity, phone_e164, user_id, created_at FROM known_user
    WHERE (phone_identity = ANY(:identities) OR user_id = ANY(:digits)) AND {_NUMBER}
    ORDER BY created_at, user_id LIMIT :most
""")


def left(session: Session, identities: Sequence[str]) -> list[Left]:
    """When numbers were left."""
    rows = session.execute(_LEFT, {"identities": list(identities), "left": LEFT})
    return [Left(*row) for row in rows]


_LEFT = text("""
    SELECT phone_identity, occurred_at, recorded_at FROM consent_event
    WHERE phone_identity = ANY(:identities) AND source = :left
""")


def same_user_ids(session: Session, identities: Sequence[str]) -> list[tuple[str, str, str]]:
    """User ids and numbers: all that is known of numbers that share a user id with these."""
    rows = session.execute(_SAME_USER_IDS, {"identities": list(identities), "most": MOST_PAIRS})
    return [(row.user_id, row.phone_identity, row.phone_e164) for row in rows]


_SAME_USER_IDS = text(f"""
    SELECT user_id, phone_identity, phone_e164 FROM known_user
    WHERE NOT {_NUMBER} AND phone_identity IN (
        SELECT beside.phone_identity FROM known_user AS own JOIN known_user AS beside USING (user_id)
        WHERE own.phone_identity = ANY(:identities) AND NOT own.{_NUMBER})
    ORDER BY created_at, user_id, phone_identity LIMIT :most
""")


def heard_of_since(session: Session, identities: Sequence[str]) -> set[str]:
    """Numbers of which something was heard that only somebody who has them can have caused, after they were last left.

    A contact that is younger, a word of the person's own, an opt-in. What people at work withdraw proves nobody.
    """
    return set(session.scalars(_HEARD_OF, {"identities": list(identities), "left": LEFT}))


_HEARD_OF = text("""
    SELECT gone.phone_identity FROM (
        SELECT phone_identity, max(occurred_at) AS at FROM consent_event
        WHERE phone_identity = ANY(:identities) AND source = :left GROUP BY phone_identity
    ) AS gone
    WHERE EXISTS (SELECT FROM contact WHERE contact.phone_identity = gone.phone_identity AND created_at > gone.at)
       OR EXISTS (SELECT FROM consent_event AS said
                  WHERE said.phone_identity = gone.phone_identity AND said.occurred_at > gone.at
                    AND (said.action = 'opt_in' OR said.source IN ('reply', 'button', 'preference')))
""")

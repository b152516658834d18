"""The SQL of recipients: pages of a list in either direction, whoever is searched for, one person's way.

A statement holds only the conditions that are asked for, so that each finds its index. Ids of one list lie together and
rise with its rows: the primary key turns the pages, and a row is found by halving.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from campaign.overview.store import UNREACHED, literal
from models.states import MessageState


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows: those after a cursor, or the last ones before one."""

    after: int = 0
    before: int | None = None
    limit: int = 50

    @property
    def order(self) -> str:
        """Backwards, the nearest come first."""
        return "ASC" if self.before is None else "DESC"

    def condition(self, column: str) -> str:
        """What the cursor asks of a column."""
        return f"{column} > :after" if self.before is None else f"{column} < :before"

    def values(self) -> dict[str, Any]:
        """What stands in the statement."""
        return {"after": self.after, "before": self.before, "limit": self.limit}

    def in_order(self, rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
        """The rows as the list has them."""
        return rows if self.before is None else rows[::-1]


_COLUMNS = """
    m.id, m.row_number, m.phone_e164, m.name, m.state, m.reason, m.error_code, m.error_text, m.attempt, m.due_at,
    m.accepted_at, m.held_at, m.sent_at, m.delivered_at, m.read_at, m.failed_at, m.expired_at, m.queued_at,
    m.user_id
"""
_UNREACHED = ", ".join(f"'{state}'" for state in UNREACHED)


def of_campaign(
    session: Session, campaign_id: int, page: Page, *, state: MessageState | None = None
) -> Sequence[Row[Any]]:
    """Messages of a campaign in the order of its list; of one state when given."""
    return _listed(session, campaign_id, page, state, [], {})


class Stretch(NamedTuple):
    """What was found in a stretch of a list.

    until  the id at which looking stopped; None: the page is full, or the list is at its end
    share  of the list that lies before it, 0..1
    """

    rows: Sequence[Row[Any]]
    until: int | None
    share: float


STRETCH = 100_000
"""Messages that are looked through for a name at once, half as many for one with other letters than ASCII: no index
tells names, since it would slow every upload."""


def named(session: Session, campaign_id: int, page: Page, name: str, *, state: MessageState | None = None) -> Stretch:
    """Messages of a campaign with a part of a name, in the next stretch of its list from the page's cursor on."""
    first, last = (bound or 0 for bound in _bounds(session, campaign_id).values())
    length = STRETCH if name.isascii() else STRETCH // 2
    if page.before is None:
        low = max(first, page.after + 1)
        high = min(last, low + length - 1)
    else:
        high = min(last, page.before - 1)
        low = max(first, high - length + 1)
    # Half as much work as without the collation, which folds ASCII alone: the other letters come in each case.
    conditions = ["m.id BETWEEN :low AND :high", 'm.name COLLATE "C" ILIKE ANY (:names)']
    values = {"low": low, "high": high, "names": [f"%{literal(each)}%" for each in _cases(name)]}
    rows = _listed(session, campaign_id, page, state, conditions, values)
    over = len(rows) >= page.limit or (high >= last if page.before is None else low <= first)
    until = None if over else high if page.before is None else low
    return Stretch(rows, until, (high - first + 1) / max(1, last - first + 1))


def _listed(
    session: Session, campaign_id: int, page: Page, state: MessageState | None, more: list[str], also: dict[str, Any]
) -> Sequence[Row[Any]]:
    session.execute(text("SET LOCAL statement_timeout = '5s'"))
    conditions = ["m.campaign_id = :campaign_id", page.condition("m.id"), *more]
    values: dict[str, Any] = {"campaign_id": campaign_id} | page.values() | also
    if state is not None:
        # Written out, so that what is rarely so is found by its partial index.
        conditions.append(f"m.state = '{state.value}'")
    if state in UNREACHED:
        conditions.append(f"m.state IN ({_UNREACHED})")
    else:
        # Given as numbers, since the planner does not see how far two columns of another table lie apart.
        values |= _bounds(session, campaign_id)
        conditions.append("m.id BETWEEN :first AND :last")
    statement = f"""
        SELECT {_COLUMNS} FROM message m WHERE {" AND ".join(conditions)} ORDER BY m.id {page.order} LIMIT :limit
    """
    return page.in_order(session.execute(text(statement), values).all())


def _cases(name: str) -> list[str]:
    return [name] if name.isascii() else sorted({name, name.lower(), name.upper(), name.title(), name.capitalize()})


def _bounds(session: Session, campaign_id: int) -> dict[str, Any]:
    """The first and the last id of a campaign's messages, when it was last counted."""
    row = session.execute(_BOUNDS, {"campaign_id": campaign_id}).one_or_none()
    return {"first": None, "last": None} if row is None else dict(row._mapping)


_BOUNDS = text("""
    SELECT first_message_id AS first, last_message_id AS last FROM campaign_tally WHERE campaign_id = :campaign_id
""")


def by_phone(
    session: Session, campaign_id: int, page: Page, *, first: str, end: str, state: MessageState | None = None
) -> Sequence[Row[Any]]:
    """Messages of a campaign to phone identities from `first` on, before `end`, in the order of the list."""
    narrowed = "" if state is None else f"AND m.state = '{state.value}'"
    # Found first and sorted then: otherwise the page order might be followed through the whole list.
    statement = f"""
        WITH found AS MATERIALIZED (
            SELECT {_COLUMNS} FROM message m
            WHERE m.campaign_id = :campaign_id AND m.phone_identity >= :first AND m.phone_identity < :end {narrowed}
            ORDER BY m.phone_identity LIMIT {MOST_ALIKE}
        )
        SELECT * FROM found m WHERE {page.condition("m.id")} ORDER BY m.id {page.order} LIMIT :limit
    """
    values = {"campaign_id": campaign_id, "first": first, "end": end} | page.values()
    return page.in_order(session.execute(text(statement), values).all())


MOST_ALIKE = 10_000
"""Phones that begin alike of which the list is made; whoever looks for one writes more digits."""


def of_row(session: Session, campaign_id: int, row_number: int) -> Row[Any] | None:
    """The message of one row of the list."""
    return session.execute(_OF_ROW, {"campaign_id": campaign_id, "row": row_number}).one_or_none()


# Halving ends at the first message whose row is not before the one that is looked for.
_OF_ROW = text(f"""
    WITH RECURSIVE halving(low, high) AS (
        SELECT first_message_id, last_message_id FROM campaign_tally WHERE campaign_id = :campaign_id
        UNION ALL
        SELECT CASE WHEN at.row_number < :row THEN at.id + 1 ELSE h.low END,
               CASE WHEN at.row_number < :row THEN h.high ELSE (h.low + h.high) / 2 END
        FROM halving h CROSS JOIN LATERAL (
            SELECT id, row_number FROM message
            WHERE campaign_id = :campaign_id AND id >= (h.low + h.high) / 2 ORDER BY id LIMIT 1
        ) AS at
        WHERE h.low < h.high
    )
    SELECT * FROM (
        SELECT {_COLUMNS} FROM message m
        WHERE m.campaign_id = :campaign_id AND m.id >= (SELECT max(low) FROM halving) ORDER BY m.id LIMIT 1
    ) AS nearest WHERE row_number = :row
""")


def refused_rows(
    session: Session, campaign_id: int, page: Page, *, search: str | None = None, row: int | None = None
) -> Sequence[Row[Any]]:
    """Rows of the list that became no message: row_number, reason, text, raw; with a text in them, or just one row."""
    session.execute(text("SET LOCAL statement_timeout = '5s'"))
    conditions = ["a.campaign_id = :campaign_id", page.condition("r.row_number")]
    if row is not None:
        conditions.append("r.row_number = :row")
    if search is not None:
        conditions.append("CAST(r.raw AS text) ILIKE :search")
    statement = f"""
        SELECT r.row_number, r.reason, r.text, r.raw, a.phone_column
        FROM audience_import a JOIN rejected_row r ON r.import_id = a.id
        WHERE {" AND ".join(conditions)} ORDER BY r.row_number {page.order} LIMIT :limit
    """
    values = {"campaign_id": campaign_id, "row": row, "search": search and f"%{literal(search)}%"} | page.values()
    return page.in_order(session.execute(text(statement), values).all())


def attempts(session: Session, message_id: int) -> Sequence[Row[Any]]:
    """The superseded attempts of a message, first one first."""
    return session.execute(_ATTEMPTS, {"message_id": message_id}).all()


_ATTEMPTS = text("""
    SELECT number, ended_as, error_code, error_text, claimed_at, ended_at, accepted_at, held_at, sent_at, delivered_at,
           read_at, failed_at
    FROM attempt WHERE message_id = :message_id ORDER BY number
""")


def answers(session: Session, message_id: int) -> Sequence[Row[Any]]:
    """What the person answered to a message: when, of what kind, the words, and whether it opted out."""
    return session.execute(_ANSWERS, {"message_id": message_id}).all()


_ANSWERS = text("""
    SELECT received_at, kind, text, opts_out FROM reply WHERE message_id = :message_id ORDER BY received_at LIMIT 50
""")

"""The SQL of plain reports: one statement merges those of a whole batch. Its states come from `models.states`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from campaign.webhooks.facts import REACHED
from models.states import MessageState, Signal, next_state

S = MessageState

PLAIN_STATES = (S.ACCEPTED, S.SENT, S.DELIVERED, S.READ)
"""A plain message has left us once and was never refused, held, in doubt or given up."""


class Merged(NamedTuple):
    """What became of one wamid of a plain message: its place, from 1, and the message.

    changed  it was told something new
    met      the user id of its person is among that
    """

    place: int
    message_id: int
    changed: bool
    met: bool


PRICE_COLUMNS: Mapping[str, str] = {
    "category": "text",
    "billable": "boolean",
    "pricing_model": "text",
    "pricing_type": "text",
}
"""What a message costs, with types. Of two words the later in the alphabet wins, of two yeses the yes."""


class PlainReports(NamedTuple):
    """Reports by column, one row per wamid. `price`: place in `prices`, from 1; 0 where none was told."""

    wamid: Sequence[str]
    sent_at: Sequence[datetime | None]
    delivered_at: Sequence[datetime | None]
    read_at: Sequence[datetime | None]
    price: Sequence[int]
    user_id: Sequence[str | None]
    prices: Sequence[Sequence[str | bool | None]]


def save_plain(session: Session, reports: PlainReports) -> list[Merged]:
    """Merge what was told of plain messages into them; for each wamid that is one's, what that came to.

    locks  the messages, in the order of their ids, until the caller commits
    """
    instants = _Instants()
    values: dict[str, Any] = {
        "wamid": _texts(reports.wamid),
        "sent_at": instants.array(reports.sent_at),
        "delivered_at": instants.array(reports.delivered_at),
        "read_at": instants.array(reports.read_at),
        "price": f"{{{','.join(map(str, reports.price))}}}",
        "user_id": _nullable(reports.user_id),
    }
    # Few prices and many reports: each price is said once.
    prices = zip(*reports.prices, strict=True) if reports.prices else ((),) * len(PRICE_COLUMNS)
    values |= {name: list(column) for name, column in zip(PRICE_COLUMNS, prices, strict=True)}
    return [Merged(*row) for row in session.connection().exec_driver_sql(_SAVE_PLAIN, values)]


class _Instants(dict[datetime | None, str]):
    """Instants as an array of PostgreSQL has them; most come many times, for the platform tells whole seconds."""

    def __missing__(self, instant: datetime | None) -> str:
        written = self[instant] = "NULL" if instant is None else f'"{instant}"'
        return written

    def array(self, instants: Iterable[datetime | None]) -> str:
        return f"{{{','.join([self[instant] for instant in instants])}}}"


def _nullable(texts: Sequence[str | None]) -> str:
    if any(texts):
        return f"{{{','.join('NULL' if each is None else _texts([each])[1:-1] for each in texts)}}}"
    return f"{{{','.join(['NULL'] * len(texts))}}}"


def _texts(texts: Sequence[str]) -> str:
    joined = '","'.join(texts)
    if "\\" in joined or joined.count('"') != 2 * (len(texts) - 1):
        joined = '","'.join(each.replace("\\", "\\\\").replace('"', '\\"') for each in texts)
    return f'{{"{joined}"}}'


def _listed(states: Iterable[MessageState]) -> str:
    return ", ".join(f"'{state.value}'" for state in states)


def _moved(signal: Signal) -> str:
    """The state after a signal, by the table of moves."""
    moves = ((was, next_state(was, signal) or was) for was in PLAIN_STATES)
    cases = " ".join(f"WHEN '{was.value}' THEN '{then.value}'" for was, then in moves)
    return f"CASE m.state {cases} END"


def _dearer(name: str, type_: str) -> str:
    # As Python compares words, whatever the order of the database's own language.
    order = ' COLLATE "C"' if type_ == "text" else ""
    return f"GREATEST(m.{name}{order}, (%({name})s::{type_}[])[new.price])"


# One that would have to be given its end by its template's time to live is not plain, see facts.set_expiry.
_IS_PLAIN = f"""
    m.state IN ({_listed(PLAIN_STATES)}) AND m.attempt <= 1 AND m.failed_at IS NULL AND m.reason IS NULL
    AND m.error_code IS NULL AND m.error_text IS NULL
    AND (m.expires_at IS NOT NULL OR m.claimed_at IS NULL OR m.state IN ({_listed(REACHED)})
         OR new.delivered_at IS NOT NULL OR new.read_at IS NOT NULL)
"""

_TOLD: Mapping[str, str] = {
    "wamid": "text",
    "sent_at": "timestamptz",
    "delivered_at": "timestamptz",
    "read_at": "timestamptz",
    "price": "int",
    "user_id": "text",
}

BECOMES: Mapping[str, str] = {
    "state": f"""
        CASE WHEN COALESCE(m.read_at, new.read_at) IS NOT NULL THEN {_moved(Signal.READ_SEEN)}
             WHEN COALESCE(m.delivered_at, new.delivered_at) IS NOT NULL THEN {_moved(Signal.DELIVERED_SEEN)}
             WHEN COALESCE(m.sent_at, new.sent_at) IS NOT NULL THEN {_moved(Signal.SENT_SEEN)} ELSE m.state END
    """,
    "sent_at": "LEAST(m.sent_at, new.sent_at)",
    "delivered_at": "LEAST(m.delivered_at, new.delivered_at)",
    "read_at": "LEAST(m.read_at, new.read_at)",
    **{name: _dearer(name, type_) for name, type_ in PRICE_COLUMNS.items()},
    "user_id": 'GREATEST(m.user_id COLLATE "C", new.user_id)',
    "expires_at": f"""
        CASE WHEN m.state NOT IN ({_listed(REACHED)})
             AND COALESCE(m.delivered_at, new.delivered_at, m.read_at, new.read_at) IS NULL THEN m.expires_at END
    """,
}
"""What plain reports may change, and what it becomes."""

# Locked in the order of ids first, like everywhere, and changed then. The planner is not told how much was told: it
# would walk the table for a large batch.
_SAVE_PLAIN = f"""
    WITH plain AS MATERIALIZED (
        SELECT m.id, new.place, becomes.*, COALESCE(new.user_id <> COALESCE(m.user_id, ''), false) AS met,
               ({", ".join(f"m.{name}" for name in BECOMES)})
               IS DISTINCT FROM ({", ".join(f"becomes.{name}" for name in BECOMES)}) AS news
        FROM unnest({", ".join(f"(SELECT %({name})s::{type_}[])" for name, type_ in _TOLD.items())})
             WITH ORDINALITY AS new({", ".join(_TOLD)}, place)
             JOIN message m ON m.wamid = new.wamid
             CROSS JOIN LATERAL (SELECT {", ".join(f"{value} AS {name}" for name, value in BECOMES.items())}) becomes
        WHERE {_IS_PLAIN}
        ORDER BY m.id FOR NO KEY UPDATE OF m
    ), changed AS (
        UPDATE message SET {", ".join(f"{name} = plain.{name}" for name in BECOMES)}
        FROM plain WHERE message.id = plain.id AND plain.news
    )
    SELECT place, id, news, met FROM plain
"""

"""The two zeros, by the platform's own ledger: nobody written to twice, no row lost."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from campaign.callback import read_callback
from models.states import FINAL_STATES, MessageState
from tests.chaos.engine_room import EngineRoom

REACHED = {MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED, MessageState.READ}


@dataclass(frozen=True)
class Verdict:
    """What became of the rows of some campaigns.

    sends       messages that the platform took
    duplicates  people written to more than once by one campaign
    lost        rows that are gone, not at an end, or said to be what the ledger does not know
    doubted     messages that were uncertain at some time
    in_doubt    messages that still are
    unheard     messages that the platform took although no answer of it was recorded
    """

    sends: int
    duplicates: int
    lost: int
    doubted: int
    in_doubt: int
    unheard: int
    examples: tuple[str, ...] = ()


def judge(room: EngineRoom, expected: Mapping[int, int]) -> dict[int, Verdict]:
    """A verdict for each campaign id; `expected` says how many rows each has."""
    taken: dict[int, Counter[int]] = {campaign_id: Counter() for campaign_id in expected}
    for entry in room.taken():
        callback = read_callback(entry["callback_data"])
        if callback is not None and callback.campaign_id in taken:
            taken[callback.campaign_id][callback.message_id] += 1
    with room.sessions() as session:
        rows = session.execute(_ROWS, {"ids": list(expected)}).all()
    return {
        id_: _verdict([row for row in rows if row.campaign_id == id_], taken[id_], count)
        for id_, count in expected.items()
    }


_ROWS = text("""
    SELECT m.id, m.campaign_id, m.phone_e164, m.state, m.accepted_at,
           m.uncertain_at IS NOT NULL OR EXISTS (
               SELECT 1 FROM attempt a WHERE a.message_id = m.id AND a.ended_as = 'absent'
           ) AS doubted
    FROM message m WHERE m.campaign_id = ANY(:ids)
""")


def _verdict(rows: list[Any], taken: Counter[int], expected: int) -> Verdict:
    wrong = [row for row in rows if not _true(row, taken[row.id])]
    return Verdict(
        sends=taken.total(),
        duplicates=sum(1 for count in taken.values() if count > 1),
        lost=expected - len(rows) + len(wrong),
        doubted=sum(row.doubted for row in rows),
        in_doubt=sum(row.state == MessageState.UNCERTAIN for row in rows),
        unheard=sum(taken[row.id] > 0 and row.accepted_at is None for row in rows),
        examples=tuple(f"message {row.id}: {row.state}, taken {taken[row.id]} times" for row in wrong[:3]),
    )


def _true(row: Any, taken: int) -> bool:
    """Whether a row is at an end that the ledger bears out. What is in doubt is counted by itself."""
    if row.state == MessageState.UNCERTAIN:
        return True
    if row.state not in FINAL_STATES | REACHED:
        return False
    return (row.state in REACHED) == (taken > 0)


def total(verdicts: Mapping[int, Verdict]) -> Verdict:
    """All campaigns together."""
    each = list(verdicts.values())
    sums = {name: sum(getattr(one, name) for one in each) for name in _COLUMNS}
    return Verdict(**sums, examples=tuple(example for one in each for example in one.examples)[:3])


def table(title: str, verdicts: Mapping[str, Verdict]) -> str:
    """The figures of a proof, a line for each harm."""
    width = max(len(title), *map(len, verdicts))
    head = f"{title:<{width}}" + "".join(f"{name:>12}" for name in _COLUMNS)
    lines = [
        f"{name:<{width}}" + "".join(f"{getattr(verdict, column):>12,}" for column in _COLUMNS)
        for name, verdict in verdicts.items()
    ]
    return "\n".join(["", head, *lines])


_COLUMNS = ("sends", "duplicates", "lost", "doubted", "in_doubt", "unheard")

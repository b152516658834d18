"""The report against the platform's own ledger, line by line. Pure.

The sandbox writes down what it took and what became of it; the report says what we believe. Both must tell one story.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_SHOWN = 10

NEVER_TAKEN = {"refused", "skipped", "failed", "queued"}
"""Statuses of a row that the platform never took. A row that failed at the door has no message id."""


@dataclass
class Comparison:
    """What differs, in words; empty when report and ledger agree."""

    messages: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def agree(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def compare(report: Iterable[Mapping[str, str]], ledger: Iterable[Mapping[str, Any]]) -> Comparison:
    """Hold every row that became a message against the ledger, and every message of the ledger against the rows."""
    taken = {entry["wamid"]: entry for entry in ledger if entry["wamid"]}
    result = Comparison(messages=len(taken))
    seen: set[str] = set()
    for row in report:
        _compare_row(row, taken, seen, result)
    for wamid in taken.keys() - seen:
        result.differences.append(f"the platform took {wamid} for {taken[wamid]['to']}, and no row has it")
    _find_repeats(taken.values(), result)
    return result


def _compare_row(
    row: Mapping[str, str], taken: Mapping[str, Mapping[str, Any]], seen: set[str], result: Comparison
) -> None:
    wamid, where = row["wamid"], f"row {row['row']}"
    if not wamid:
        if row["status"] not in NEVER_TAKEN:
            result.differences.append(f"{where} is {row['status']} and has no message id")
        return
    entry = taken.get(wamid)
    if entry is None:
        result.differences.append(f"{where} has message {wamid}, which the platform never took")
        return
    seen.add(wamid)
    if _digits(entry["to"]) != _digits(row["phone"]):
        result.differences.append(f"{where} was meant for {row['phone']} and went to {entry['to']}")
    if entry["truth"] != row["status"]:
        result.differences.append(f"{where} is {row['status']}, but the platform says {entry['truth']}")


def _find_repeats(entries: Iterable[Mapping[str, Any]], result: Comparison) -> None:
    people: dict[str, str] = {}
    for entry in entries:
        person = str(entry["wa_id"])
        if person in people:
            result.differences.append(f"{entry['to']} was sent {people[person]} and {entry['wamid']}: twice")
        people[person] = entry["wamid"]


def _digits(phone: str) -> str:
    return "".join(character for character in phone if character.isdigit())

"""The report against the platform's own ledger, line by line. Pure.

The sandbox writes down what it took, what became of it, and what of that the receiver was told; the report says what we
believe. Both must tell one story, as far as it was told: where webhooks are lost, a row is open and says what it waits
for, or has expired.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.states import OPEN_STATES

MOST_SHOWN = 10

NEVER_TAKEN = {"refused", "skipped", "failed", "queued"}
"""Statuses of a row that the platform never took. A row that failed at the door has no message id."""

FURTHEST = ("read", "delivered", "failed", "sent")
"""What a message may be told to be; the first that was told counts: one device may have it and another not."""

IN_VAIN = {"failed", "dropped"}
"""What an attempt may come to that was followed by another."""


@dataclass
class Comparison:
    """What differs, in words; empty when report and ledger agree.

    open     rows that are not at their end, by what they wait for
    expired  rows whose time ran out without a report
    """

    messages: int = 0
    differences: list[str] = field(default_factory=list)
    open: Counter[str] = field(default_factory=Counter)
    expired: int = 0

    @property
    def agree(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def compare(report: Iterable[Mapping[str, str]], ledger: Iterable[Mapping[str, Any]]) -> Comparison:
    """Hold every row that became a message against the ledger, and every message of the ledger against the rows."""
    taken = {entry["wamid"]: entry for entry in ledger if entry["wamid"]}
    result = Comparison(messages=len(taken))
    seen: set[str] = set()
    waiting: set[str] = set()
    for row in report:
        _compare_row(row, taken, seen, result)
        if int(row.get("attempts") or 0) > 1 or row["status"] in OPEN_STATES:
            waiting.add(_digits(row["phone"]))
    for wamid in taken.keys() - seen:
        # An attempt that was followed by another, or whose answer was lost and whose row says so.
        if _digits(taken[wamid]["to"]) not in waiting:
            result.differences.append(f"the platform took {wamid} for {taken[wamid]['to']}, and no row has it")
    _find_repeats(taken.values(), result)
    return result


def _compare_row(
    row: Mapping[str, str], taken: Mapping[str, Mapping[str, Any]], seen: set[str], result: Comparison
) -> None:
    wamid, where, status = row["wamid"], f"row {row['row']}", row["status"]
    if status in OPEN_STATES:
        result.open[row.get("reason", "")] += 1
        if not row.get("reason"):
            result.differences.append(f"{where} is {status} and does not say what it waits for")
    if not wamid:
        if status not in NEVER_TAKEN and status != "uncertain":
            result.differences.append(f"{where} is {status} and has no message id")
        return
    entry = taken.get(wamid)
    if entry is None:
        result.differences.append(f"{where} has message {wamid}, which the platform never took")
        return
    seen.add(wamid)
    if _digits(entry["to"]) != _digits(row["phone"]):
        result.differences.append(f"{where} was meant for {row['phone']} and went to {entry['to']}")
    told = _told(entry)
    result.expired += status == "expired"
    if status not in (entry["truth"], told) and not (status == "expired" and told in OPEN_STATES):
        says = entry["truth"] if entry["truth"] == told else f"{entry['truth']}, and has told {told}"
        result.differences.append(f"{where} is {status}, but the platform says {says}")


def _told(entry: Mapping[str, Any]) -> str:
    """How far a message came as far as the receiver was told; without its statuses, the truth."""
    if "statuses" not in entry:
        return str(entry["truth"])
    words = {each["status"] for each in entry["statuses"] if each["delivered_to_receiver"]}
    furthest = next((word for word in FURTHEST if word in words), None)
    if furthest == "failed" and entry["truth"] == "dropped":
        return "dropped"
    return furthest or ("accepted" if entry["outcome"] == "accepted" else "held")


def _find_repeats(entries: Iterable[Mapping[str, Any]], result: Comparison) -> None:
    people: dict[str, str] = {}
    for entry in entries:
        if entry["truth"] in IN_VAIN:
            continue
        person = str(entry["wa_id"])
        if person in people:
            result.differences.append(f"{entry['to']} was sent {people[person]} and {entry['wamid']}: twice")
        people[person] = entry["wamid"]


def _digits(phone: str) -> str:
    return "".join(character for character in phone if character.isdigit())

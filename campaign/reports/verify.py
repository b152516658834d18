"""A recipients report that was written before, against what the database has now.

A row may have changed since: late webhooks bring a message further. Whatever no webhook explains, was altered.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from campaign.errors import BadList, NotFound, UsageError
from campaign.lifecycle import find_campaign
from campaign.reports import store
from campaign.reports.csv_file import as_texts
from campaign.reports.recipients import COLUMNS, recipient_lines
from models.campaign import Campaign
from models.states import TRANSITIONS

ERASED = "erased"
"""What stands for the phone of a person who was erased, see docs/consent.md."""

LOOKED_AT = 1000
"""Lines at the beginning of a file among which one has to name a message that we know."""

_AT = {name: place for place, name in enumerate(COLUMNS)}
_LASTING = ("row", "phone", "name", "queued_at")
_EARLIEST = ("accepted_at", "held_at", "sent_at", "delivered_at", "read_at", "failed_at", "expired_at")
_BETTERED = ("category", "billable")


@dataclass
class Verified:
    """How a file compares with the database.

    same     lines that are equal
    changed  lines that differ because their message got further since: how, to how many
    first    the first line that has changed since, in words
    altered  lines that nothing explains; `wrong` is the first of them, in words
    """

    campaign: str
    same: int = 0
    changed: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    altered: int = 0
    wrong: str | None = None

    @property
    def holds(self) -> bool:
        """Whether every line is what it was, or has changed since for a reason."""
        return not self.altered


def verify_report(session: Session, path: Path, name: str | None = None) -> Verified:
    """Compare a recipients report line by line, in bounded memory.

    name    of the campaign; None: by the messages that the file names
    raises  NotFound, UsageError, BadList when the file is no recipients report
    """
    campaign = find_campaign(session, name) if name else _campaign_of(session, path)
    result = Verified(campaign.name)
    now = (as_texts(line) for line in recipient_lines(session, campaign.id))
    with _lines(path) as then:
        for told, new in zip_longest(then, now):
            _compare(told, new, result)
    return result


def _campaign_of(session: Session, path: Path) -> Campaign:
    with _lines(path) as lines:
        wamids = [line[_AT["wamid"]] for _, line in islice(lines, LOOKED_AT) if line[_AT["wamid"]]]
    found = store.campaign_of_wamid(session, wamids) if wamids else None
    campaign = session.get(Campaign, found) if found else None
    if campaign is None:
        raise UsageError(f"{path} names no message that is known here; name the campaign with --campaign NAME")
    return campaign


@contextmanager
def _lines(path: Path) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """The lines of a report with their numbers in the file, 2 for the first after the header."""
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            if tuple(next(reader, ())) != COLUMNS:
                raise BadList(f"{path} is no recipients report: its first line is not {COLUMNS[0]},{COLUMNS[1]},…")
            yield _numbered(path, reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadList(f"{path} cannot be read as CSV: {error}") from None


def _numbered(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    before = reader.line_num
    for line in reader:
        if len(line) != len(COLUMNS):
            raise BadList(f"{path} line {before + 1} has {len(line)} cells, and there are {len(COLUMNS)} columns")
        yield before + 1, line
        # A cell may hold line breaks: the number is that of the line's beginning.
        before = reader.line_num


def _compare(told: tuple[int, list[str]] | None, new: list[str] | None, result: Verified) -> None:
    """One line of the file and one of the database; None where either has come to its end."""
    if told is None:
        _alter(result, f"the file ends before row {new[0] if new else ''}")
    elif new is None:
        _alter(result, f"line {told[0]}: the database has no row {told[1][0]}")
    elif told[1] == new:
        result.same += 1
    else:
        _explain(f"line {told[0]} (row {told[1][0]})", _cells(told[1]), _cells(new), result)


def _cells(line: Sequence[str]) -> Mapping[str, str]:
    return dict(zip(COLUMNS, line, strict=True))


def _alter(result: Verified, words: str) -> None:
    result.altered += 1
    result.wrong = result.wrong or words


def _explain(where: str, old: Mapping[str, str], new: Mapping[str, str], result: Verified) -> None:
    if strange := unexplained(old, new):
        cell = f"{strange} is {old[strange] or 'empty'}, the database has {new[strange] or 'nothing'}"
        _alter(result, f"{where}: {cell}")
        return
    moved = _moved(old, new)
    result.changed[moved] = result.changed.get(moved, 0) + 1
    result.first = result.first or f"{where}: {moved}"


def _moved(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    if new["phone"] == ERASED:
        return ERASED
    alike = old["status"] == new["status"]
    return f"{old['status']}, more is known" if alike else f"{old['status']} to {new['status']}"


def unexplained(old: Mapping[str, str], new: Mapping[str, str]) -> str | None:
    """The first column whose change no webhook, send, decision or erasure explains; None where all is. Pure."""
    if new["phone"] == ERASED and new["row"] == old["row"]:
        return None
    differing = [name for name in COLUMNS if old[name] != new[name]]
    if lasting := [name for name in differing if name in _LASTING]:
        return lasting[0]
    tried_again = int(new["attempts"] or 0) > int(old["attempts"] or 0)
    if old["status"] != new["status"]:
        # A file that knew the milestone knew the state.
        told = old.get(f"{new['status']}_at") and not tried_again
        return "status" if told or new["status"] not in reachable(old["status"]) else None
    if tried_again:
        return None
    return next((name for name in differing if not _added(name, old[name], new[name])), None)


def _added(name: str, old: str, new: str) -> bool:
    """Whether a cell was filled, or a milestone turned out to be earlier: the earliest report counts."""
    return not old or (name in _EARLIEST and "" < new < old) or (name in _BETTERED and bool(new))


@cache
def reachable(state: str) -> frozenset[str]:
    """The states that a message may come to from a state."""
    found: set[str] = set()
    ahead = {state}
    while ahead:
        found |= ahead
        ahead = {move.target.value for move in TRANSITIONS if move.source.value in ahead} - found
    return frozenset(found - {state})

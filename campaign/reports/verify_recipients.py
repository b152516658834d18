"""A recipients report line by line. A row may have changed since: late webhooks bring a message further.

Whatever no webhook, send, decision or erasure explains, was altered.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import zip_longest

from sqlalchemy.orm import Session

from campaign.reports.csv_file import as_texts
from campaign.reports.open_rows import OPEN_REASONS
from campaign.reports.recipients import COLUMNS, recipient_lines
from campaign.reports.told import ToldLine, Verified
from models.campaign import Campaign
from models.states import TRANSITIONS

ERASED = "erased"
"""What stands for the phone of a person who was erased, see docs/consent.md."""

FEWEST = COLUMNS.index("billable") + 1
"""Columns that the report has had from the beginning; an earlier version wrote no more."""

_LASTING = ("row", "phone", "name", "queued_at")
_EARLIEST = ("accepted_at", "held_at", "sent_at", "delivered_at", "read_at", "failed_at", "expired_at")
_BETTERED = ("category", "billable", "pricing_model", "pricing_type", "user_id")


def compare_recipients(session: Session, campaign: Campaign, then: Iterator[ToldLine], result: Verified) -> None:
    """Compare line by line, in bounded memory."""
    now = (as_texts(line) for line in recipient_lines(session, campaign.id))
    for told, new in zip_longest(then, now):
        _compare(told, new, result)


def _compare(told: ToldLine | None, new: list[str] | None, result: Verified) -> None:
    """One line of the file and one of the database; None where either has come to its end."""
    if told is None:
        result.alter(f"the file ends before row {new[0] if new else ''}")
    elif new is None:
        result.alter(f"line {told[0]}: the database has no row {told[1][0]}")
    elif told[1] == new[: len(told[1])]:
        result.same += 1
    else:
        # What an earlier version did not write, it did not say.
        line = [*told[1], *new[len(told[1]) :]]
        _explain(f"line {told[0]} (row {told[1][0]})", _cells(line), _cells(new), result)


def _cells(line: Sequence[str]) -> Mapping[str, str]:
    return dict(zip(COLUMNS, line, strict=True))


def _explain(where: str, old: Mapping[str, str], new: Mapping[str, str], result: Verified) -> None:
    if strange := unexplained(old, new):
        cell = f"{strange} is {old[strange] or 'empty'}, the database has {new[strange] or 'nothing'}"
        result.alter(f"{where}: {cell}")
    else:
        result.change(_moved(old, new), where)


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
    unsaid = not old or (name == "reason" and old in OPEN_REASONS.values())
    return unsaid or (name in _EARLIEST and "" < new < old) or (name in _BETTERED and bool(new))


@cache
def reachable(state: str) -> frozenset[str]:
    """The states that a message may come to from a state."""
    found: set[str] = set()
    ahead = {state}
    while ahead:
        found |= ahead
        ahead = {move.target.value for move in TRANSITIONS if move.source.value in ahead} - found
    return frozenset(found - {state})

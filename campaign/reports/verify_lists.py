"""Reports with a line per refused row or per answer, against the database: both are only ever added to, or erased."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, zip_longest

from sqlalchemy.orm import Session

from campaign.reports import replies, store
from campaign.reports.csv_file import as_texts
from campaign.reports.rejected import rejected_columns, rejected_lines
from campaign.reports.told import ToldLine, Verified
from campaign.reports.verify_recipients import ERASED, reachable
from models.campaign import Campaign

_ERASED_ROW = "The person was erased."


def compare_rejected(session: Session, campaign: Campaign, then: Iterator[ToldLine], result: Verified) -> None:
    """Compare line by line: a refused row stays as it was uploaded, until its person is erased."""
    columns = rejected_columns(session, campaign)
    now = (as_texts(line) for line in rejected_lines(session, campaign))
    for told, new in zip_longest(then, now):
        if told is None or new is None:
            result.alter(_length_words(told, new))
        elif told[1] == new:
            result.same += 1
        elif told[1][0] == new[0] and new[columns.index("text")] == _ERASED_ROW:
            result.change(ERASED, _where(told))
        else:
            result.alter(f"{_where(told)}: {_difference(columns, told[1], new)}")


def compare_replies(session: Session, campaign: Campaign, then: Iterator[ToldLine], result: Verified) -> None:
    """Find every line of the file among the answers that we have, in the same order; others may stand between."""
    now: Iterator[list[str]] = (as_texts(line) for line in store.replies(session, campaign.id))
    for told in then:
        # What an earlier version did not write, it did not say.
        old, new = _cells([*told[1], *[""] * (len(replies.COLUMNS) - len(told[1]))]), None
        for line in now:
            new = _cells(line)
            if _is_same(old, new) or new["received_at"] > old["received_at"]:
                break
            result.change("added", f"before line {told[0]}")
            new = None
        if new is None or not _is_same(old, new):
            result.alter(f"{_where(told)}: the database has no such answer at {old['received_at']}")
            now = now if new is None else chain([list(new.values())], now)
        else:
            _explain(_where(told), old, new, result)
    for _ in now:
        result.change("added", "after the last line")


def _cells(line: Sequence[str]) -> Mapping[str, str]:
    return dict(zip(replies.COLUMNS, line, strict=True))


_LASTING = ("row", "kind", "opted_out", "attributed_by", "received_at")
_PERSONAL = ("phone", "name", "text", "payload", "wamid")


def _is_same(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    alike = all(old[name] == new[name] for name in _LASTING)
    # Two answers of one second are told apart by their words.
    return alike and (new["phone"] == ERASED or (old["text"], old["payload"]) == (new["text"], new["payload"]))


def _explain(where: str, old: Mapping[str, str], new: Mapping[str, str], result: Verified) -> None:
    erased, further = new["phone"] == ERASED, new["status"] in reachable(old["status"])
    strange = [name for name in _PERSONAL if old[name] != new[name] and not (erased or (further and name == "wamid"))]
    if old["status"] != new["status"] and not further:
        strange.append("status")
    if old["user_id"] and not new["user_id"] and not erased:
        strange.append("user_id")
    if strange:
        result.alter(f"{where}: {_difference(tuple(old), list(old.values()), list(new.values()))}")
    elif old == {**new, "user_id": old["user_id"]}:
        result.same += 1
    else:
        result.change(ERASED if erased else f"{old['status']} to {new['status']}", where)


def _where(told: ToldLine) -> str:
    return f"line {told[0]} (row {told[1][0]})"


def _length_words(told: ToldLine | None, new: Sequence[str] | None) -> str:
    if told is None:
        return f"the file ends before row {new[0] if new else ''}"
    return f"line {told[0]}: the database has no refused row {told[1][0]}"


def _difference(columns: Sequence[str], old: Sequence[str], new: Sequence[str]) -> str:
    for name, was, is_ in zip(columns, old, new, strict=True):
        if was != is_:
            return f"{name} is {was or 'empty'}, the database has {is_ or 'nothing'}"
    return "it is the same"

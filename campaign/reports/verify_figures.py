"""Reports of figures, the summary and the errors, counted once more.

A figure has no line of its own in the database, so no single webhook explains its change. What counts:

    always       what the list was, and deliveries and reads that were told: they are never taken back
    in the file  rows by outcome, and messages by country, template and hour, add up
    otherwise    a figure may differ when anything came since the report was written
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.reports import errors, sections, store
from campaign.reports.csv_file import as_texts
from campaign.reports.errors import error_lines
from campaign.reports.sections import summary_lines
from campaign.reports.summary import load_figures
from campaign.reports.told import ToldLine, Verified
from models.campaign import Campaign

WRITTEN_AT = ("campaign", "written at", "")
"""The line of a summary that tells when it was written; it is never the same."""

Key = tuple[str, ...]
Line = Sequence[str]


def compare_summary(session: Session, campaign: Campaign, then: Iterator[ToldLine], result: Verified) -> None:
    """Count the summary once more and compare figure by figure."""
    told = {_of_summary(line): (number, line) for number, line in then}
    written_at = told.pop(WRITTEN_AT, (0, [""] * len(sections.COLUMNS)))[1][_VALUE]
    _check_sums(told, result)
    new: dict[Key, Line] = {
        _of_summary(line): line for line in map(as_texts, summary_lines(load_figures(session, campaign)))
    }
    new.pop(WRITTEN_AT)
    came = _came_since(session, campaign, _instant(written_at))
    _compare(told, new, result, lambda key, was, is_: _summary_stands(key, was, is_) and came)


def compare_errors(
    session: Session, campaign: Campaign, then: Iterator[ToldLine], result: Verified, written_at: datetime | None
) -> None:
    """Count the errors once more. The file does not say when it was written; its totals do."""
    told: dict[Key, tuple[int, Line]] = {(line[0],): (number, line) for number, line in then}
    new: dict[Key, Line] = {(line[0],): line for line in map(as_texts, error_lines(session, campaign.id))}
    came = _came_since(session, campaign, written_at)
    _compare(told, new, result, lambda _, was, is_: _errors_stand(was, is_) and came)


_NAME, _DETAIL, _COUNT, _VALUE = 1, 2, 3, 5


def _of_summary(line: Line) -> Key:
    return tuple(line[: _DETAIL + 1])


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _came_since(session: Session, campaign: Campaign, written_at: datetime | None) -> bool:
    """Whether anything may have changed a figure since; not when nobody knows since when."""
    return written_at is not None and store.came_since(session, campaign.id, written_at)


def _compare(
    told: Mapping[Key, tuple[int, Line]],
    new: Mapping[Key, Line],
    result: Verified,
    stands: Callable[[Key, Line, Line], bool],
) -> None:
    for key in [*told, *(key for key in new if key not in told)]:
        number, was = told.get(key, (0, ()))
        is_ = new.get(key, ())
        where = f"line {number}" if number else "a line that the file has not"
        if was == is_:
            result.same += 1
        elif stands(key, was, is_):
            result.change(" ".join(word for word in key[:2] if word), where)
        else:
            result.alter(f"{where}: {_words(key)} is {_figure(was)}, the database has {_figure(is_)}")


def _words(key: Key) -> str:
    return ", ".join(word for word in key if word) or "the line without a code"


def _figure(line: Line) -> str:
    return " ".join(cell for cell in line[_COUNT:] if cell) or "nothing"


_NEVER_TAKEN_BACK = ("delivered", "read")


def _summary_stands(key: Key, was: Line, is_: Line) -> bool:
    """Whether a figure may become another one at all."""
    section, name, detail = key
    if section == "audience" or (section, name) in (("outcome", "all"), ("outcome", "refused"), ("campaign", "name")):
        return False
    grows = (section == "rate" and name in _NEVER_TAKEN_BACK) or (
        section in ("country", "template") and detail in (*_NEVER_TAKEN_BACK, "messages")
    )
    return not grows or _number(was) <= _number(is_)


def _number(line: Line) -> int:
    return int(line[_COUNT]) if line and line[_COUNT].isdecimal() else 0


def _check_sums(told: Mapping[Key, tuple[int, Line]], result: Verified) -> None:
    """Whether the file agrees with itself."""
    sums: Counter[str] = Counter()
    for (section, name, detail), (_, line) in told.items():
        if section == "outcome":
            sums["all" if name == "all" else "rows by outcome"] += _number(line)
        elif section in ("country", "template", "hour") and detail == "messages":
            sums[f"messages by {section}"] += _number(line)
    if sums["rows by outcome"] != sums["all"]:
        result.alter(f"rows by outcome are {sums['rows by outcome']}, and all are {sums['all']}")
    by = {name: count for name, count in sums.items() if name.startswith("messages")}
    if len(set(by.values())) > 1:
        result.alter(", ".join(f"{name} are {count}" for name, count in by.items()))


_AT = {name: place for place, name in enumerate(errors.COLUMNS)}


def _errors_stand(was: Line, is_: Line) -> bool:
    """Whether the failures of a code may become others: an attempt that has failed is never taken back."""
    if was and is_ and was[: _AT["messages"]] != is_[: _AT["messages"]]:
        return False
    place = _AT["earlier_attempts"]
    return not was or (int(was[place] or 0) <= (int(is_[place] or 0) if is_ else 0))

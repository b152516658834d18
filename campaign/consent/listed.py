"""One row of a consent list: an event, or the reason why not.

Columns: phone, and optionally category, source, occurred_at, proof and action, by these names or mapped to them; what
a list leaves out is given with it. A time without offset is read as UTC. Nothing is taken from the future: an opt-in
that lies ahead is refused, since no later withdrawal could undo it; an opt-out that lies ahead counts from now.

A list without a column `action` is one of opt-ins. Where another of its columns says that somebody opted out, the whole
list is refused: a withdrawal must never be recorded as consent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from campaign.audience.columns import find_column
from campaign.audience.phone import BadPhone, read_phone
from campaign.audience.reasons import RejectReason
from campaign.audience.source import ListSource, RawRow
from campaign.consent.store import ListedEvent
from campaign.errors import UsageError
from campaign.names import listed
from models.people import Category, ConsentAction

PHONE = "phone"
COLUMNS = ("category", "action", "source", "proof", "occurred_at")

_ACTIONS = {
    **dict.fromkeys(("opt_in", "optin", "opted_in", "subscribed"), ConsentAction.OPT_IN),
    **dict.fromkeys(("opt_out", "optout", "opted_out", "unsubscribed"), ConsentAction.OPT_OUT),
}
"""What other systems write, as one word in small letters."""

_LONGEST_ACTION = 20
"""Characters, with the blanks around it; a longer cell needs no closer look."""

_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What stands in for a missing column or an empty cell; `region` is the country of phones without one."""

    category: Category | None
    action: ConsentAction
    source: str | None
    region: str | None
    now: datetime


NOTHING_MAPPED: Mapping[str, str] = {}


def parse_columns(items: Sequence[str]) -> dict[str, str]:
    """What columns mean to their names, from `--map` items such as `phone=Teléfono`.

    raises  UsageError naming the item that is none
    """
    known = (PHONE, *COLUMNS)
    mapping: dict[str, str] = {}
    for item in items:
        name, equals, column = (part.strip() for part in item.partition("="))
        if not equals or not column or name not in known:
            raise UsageError(f"--map {item} is none; write NAME=COLUMN with one of the names {', '.join(known)}")
        mapping[name] = column
    return mapping


class NotRecorded(Exception):
    """Why a row is no event; it never leaves the import."""

    def __init__(self, reason: RejectReason, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


class ListReader:
    """Reads the rows of one list."""

    def __init__(self, source: ListSource, defaults: Defaults, mapping: Mapping[str, str] = NOTHING_MAPPED) -> None:
        """The reader; `mapping` is what a column means to its name in the list, see `parse_columns`.

        raises  UsageError when the list has no such column
        """
        self._phone_column = source.phone_column
        self._columns = {name: find_column(source.columns, mapping.get(name, name)) for name in COLUMNS}
        if missing := [mapping[name] for name in mapping if name in COLUMNS and self._columns[name] is None]:
            raise UsageError(f"--map: the list has no column {missing[0]} (found {listed(source.columns)})")
        self._name = source.name
        read = {self._phone_column, *self._columns.values()}
        self.unread = [column for column in source.columns if column not in read]
        self._defaults = defaults

    def read(self, row: RawRow) -> ListedEvent:
        """The event that a row records.

        raises  NotRecorded with the reason; UsageError when the row withdraws in a column that is not read
        """
        if row.problem is not None:
            raise NotRecorded(row.problem, row.problem_text)
        # Any type: whoever agreed with a landline agreed, and whoever withdrew must not be lost.
        phone = read_phone(row.values[self._phone_column], self._defaults.region, any_type=True)
        if isinstance(phone, BadPhone):
            raise NotRecorded(phone.reason, phone.text)
        if self._columns["action"] is None:
            self._check_unread(row)
        cells = {name: row.values[column].strip() if column else "" for name, column in self._columns.items()}
        action = self._action(cells["action"])
        return ListedEvent(
            row_number=row.number,
            phone_identity=phone.identity,
            phone_e164=phone.e164,
            category=self._category(cells["category"]),
            action=action,
            source=self._source(cells["source"]),
            proof=cells["proof"] or None,
            occurred_at=self._time(cells["occurred_at"], action),
        )

    def _category(self, text: str) -> Category:
        category = _member(Category, text) if text else self._defaults.category
        if category is None:
            raise NotRecorded(RejectReason.BAD_CATEGORY, f"has category {text}" if text else "has no category")
        return category

    def _action(self, text: str) -> ConsentAction:
        action = _ACTIONS.get(_plain(text)) if text else self._defaults.action
        if action is None:
            raise NotRecorded(RejectReason.BAD_ACTION, f"has action {text}")
        return action

    def _check_unread(self, row: RawRow) -> None:
        for column in self.unread:
            cell = row.values[column]
            if len(cell) <= _LONGEST_ACTION and _ACTIONS.get(_plain(cell.strip())) is ConsentAction.OPT_OUT:
                raise UsageError(
                    f"{self._name} row {row.number}: column {column} says {cell.strip()}, and no column is the action; "
                    f"call that column action, or give --map action={column}"
                )

    def _source(self, text: str) -> str:
        source = text or self._defaults.source
        if not source:
            raise NotRecorded(RejectReason.NO_SOURCE, "names no source")
        return source

    def _time(self, text: str, action: ConsentAction) -> datetime | None:
        if not text:
            return None
        moment = _instant(text)
        if moment > self._defaults.now and action is ConsentAction.OPT_IN:
            raise NotRecorded(RejectReason.BAD_TIME, f"has a time that lies ahead: {text}")
        return min(moment, self._defaults.now)


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise NotRecorded(RejectReason.BAD_TIME, f"has a time that cannot be read: {text}") from None


def _member(words: type[_Word], text: str) -> _Word | None:
    plain = _plain(text)
    return words(plain) if plain in set(words) else None


def _plain(text: str) -> str:
    # Opt-In, opt in and OPT_IN are one word.
    return text.lower().replace("-", "_").replace(" ", "_")

"""The rows of a list judged as far as that goes without the database, chunk by chunk and column by column.

A row is judged in this order: can it be split, its phone, the values the template needs. Whole columns are worked on
at once, since what is done for one row alone is done a million times.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import NamedTuple, Protocol

from campaign.audience.json_text import json_object, json_objects
from campaign.audience.phone import BadPhone, Phone, read_phones
from campaign.audience.reasons import RejectReason
from campaign.audience.rows import RawRow, TidyRows
from campaign.audience.source import ListSource
from campaign.audience.store import ListedPerson
from campaign.templates.fill import Filler, MissingValue, TemplateOf, UnfitValue
from campaign.templates.straight import straight_of


class Zoning(Protocol):
    """Tells where people are, for a campaign with a sending window; see campaign.scheduling.groups."""

    def zones(self, e164: str, values: Mapping[str, str]) -> tuple[str, ...]:
        """The time zones that a person may be in, as far as the list and the phone tell."""

    def number(self, zones: tuple[str, ...]) -> int | None:
        """The zone group of a person; None when the window is never open in all of the zones."""

    def count(self, numbers: Sequence[int]) -> None:
        """Note the groups of people who became messages."""


class Rejected(NamedTuple):
    """A row that becomes no message, and why, as a code and as a sentence for this row."""

    row: RawRow
    reason: RejectReason
    text: str


@dataclass(slots=True)
class Judged:
    """Rows as far as they can be judged without the database.

    people    whose row is good, each identity once
    again     number of a later row of the same person, and the person as the first row has them
    rejected  the others
    """

    rows: Sequence[RawRow]
    people: dict[str, ListedPerson] = field(default_factory=dict)
    again: list[tuple[int, ListedPerson]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def row(self, number: int) -> RawRow:
        """The row of that number."""
        return self.rows[number - self.rows[0].number]


class _Table(NamedTuple):
    """Rows that are good so far: their numbers, and their cells by column."""

    numbers: Sequence[int]
    columns: Mapping[str, Sequence[str]]

    def without(self, bad: Collection[int]) -> "_Table":
        """The rows that are left when those at some places are taken out."""
        if not bad:
            return self
        kept = [at not in bad for at in range(len(self.numbers))]
        columns = {name: list(compress(cells, kept)) for name, cells in self.columns.items()}
        return _Table(list(compress(self.numbers, kept)), columns)

    def values(self, at: int) -> dict[str, str]:
        """The row at a place, column to cell."""
        return {name: cells[at] for name, cells in self.columns.items()}


class RowJudge:
    """Judges the rows of one list."""

    def __init__(
        self,
        source: ListSource,
        fill: Filler,
        template_of: TemplateOf | None,
        region: str | None,
        phone_types: frozenset[int],
        zoning: Zoning | None,
    ) -> None:
        self._names = source.columns
        self._phone_column = source.phone_column
        self._name_column = source.name_column
        self._others = [name for name in source.columns if name not in (source.phone_column, source.name_column)]
        self._fill = fill
        self._straight = straight_of(fill)
        self._template_of = template_of
        self._region = region
        self._phone_types = phone_types
        self._zoning = zoning

    def judge(self, rows: Sequence[RawRow]) -> Judged:
        """One chunk of the list."""
        judged = Judged(rows)
        table = self._readable(judged)
        table, phones = self._with_phone(table, judged)
        table, phones, parameters = self._with_values(table, phones, judged)
        for person in self._people(table, phones, parameters):
            if (first := judged.people.setdefault(person.phone_identity, person)) is not person:
                judged.again.append((person.row_number, first))
        return judged

    def _readable(self, judged: Judged) -> _Table:
        rows = judged.rows
        if isinstance(rows, TidyRows):
            return _Table(rows.numbers, rows.columns)
        good = [row for row in rows if row.problem is None]
        judged.rejected += [Rejected(row, row.problem, f"The row {row.problem_text}.") for row in rows if row.problem]
        return _Table([row.number for row in good], {name: [row.values[name] for row in good] for name in self._names})

    def _with_phone(self, table: _Table, judged: Judged) -> tuple[_Table, Sequence[Phone]]:
        column = self._phone_column
        found = read_phones(table.columns[column], self._region, also=self._phone_types)
        bad = {at: phone for at, phone in enumerate(found) if isinstance(phone, BadPhone)}
        judged.rejected += [
            Rejected(judged.row(table.numbers[at]), phone.reason, f"{column} {phone.text}.")
            for at, phone in bad.items()
        ]
        return table.without(bad), [phone for phone in found if isinstance(phone, Phone)]

    def _with_values(
        self, table: _Table, phones: Sequence[Phone], judged: Judged
    ) -> tuple[_Table, Sequence[Phone], Sequence[str]]:
        found = self._parameters(table)
        bad = {at: why for at, why in enumerate(found) if not isinstance(why, str)}
        judged.rejected += [_unfilled(judged.row(table.numbers[at]), why) for at, why in bad.items()]
        phones = [phone for at, phone in enumerate(phones) if at not in bad] if bad else phones
        return table.without(bad), phones, [text for text in found if isinstance(text, str)]

    def _parameters(self, table: _Table) -> Sequence[str | MissingValue | UnfitValue]:
        """The values of each row as a JSON object, or what is wrong with them."""
        count = len(table.numbers)
        if self._straight is None:
            return [self._filled(table, at) for at in range(count)]
        fits = self._straight.fits(table.columns, count)
        columns = {slot: table.columns[column] for slot, column in self._straight.columns.items()}
        texts = json_objects(columns, count, same=self._straight.constants)
        return texts if all(fits) else [texts[at] if fits[at] else self._filled(table, at) for at in range(count)]

    def _filled(self, table: _Table, at: int) -> str | MissingValue | UnfitValue:
        filled = self._fill(table.values(at))
        return json_object(filled) if isinstance(filled, dict) else filled

    def _people(self, table: _Table, phones: Sequence[Phone], parameters: Sequence[str]) -> list[ListedPerson]:
        count = len(table.numbers)
        names: Sequence[str | None] = [None] * count
        if self._name_column:
            names = [" ".join(name.split()) or None for name in table.columns[self._name_column]]
        attributes = json_objects({name: table.columns[name] for name in self._others}, count)
        e164s, identities, regions = zip(*phones, strict=True) if phones else ((), (), ())
        templates, zones = self._templates(table), self._zones(table, e164s)
        return list(
            map(
                ListedPerson, table.numbers, identities, e164s, regions, names, attributes, parameters, templates, zones
            )
        )

    def _templates(self, table: _Table) -> Sequence[int | None]:
        if self._template_of is None:
            return [None] * len(table.numbers)
        return [self._template_of(table.values(at)) for at in range(len(table.numbers))]

    def _zones(self, table: _Table, e164s: Sequence[str]) -> Sequence[tuple[str, ...]]:
        if self._zoning is None:
            return [()] * len(table.numbers)
        return [self._zoning.zones(e164, table.values(at)) for at, e164 in enumerate(e164s)]


def _unfilled(row: RawRow, why: MissingValue | UnfitValue) -> Rejected:
    if isinstance(why, MissingValue):
        return Rejected(row, RejectReason.MISSING_VALUE, f"{why.column} is empty, {why.slot} needs it.")
    return Rejected(row, RejectReason(why.fault.value), f"{why.text}.")

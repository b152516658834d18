"""The rows of a list judged as far as that goes without the database, chunk by chunk and column by column.

A row is judged in this order: can it be split, its phone, the values the template needs. Whole columns are worked on
at once, since what is done for one row alone is done a million times.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from campaign.audience.json_text import json_object, json_objects
from campaign.audience.people import column_of, frame_of
from campaign.audience.phone_column import read_phone_column
from campaign.audience.reasons import RejectReason
from campaign.audience.rows import RawRow, TidyRows
from campaign.audience.source import ListSource
from campaign.templates.fill import Filler, MissingValue, TemplateOf, UnfitValue
from campaign.templates.straight import straight_of
from campaign.text_arrays import text_array, tidied

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


class Zoning(Protocol):
    """Tells where people are, for a campaign with a sending window; see campaign.scheduling.groups."""

    def zones(self, e164: str, values: Mapping[str, str]) -> tuple[str, ...]:
        """The time zones that a person may be in, as far as the list and the phone tell."""

    def number(self, zones: tuple[str, ...]) -> int | None:
        """The zone group of a person; None when the window is never open in all of the zones."""

    def count(self, numbers: Sequence[int]) -> None:
        """Note the groups of people who became messages."""


class Rejected(NamedTuple):
    """A row that becomes no message, by its number, and why, as a code and as a sentence for this row."""

    number: int
    reason: RejectReason
    text: str


@dataclass(slots=True)
class Judged:
    """Rows as far as they can be judged without the database.

    people    whose row is good, each person once, as campaign.audience.people says
    again     number of a later row of the same person, and of the first one
    rejected  the others
    """

    rows: Sequence[RawRow]
    people: "pd.DataFrame" = field(init=False)
    again: list[tuple[int, int]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


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
        import pandas as pd

        judged = Judged(rows)
        cells = self._readable(judged)
        phones = self._phones(cells, judged)
        cells, phones = _those(phones["phone_e164"].notna(), cells, phones)
        filled = frame_of({"parameters": self._parameters(cells, judged)}, cells.index)
        cells, phones, filled = _those(filled["parameters"].notna(), cells, phones, filled)
        people = pd.concat([phones, filled, self._known(cells, phones)], axis="columns")
        later = people["phone_identity"].duplicated()
        (judged.people,) = _those(~later, people)
        judged.again = _again(judged.people, people[later]) if later.any() else []
        return judged

    def _readable(self, judged: Judged) -> "pd.DataFrame":
        rows = judged.rows
        if isinstance(rows, TidyRows):
            return rows.frame
        good = [row for row in rows if row.problem is None]
        judged.rejected += [
            Rejected(row.number, row.problem, f"The row {row.problem_text}.") for row in rows if row.problem
        ]
        cells = {name: text_array([row.values[name] for row in good]) for name in self._names}
        return frame_of(cells, [row.number for row in good])

    def _phones(self, cells: "pd.DataFrame", judged: Judged) -> "pd.DataFrame":
        """Phones of all rows; those that are none are null and rejected."""
        column = self._phone_column
        read = read_phone_column(column_of(cells, column), self._region, also=self._phone_types)
        judged.rejected += [
            Rejected(int(cells.index[at]), phone.reason, f"{column} {phone.text}.") for at, phone in read.bad.items()
        ]
        columns = {"phone_identity": read.identities, "phone_e164": read.e164s, "region": read.regions}
        return frame_of(columns, cells.index)

    def _parameters(self, cells: "pd.DataFrame", judged: Judged) -> "pa.Array[Any]":
        """The values of each row as a JSON object; null where the template's needs are not met, which is rejected."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._straight is None:
            texts, fit = pa.nulls(len(cells), pa.string()), pa.repeat(False, len(cells))
        else:
            columns = {slot: column_of(cells, name) for slot, name in self._straight.columns.items()}
            texts = json_objects(columns, len(cells), same=self._straight.constants)
            fit = self._straight.fits(columns, len(cells))
        alone = cells[pc.invert(fit).to_numpy(zero_copy_only=False)]
        if alone.empty:
            return texts
        filled = [self._fill(values) for values in _values(alone)]
        judged.rejected += [
            _unfilled(number, why) for number, why in zip(alone.index, filled, strict=True) if not isinstance(why, dict)
        ]
        found = [json_object(each) if isinstance(each, dict) else None for each in filled]
        return pc.replace_with_mask(texts, pc.invert(fit), text_array(found))

    def _known(self, cells: "pd.DataFrame", phones: "pd.DataFrame") -> "pd.DataFrame":
        """What the list tells of people beside their phones."""
        import pyarrow as pa

        count = len(cells)
        columns = {"attributes": json_objects({name: column_of(cells, name) for name in self._others}, count)}
        no_names, no_templates = pa.nulls(count, pa.string()), pa.nulls(count, pa.int64())
        columns["name"] = tidied(column_of(cells, self._name_column)) if self._name_column else no_names
        each = _values(cells) if self._template_of or self._zoning else []
        choose, zoning = self._template_of, self._zoning
        columns["template_id"] = pa.array([choose(row) for row in each], pa.int64()) if choose else no_templates
        known = frame_of(columns, cells.index)
        if zoning:
            e164s = column_of(phones, "phone_e164").to_pylist()
            known["zones"] = [zoning.zones(e164, row) for e164, row in zip(e164s, each, strict=True)]
        return known


def _those(good: "pd.Series[bool]", *frames: "pd.DataFrame") -> "Sequence[pd.DataFrame]":
    """The good rows of frames that share their rows; mostly all of them are."""
    return frames if good.all() else [frame[good] for frame in frames]


def _values(cells: "pd.DataFrame") -> list[dict[str, str]]:
    """Rows of a list, column to cell."""
    names = list(cells.columns)
    columns = [column_of(cells, name).to_pylist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _again(people: "pd.DataFrame", later: "pd.DataFrame") -> list[tuple[int, int]]:
    """Number of each later row, and of the first row of the same person."""
    first = people[people["phone_identity"].isin(later["phone_identity"])]
    first_rows = dict(zip(first["phone_identity"], first.index, strict=True))
    return [(row, first_rows[identity]) for row, identity in zip(later.index, later["phone_identity"], strict=True)]


def _unfilled(number: int, why: MissingValue | UnfitValue) -> Rejected:
    if isinstance(why, MissingValue):
        return Rejected(number, RejectReason.MISSING_VALUE, f"{why.column} is empty, {why.slot} needs it.")
    return Rejected(number, RejectReason(why.fault.value), f"{why.text}.")

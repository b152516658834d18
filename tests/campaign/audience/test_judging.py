"""Columns at once give what rows one by one give."""

import json
from pathlib import Path

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaign.audience.judging import Judged, RowJudge
from campaign.audience.reasons import RejectReason
from campaign.audience.rows import RawRow, TidyRows
from campaign.audience.source import ListSource, open_list
from campaign.templates.fill import make_filler, slots_of
from tests.factories import TEXT_COMPONENTS

MAPPING = {"body.1": {"column": "name"}, "body.2": {"column": "code", "fallback": "SPRING"}}
COLUMNS = ["name", "phone", "city", "code"]
CELLS = st.tuples(
    st.sampled_from(["Ana", "Ana  María", "", '"Bo\\b"']),
    st.sampled_from(["+525555550001", "55 5555 0001", "+525555550002", "+52-55-5555-0003", "call me", "+52555"]),
    st.sampled_from(["Mérida", "", " León "]),
    st.sampled_from(["A1", "", "B  2"]),
)


def source(folder: Path) -> ListSource:
    path = folder / "list.csv"
    path.write_text(",".join(COLUMNS) + "\nAna,+525555550001,,\n", encoding="utf-8")
    return open_list(path, phone_column=None)


def judge(source: ListSource, rows: list[RawRow] | TidyRows, *, straight: bool) -> Judged:
    fill = make_filler(MAPPING, slots_of(TEXT_COMPONENTS, "POSITIONAL"), COLUMNS)
    filler = fill if straight else lambda row: fill(row)
    return RowJudge(source, filler, None, "MX", frozenset(), None).judge(rows)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cells=st.lists(CELLS, min_size=1, max_size=8))
def test_whole_columns_and_single_rows_agree(tmp_path: Path, cells: list[tuple[str, ...]]) -> None:
    table = pa.table([pa.array(column) for column in zip(*cells, strict=True)], names=COLUMNS)
    tidy = TidyRows(table, before=10, above=1)
    found, slowly = (judge(source(tmp_path), rows, straight=n == 0) for n, rows in enumerate((tidy, list(tidy))))
    assert people(found) == people(slowly)
    assert (found.again, found.rejected) == (slowly.again, slowly.rejected)
    assert len(found.people) + len(found.again) + len(found.rejected) == len(cells)


def people(judged: Judged) -> list[dict[str, object]]:
    """Rows with their numbers; the order of the members of an object says nothing."""
    frame = judged.people.assign(parameters=[json.loads(text) for text in judged.people["parameters"]])
    return frame.astype(object).where(frame.notna(), None).reset_index().to_dict("records")


def test_a_row_that_cannot_be_split_stands_between_good_ones(tmp_path: Path) -> None:
    good = RawRow(1, dict(zip(COLUMNS, ("Ana", "+525555550001", "", "A1"), strict=True)), None, "", 2)
    bad = RawRow(2, {"name": "Bob"}, RejectReason.RAGGED_ROW, "has 1 field", 3)
    found = judge(source(tmp_path), [good, bad, good._replace(number=3)], straight=True)
    assert list(found.people.index) == [1]
    assert found.again == [(3, 1)]
    assert [(each.number, each.text) for each in found.rejected] == [(2, "The row has 1 field.")]

"""Rows kept by column read like rows."""

import pyarrow as pa
import pytest

from campaign.audience.rows import RawRow, TidyRows

ROWS = TidyRows(pa.table({"name": ["Ana", "Bob", "Cid"], "phone": ["1", "2", "3"]}), before=4, above=1)
ALONE = [
    RawRow(number, {"name": name, "phone": phone}, None, "", number + 1)
    for number, name, phone in ((5, "Ana", "1"), (6, "Bob", "2"), (7, "Cid", "3"))
]


def test_one_by_one_and_all_of_them() -> None:
    assert list(ROWS) == ALONE
    assert [ROWS[0], ROWS[-1], *ROWS[1:]] == [ALONE[0], ALONE[2], ALONE[1], ALONE[2]]
    assert (len(ROWS), list(ROWS.numbers)) == (3, [5, 6, 7])
    with pytest.raises(IndexError):
        ROWS[3]


def test_whole_columns() -> None:
    assert ROWS.frame.to_dict() == {
        "name": {5: "Ana", 6: "Bob", 7: "Cid"},
        "phone": {5: "1", 6: "2", 7: "3"},
    }

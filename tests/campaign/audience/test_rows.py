"""Rows kept by column read like rows."""

import json

import pyarrow as pa
import pytest

from campaign.audience.rows import RawRow, TidyRows, kept_rows

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


def test_what_is_kept_of_rejected_rows_is_the_same_however_they_were_read() -> None:
    table = pa.table({"name": ["Ana", "", 'B"o\\'], "phone": [" 1", "2\t", "é"]})
    tidy = TidyRows(table, before=4, above=1)
    for rows in (tidy, list(tidy)):
        file_rows, raw = kept_rows(rows, [5, 7])
        assert file_rows.to_pylist() == [6, 8]
        assert [json.loads(text) for text in raw.to_pylist()] == [
            {"name": "Ana", "phone": " 1"},
            {"name": 'B"o\\', "phone": "é"},
        ]
    assert kept_rows(tidy, [6])[1].to_pylist() == ['{"name":"","phone":"2\\t"}']

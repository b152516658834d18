"""Rows that were not recorded, as they were and with what to do."""

from pathlib import Path

import pytest

from campaign.audience.reasons import RejectReason
from campaign.audience.rows import MORE_FIELDS, WHOLE_LINE
from campaign.consent.ledger import RejectedConsent
from campaign.errors import UsageError
from campaign.reports.refused_people import refused_people

COLUMNS = ["phone", "note"]


def test_rows_stand_as_they_were_below_one_header(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    ragged = RejectedConsent(2, RejectReason.RAGGED_ROW, "has 3 fields", {"phone": "=1", MORE_FIELDS: "x"}, 3)
    whole = RejectedConsent(9, RejectReason.UNREADABLE_ROW, "has no end", {WHOLE_LINE: '"a,b'}, 11)
    with refused_people(out) as keep:
        keep(COLUMNS, [])
        keep(COLUMNS, [ragged])
        keep(COLUMNS, [whole])
    first, *lines = out.read_text("utf-8").splitlines()
    assert first == "row,file_row,reason,text,what_to_do,raw_row,phone,note"
    assert [line.split(",")[:4] for line in lines] == [
        ["2", "3", "ragged_row", "The row has 3 fields."],
        ["9", "11", "unreadable_row", "The row has no end."],
    ]
    assert (lines[0].endswith("x,'=1,"), lines[1].endswith('"""a,b",,')) == (True, True)


def test_an_import_that_fails_leaves_no_file_and_one_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(AttributeError), refused_people(tmp_path / "out.csv") as keep:
        keep(COLUMNS, [None])  # type: ignore[list-item]
    assert list(tmp_path.iterdir()) == []
    out = tmp_path / "none" / "out.csv"
    with pytest.raises(UsageError, match=r"cannot be written: .*; choose another --rejected"), refused_people(out):
        pass
    with refused_people(None) as keep:
        keep(COLUMNS, [])

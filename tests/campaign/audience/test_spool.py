"""Values of elsewhere as cells of a CSV."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from campaign.audience.spool import as_cell, spool_file, write_rows
from campaign.errors import BadList


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        *((None, ""), (True, "true"), (5, "5"), (5.0, "5"), (2.5, "2.5"), (1e15, "1000000000000000")),
        *((float("nan"), "nan"), (float("inf"), "inf"), (1e300, "1e+300")),
        *((Decimal("525555550001"), "525555550001"), (Decimal("1.50"), "1.50"), (Decimal("NaN"), "NaN")),
        *((date(2026, 3, 1), "2026-03-01"), (datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01T00:00:00+00:00")),
        *(("a\r\nb\rc", "a\nb\nc"), ("007", "007")),
    ],
)
def test_a_value_is_what_a_person_would_have_typed(value: object, cell: str) -> None:
    assert as_cell(value) == cell


def test_rows_are_written_up_to_a_bound(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert write_rows(out, [["a", "b"], [None, ""], [1, "x,y"]], most_bytes=10**6, what="it") == 3
    assert out.read_text() == 'a,b\n\n1,"x,y"\n'
    with pytest.raises(BadList, match="it has more than 1,000 bytes; ask for less"):
        write_rows(out, (["x" * 50] for _ in range(10**6)), most_bytes=1000, what="it")


def test_what_is_set_down_is_ours_alone() -> None:
    path = spool_file()
    try:
        assert path.stat().st_mode & 0o077 == 0
    finally:
        path.unlink()

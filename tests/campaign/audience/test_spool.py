"""Values of elsewhere as cells of a CSV."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from campaign.audience import spool
from campaign.audience.spool import KEPT, as_cell, spool_file, sweep_spools, write_rows
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


PIPES: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}


def test_what_a_killed_process_left_is_cleared_away_and_nothing_else(tmp_path: Path) -> None:
    """A child sets something down and is killed; what lives, what is another host's and what is no file stays."""
    code = (
        "import time; from campaign.audience.spool import spool_file; print(spool_file(), flush=True); time.sleep(99)"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", code], text=True, env=environment, **PIPES) as child:
        assert child.stdout is not None
        left = Path(child.stdout.readline().strip())
        now = datetime.now(UTC)
        assert (left.parent, sweep_spools(now, tmp_path)) == (tmp_path, 0)
        child.kill()
    theirs = tmp_path / "campaign-list-00000000-1-abc.csv"
    theirs.touch()
    (tmp_path / "campaign-list-x-1-y.csv").symlink_to(tmp_path / "list.csv")
    assert sweep_spools(now, tmp_path) == 1
    assert not left.exists()
    assert sweep_spools(now + KEPT * 2, tmp_path) == 1
    assert not theirs.exists()
    assert sweep_spools(now, tmp_path / "nowhere") == 0


def test_a_sweep_deletes_no_more_than_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "AT_ONCE", 2)
    for number in range(5):
        (tmp_path / f"campaign-list-{number}.csv").touch()
    later = datetime.now(UTC) + KEPT * 2
    assert [sweep_spools(later, tmp_path) for _ in range(4)] == [2, 2, 1, 0]

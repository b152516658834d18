"""The main job, whole: the command a newcomer types, in each dialect."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = 150


@pytest.mark.parametrize("provider", ["cloud", "d360", "d360-onprem"])
def test_the_demo_runs_a_campaign_and_proves_its_report(tmp_path: Path, provider: str) -> None:
    command = [Path(sys.executable).with_name("campaign"), "demo", "--rows", str(ROWS), "--rate", "40"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CAMPAIGN_")}
    done = subprocess.run(
        [*command, "--provider", provider, "--out", "r.csv"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Report and ledger agree" in done.stdout
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["row"] for row in rows] == [str(number) for number in range(1, ROWS + 1)]
    assert {row["status"] for row in rows} <= {"delivered", "read", "failed", "refused", "skipped"}
    assert len({row["wamid"] for row in rows if row["wamid"]}) == sum(1 for row in rows if row["wamid"])
    assert list((tmp_path / ".campaign").glob("demo-*")) == [], "it cleans up after itself"

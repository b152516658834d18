"""The hook by which tests kill a process at a stated place: silent unless it is both switched on and armed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from campaign.fault_points import VARIABLE, FaultPoint
from campaign.settings import unread_variables

DIES = f"from campaign.fault_points import *; reached(FaultPoint.{FaultPoint.AFTER_RESPONSE.name}); print('lives')"


@pytest.mark.parametrize(("named", "armed", "ends"), [(False, True, 0), (True, False, 0), (True, True, -9)])
def test_a_point_kills_only_where_both_the_folder_is_named_and_the_point_is_armed(
    tmp_path: Path, named: bool, armed: bool, ends: int
) -> None:
    if armed:
        (tmp_path / FaultPoint.AFTER_RESPONSE).touch()
    environment = {**os.environ, **({VARIABLE: str(tmp_path)} if named else {})}
    run = subprocess.run([sys.executable, "-c", DIES], env=environment, timeout=30, check=False, capture_output=True)
    assert run.returncode == ends
    assert list(tmp_path.iterdir()) == ([] if ends or not armed else [tmp_path / FaultPoint.AFTER_RESPONSE])


def test_the_variable_is_no_setting_so_that_doctor_names_it() -> None:
    assert unread_variables({VARIABLE: "/tmp"}) == [VARIABLE]


def test_nothing_that_is_installed_or_shipped_sets_the_variable() -> None:
    root = Path(__file__).parents[2]
    shipped = [*root.glob("*.yml"), *root.glob("Dockerfile*"), root / "Makefile", *root.glob("console/**/*.py")]
    assert [path.name for path in shipped if VARIABLE in path.read_text()] == []

"""A home whose processes are seen, and of which none may be left."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.processes import processes_of, wait_until


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder for stores; no process of it may outlive the test by more than the time to stop."""
    folder = tmp_path / "home"
    yield folder
    try:
        wait_until(lambda: not processes_of(folder))
    finally:
        for process in processes_of(folder):
            process.kill()

"""A skipped test is a failure where nobody watches, and a note where somebody does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPED = "import pytest\n\n@pytest.mark.skip(reason='no server')\ndef test_a(): pass\n"
SKIPPED_MODULE = "import pytest\n\npytest.skip('no server', allow_module_level=True)\n"
SKIPPED_BY_ITSELF = "import pytest\n\ndef test_a(): pytest.skip('no server')\n"
EXPECTED_FAILURE = "import pytest\n\n@pytest.mark.xfail(reason='known')\ndef test_a(): assert False\n"
GREEN = "def test_b(): pass\n"


def run(folder: Path, text: str, *flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_some.py").write_text(text, encoding="utf-8")
    (folder / "test_green.py").write_text(GREEN, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.no_skips",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(folder),
    ]
    return subprocess.run(
        [*command, *flags, "-c", os.devnull, str(folder)],
        env={**os.environ, "CI": "", **environment},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("flags", [(), ("-n", "2")], ids=["alone", "in parallel"])
@pytest.mark.parametrize("text", [SKIPPED, SKIPPED_MODULE, SKIPPED_BY_ITSELF])
def test_a_skip_fails_the_run_in_ci_and_is_named(tmp_path: Path, text: str, flags: tuple[str, ...]) -> None:
    result = run(tmp_path, text, *flags, CI="true")
    assert result.returncode == pytest.ExitCode.TESTS_FAILED
    assert "skipped tests fail the run" in result.stdout
    assert "test_some.py" in result.stdout


def test_a_skip_is_allowed_at_home(tmp_path: Path) -> None:
    assert run(tmp_path, SKIPPED).returncode == pytest.ExitCode.OK


@pytest.mark.parametrize("text", [GREEN, EXPECTED_FAILURE])
def test_a_run_without_skips_stays_green_in_ci(tmp_path: Path, text: str) -> None:
    assert run(tmp_path, text, CI="true").returncode == pytest.ExitCode.OK

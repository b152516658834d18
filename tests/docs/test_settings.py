"""The settings page and the fields say the same."""

import re
import runpy
from pathlib import Path

import pytest

from campaign.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
ROWS = {row[0]: row for row in re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)}


def test_every_field_has_a_row_and_every_row_a_field() -> None:
    assert set(ROWS) == {f"{PREFIX}{name}".upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_row_gives_the_default_and_the_description(name: str) -> None:
    field = Settings.model_fields[name]
    _, default, meaning = ROWS[f"{PREFIX}{name}".upper()]
    assert meaning == field.description
    if field.default in (None, ()):
        assert default == "unset"
    elif isinstance(field.default, tuple):
        assert tuple(float(part) for part in default.strip("`").split(",")) == field.default
    else:
        assert default.strip("`") == str(field.default)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_duration_or_size_says_its_unit(name: str) -> None:
    words = {"_s": "seconds", "_ms": "ms", "_bytes": "bytes"}
    description = Settings.model_fields[name].description or ""
    for ending, word in words.items():
        if name.endswith(ending):
            assert word in description


def test_the_page_is_what_the_script_writes() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "make_settings.py"))
    assert script["settings_page"]() == PAGE, "run .venv/bin/python docs/make_settings.py"

"""Writes docs/settings.md from the fields of `campaign.settings.Settings`: .venv/bin/python docs/make_settings.py

The headings are the comments that divide the class. A test holds page and fields to each other.
"""

import inspect
import re
from pathlib import Path

from campaign.settings import PREFIX, Settings

PAGE = Path(__file__).with_name("settings.md")

HEAD = """# Settings

Everything that can be set from outside, as environment variables or in a `.env` file in the working folder; a variable
wins over the file. A wrong value is refused at the start with its name. `campaign doctor` names any `CAMPAIGN_…`
variable that no field reads.

Written by `docs/make_settings.py` from `campaign/settings.py`.
"""


def settings_page() -> str:
    """The whole page: one table per group of fields, one row per field in the order of the class."""
    parts = [HEAD]
    for title, names in _groups():
        parts.append(f"\n## {title}\n\n| variable | default | meaning |\n| --- | --- | --- |\n")
        parts.extend(_row(name) for name in names)
    return "".join(parts)


def _groups() -> list[tuple[str, list[str]]]:
    groups: list[tuple[str, list[str]]] = []
    for line in inspect.getsource(Settings).splitlines():
        if title := re.fullmatch(r"    # (\w[\w ]*)", line):
            groups.append((title[1], []))
        elif (field := re.match(r"    (\w+): ", line)) and field[1] in Settings.model_fields:
            groups[-1][1].append(field[1])
    return groups


def _row(name: str) -> str:
    field = Settings.model_fields[name]
    return f"| `{PREFIX}{name.upper()}` | {_default(field.default)} | {field.description} |\n"


def _default(value: object) -> str:
    if value is None or value == ():
        return "unset"
    if isinstance(value, tuple):
        return f"`{','.join(f'{part:g}' for part in value)}`"
    return f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(settings_page(), encoding="utf-8")

"""The words of the pages, one file per language in texts/. English is whole; what another lacks is shown in English."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from console.web.said import said

FOLDER = Path(__file__).parent / "texts"
DEFAULT = "en"
LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Español", "pt": "Português"}
"""Code to the language's own name; a new file in texts/ gets a row here."""


class Words:
    """The words of one language: `words("campaigns.title")`, with values filled in: `words("rows", count=3)`."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else DEFAULT
        self._texts = _texts(self.language)

    def __call__(self, key: str, **values: object) -> str:
        """One text. Raises KeyError for a key that English lacks."""
        text = self._texts.get(key) or _texts(DEFAULT)[key]
        return text.format(**values) if values else text

    def state(self, state: str) -> str:
        """The word for a state of a campaign or message."""
        return self._texts.get(f"state.{state}") or _texts(DEFAULT).get(f"state.{state}") or state.replace("_", " ")

    def said(self, text: str) -> str:
        """What the domain says in English, in the language; see console.web.said."""
        return said(text, self.language)

    def number(self, number: float) -> str:
        """A number as it is written in the language."""
        grouped = f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"
        if self.language == "en":
            return grouped
        return grouped.translate(str.maketrans(",.", ".,"))


def best_language(accepted: str | None, chosen: str | None = None) -> str:
    """The language of a visit: the user's own choice, else the first of the browser's that we have."""
    if chosen in LANGUAGES:
        return str(chosen)
    for part in (accepted or "").split(","):
        code = part.partition(";")[0].strip().partition("-")[0].lower()
        if code in LANGUAGES:
            return code
    return DEFAULT


@cache
def _texts(language: str) -> Mapping[str, str]:
    return dict(_flat(tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))))


def _flat(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{prefix}{key}"
        found += _flat(value, f"{name}.") if isinstance(value, dict) else [(name, str(value))]
    return found

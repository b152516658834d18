"""Every setting as a page shows it: name, value, where it is from, what it means. Secrets are never shown. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from campaign.settings import PREFIX, Settings

MASKED = "••••••"


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting. `value` and `default` are None where nothing is set, and never a secret."""

    variable: str
    value: str | None
    default: str | None
    was_set: bool
    description: str


def setting_lines(settings: Settings) -> Sequence[SettingLine]:
    """Every setting, in the order in which they are described."""
    return [
        SettingLine(
            f"{PREFIX}{name}".upper(),
            _shown(getattr(settings, name)),
            None if field.is_required() else _shown(field.default),
            name in settings.model_fields_set,
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def _shown(value: Any) -> str | None:
    if isinstance(value, SecretStr):
        return MASKED
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else f"{value:g}" if isinstance(value, float) else str(value)

"""A template, or a list of them, in a JSON file of the platform's shape."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from campaign.errors import NotFound, UsageError
from campaign.providers.base import TemplateRecord


def read_templates(path: Path) -> list[TemplateRecord]:
    """The templates of a file: one object, a list, or a listing as the platform answers it (`data`).

    raises  NotFound when the file is missing, UsageError when it holds something else
    """
    found = read_json(path)
    if isinstance(found, dict):
        found = found.get("data", found.get("waba_templates", [found]))
    if not isinstance(found, list) or not all(isinstance(item, dict) and "components" in item for item in found):
        raise UsageError(f"{path} holds no template; expected an object with name, language, category and components")
    return [as_record(item) for item in found]


def as_record(item: Mapping[str, Any]) -> TemplateRecord:
    """One template of a file in our words; what it leaves out is taken to be harmless."""
    return TemplateRecord(
        platform_id=None,
        name=str(item.get("name", "unnamed")),
        language=str(item.get("language", "")),
        category=str(item.get("category", "marketing")).lower(),
        # A file that says nothing of a status is a draft to be looked at, not a refused template.
        status=str(item.get("status", "APPROVED")).upper(),
        quality=None,
        parameter_format=str(item.get("parameter_format", "POSITIONAL")).upper(),
        components=item["components"],
    )


def read_values(path: Path) -> dict[str, str]:
    """Slot to text from a JSON object such as `{"body.1": "Ann"}`.

    raises  NotFound when the file is missing, UsageError when it holds something else
    """
    found = read_json(path)
    if not isinstance(found, dict) or not all(isinstance(value, str | int | float) for value in found.values()):
        raise UsageError(f'{path} holds no values; expected an object such as {{"body.1": "Ann"}}')
    return {str(key): str(value) for key, value in found.items()}


def read_json(path: Path) -> Any:
    """What a JSON file holds.

    raises  NotFound when the file is missing, UsageError when it is not JSON
    """
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}; check the path") from None
    except OSError as error:
        raise NotFound(f"cannot read {path}: {error.strerror}; check the path") from None
    except ValueError as error:
        raise UsageError(f"{path} is not JSON ({error}); mend the file") from None

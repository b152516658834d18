"""A template as a provider lists it, to one record. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from campaign.providers.base import TemplateRecord

_NAMED_SLOT = re.compile(r"\{\{\s*[a-z_][a-z0-9_]*\s*\}\}")


def read_graph_template(item: Mapping[str, Any]) -> TemplateRecord:
    """One entry of Graph's template list; fields that are missing get the platform's defaults."""
    return _read(item, str(item.get("parameter_format") or "POSITIONAL"))


def read_d360_template(item: Mapping[str, Any]) -> TemplateRecord:
    """One entry of 360dialog's `waba_templates`, of either dialect.

    Its list is not known to give the parameter format: names between the braces tell it. Keys other than the
    documented ones are unconfirmed (platform.md K.2), so each may be missing.
    """
    components = item.get("components")
    guessed = "NAMED" if _has_named_slot(components if isinstance(components, list) else []) else "POSITIONAL"
    platform_id = item.get("id") or item.get("external_id")
    return _read({**item, "id": platform_id}, str(item.get("parameter_format") or guessed))


def _read(item: Mapping[str, Any], parameter_format: str) -> TemplateRecord:
    quality, components = item.get("quality_score"), item.get("components")
    return TemplateRecord(
        platform_id=str(item["id"]) if item.get("id") is not None else None,
        name=str(item.get("name", "")),
        language=str(item.get("language", "")),
        category=str(item.get("category", "")).lower(),
        status=str(item.get("status", "")).upper(),
        quality=quality.get("score") if isinstance(quality, dict) else None,
        parameter_format=parameter_format.upper(),
        components=components if isinstance(components, list) else [],
        ttl_seconds=_ttl(item.get("message_send_ttl_seconds")),
        namespace=item.get("namespace"),
    )


def _ttl(value: object) -> int | None:
    """Seconds; -1 stands for 30 days, platform.md H."""
    text = str(value)
    return int(text) if text.removeprefix("-").isdecimal() else None


def _has_named_slot(components: Sequence[Any]) -> bool:
    texts = [part.get("text") for part in components if isinstance(part, dict)]
    return any(_NAMED_SLOT.search(text) for text in texts if isinstance(text, str))

"""A template as a provider lists it, to one record. Pure."""

from collections.abc import Mapping
from typing import Any

from campaign.providers.base import TemplateRecord


def read_graph_template(item: Mapping[str, Any]) -> TemplateRecord:
    """One entry of Graph's template list; fields that are missing get the platform's defaults."""
    quality = item.get("quality_score")
    ttl = item.get("message_send_ttl_seconds")
    return TemplateRecord(
        platform_id=str(item["id"]) if "id" in item else None,
        name=str(item.get("name", "")),
        language=str(item.get("language", "")),
        category=str(item.get("category", "")).lower(),
        status=str(item.get("status", "")).upper(),
        quality=quality.get("score") if isinstance(quality, dict) else None,
        parameter_format=str(item.get("parameter_format") or "POSITIONAL").upper(),
        components=item.get("components") or [],
        ttl_seconds=int(ttl) if ttl is not None else None,
        namespace=item.get("namespace"),
    )

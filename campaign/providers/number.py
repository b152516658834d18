"""A number as a provider describes it, to one record. Pure. Fields: platform.md A.2."""

from collections.abc import Mapping
from typing import Any

from campaign.providers.base import NumberInfo

GRAPH_FIELDS = "quality_rating,status,throughput,whatsapp_business_manager_messaging_limit,health_status"
OLD_LIMIT = "messaging_limit_tier"
_LONGEST_WORD, _LONGEST_REASON = 64, 500


def read_graph_number(body: Mapping[str, Any]) -> NumberInfo:
    """Graph's answer about a phone number; what it leaves out is None."""
    throughput = body.get("throughput")
    return NumberInfo(
        status=_word(body.get("status")),
        quality=_word(body.get("quality_rating")),
        throughput=_word(throughput.get("level")) if isinstance(throughput, dict) else None,
        messaging_limit=_word(body.get("whatsapp_business_manager_messaging_limit") or body.get(OLD_LIMIT)),
        **_health(body.get("health_status")),
    )


def read_health(body: Mapping[str, Any]) -> NumberInfo:
    """360dialog's answer, which knows the health alone."""
    return NumberInfo(**_health(body.get("health_status") or body))


def _health(value: Any) -> dict[str, str | None]:
    """The worst node decides, and says why."""
    if not isinstance(value, dict):
        return {}
    health = _word(value.get("can_send_message"))
    nodes = [node for node in _listed(value.get("entities")) if _word(node.get("can_send_message")) != "AVAILABLE"]
    reasons = [f"{node.get('entity_type')}: {reason}" for node in nodes for reason in _reasons(node)]
    return {"health": health, "health_reason": "; ".join(reasons)[:_LONGEST_REASON] or None}


def _reasons(node: Mapping[str, Any]) -> list[str]:
    """LIMITED carries `additional_info`, BLOCKED carries `errors`."""
    notes = node.get("additional_info")
    said = [str(note) for note in notes] if isinstance(notes, list) else []
    return said + [
        str(error.get("error_description") or f"code {error.get('error_code')}")
        for error in _listed(node.get("errors"))
    ]


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _word(value: Any) -> str | None:
    return value.upper()[:_LONGEST_WORD].replace("\x00", "") if isinstance(value, str) and value else None

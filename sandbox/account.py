"""The business account: its id and its phone numbers, with what the platform tells about them.

Fields and values: platform.md A.2.
"""

import re
from dataclasses import dataclass, field
from typing import Any

# Invented, in the form of real ones; they stand in health reports and webhooks only.
BUSINESS_ID, APP_ID = "100000000000001", "100000000000030"


@dataclass(slots=True)
class Target:
    """Where webhooks of a number go, and the headers that 360dialog sends along."""

    url: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class Number:
    """One business phone number. `key` opens it at 360dialog; `restricted_until` is platform time."""

    number_id: str
    display: str
    key: str = field(repr=False)
    quality: str = "GREEN"
    status: str = "CONNECTED"
    tier: str = "TIER_UNLIMITED"
    throughput: str = "STANDARD"
    restricted_until: float | None = None
    override: Target | None = None

    @property
    def sends(self) -> bool:
        """Whether the platform takes messages from it."""
        return self.status == "CONNECTED"

    def as_graph(self, waba_id: str) -> dict[str, Any]:
        """Every field of `GET /{PHONE_NUMBER_ID}`."""
        return {
            "id": self.number_id,
            "display_phone_number": f"+{self.display[0]} {self.display[1:4]}-{self.display[4:7]}-{self.display[7:]}",
            "verified_name": "Example Shop",
            "quality_rating": self.quality,
            "status": self.status,
            "name_status": "APPROVED",
            "code_verification_status": "VERIFIED",
            "platform_type": "CLOUD_API",
            "throughput": {"level": self.throughput},
            "whatsapp_business_manager_messaging_limit": self.tier,
            "health_status": self.health(waba_id),
        }

    def health(self, waba_id: str) -> dict[str, Any]:
        """Whether messages can be sent, and at which node not; the worst node decides."""
        own: dict[str, Any] = {"entity_type": "PHONE_NUMBER", "id": self.number_id, "can_send_message": "AVAILABLE"}
        # The worst node decides for all.
        if not self.sends:
            own["can_send_message"] = "BLOCKED"
            own["errors"] = [{"error_code": 131031, "error_description": f"The phone number is {self.status}."}]
        others = (("WABA", waba_id), ("BUSINESS", BUSINESS_ID), ("APP", APP_ID))
        entities = [{"entity_type": kind, "id": one, "can_send_message": "AVAILABLE"} for kind, one in others]
        return {"can_send_message": own["can_send_message"], "entities": [own, *entities]}


def tier_name(people: int) -> str:
    """The platform's word for a limit of so many people a day; 0 is no limit."""
    if people == 0:
        return "TIER_UNLIMITED"
    return f"TIER_{people // 1000}K" if people % 1000 == 0 else f"TIER_{people}"


def tier_limit(name: str) -> int:
    """The limit that such a word stands for.

    raises  ValueError when it is none
    """
    if name == "TIER_UNLIMITED":
        return 0
    found = re.fullmatch(r"TIER_(\d+)(K?)", name)
    if found is None:
        raise ValueError(f"{name!r} is no tier; such as TIER_250, TIER_2K or TIER_UNLIMITED")
    return int(found[1]) * (1000 if found[2] else 1)


def make_numbers(number_ids: tuple[str, ...], token: str) -> dict[str, Number]:
    """The numbers of an account. The first is opened by the token itself, the others by `token-ID`.

    They are toll-free and fictitious, so that no recipient on a list of mobiles is ever the sender itself.
    """
    return {
        number_id: Number(number_id, f"1800555{100 + place:04d}", token if place == 0 else f"{token}-{number_id}")
        for place, number_id in enumerate(number_ids)
    }

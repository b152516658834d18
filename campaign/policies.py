"""How a campaign behaves while it sends: what it does when in doubt, its turn among others, its canary."""

from dataclasses import dataclass
from typing import Any

from campaign.sending.canary.terms import CanaryTerms
from models.campaign import Priority, UncertainPolicy
from models.people import Category


@dataclass(frozen=True, slots=True)
class Policies:
    """What the owner of a campaign decides beforehand. `priority` None: by the template's category."""

    uncertain: UncertainPolicy = UncertainPolicy.WAIT
    priority: Priority | None = None
    canary: CanaryTerms | None = None

    def columns(self, category: str) -> dict[str, Any]:
        """The columns of a campaign of this category that keep them."""
        return {
            "uncertain_policy": self.uncertain.value,
            "priority": (self.priority or default_priority(category)).value,
            "canary": self.canary.as_json() if self.canary else None,
            "canary_left": self.canary.people if self.canary else None,
        }


def default_priority(category: str) -> Priority:
    """Marketing waits for what somebody waits for."""
    return Priority.NORMAL if category == Category.MARKETING else Priority.HIGH

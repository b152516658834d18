"""The words for what is told. The database itself notes each as a campaign changes its state, see migration 0012."""

from enum import StrEnum


class NoticeEvent(StrEnum):
    """What happened to a campaign. It is `launched` once and `resumed` as often as it goes on."""

    CREATED = "campaign.created"
    SCHEDULED = "campaign.scheduled"
    LAUNCHED = "campaign.launched"
    PAUSED = "campaign.paused"
    RESUMED = "campaign.resumed"
    SETTLING = "campaign.settling"
    COMPLETED = "campaign.completed"
    CANCELLED = "campaign.cancelled"


TEST = "subscription.test"
"""What a test says; nobody can subscribe to it."""

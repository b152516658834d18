"""The ground: tables and the words of their states. Imports nothing of ours."""

from models.audience import AudienceImport, RejectedRow
from models.base import Base
from models.campaign import Campaign
from models.limits import MarketingCap, RecipientUse
from models.media import MediaFile, MediaUpload
from models.message import Attempt, Message
from models.people import ConsentEvent, Contact, Suppression
from models.sender import Sender
from models.template import Template
from models.webhook_event import WebhookEvent

__all__ = [
    "Attempt",
    "AudienceImport",
    "Base",
    "Campaign",
    "ConsentEvent",
    "Contact",
    "MarketingCap",
    "MediaFile",
    "MediaUpload",
    "Message",
    "RecipientUse",
    "RejectedRow",
    "Sender",
    "Suppression",
    "Template",
    "WebhookEvent",
]

"""The ground: tables and the words of their states. Imports nothing of ours."""

from models.access import (
    ApiKey,
    Approval,
    AuditEntry,
    Draft,
    IdempotencyKey,
    LoginAttempt,
    Notice,
    Role,
    SetupToken,
    Subscription,
    User,
    WebSession,
)
from models.audience import AudienceImport, RejectedRow, Upload
from models.base import Base
from models.campaign import Campaign
from models.consent import ConsentExpiry, ConsentSeal, ConsentWatch, Erasure, OptOutConfirmation, StopWord
from models.heartbeat import Heartbeat
from models.job import BackgroundJob
from models.limits import MarketingCap, RecipientUse
from models.media import MediaFile, MediaUpload
from models.message import Attempt, Message
from models.people import CampaignExclusion, ConsentEvent, Contact, KnownUser, Suppression, SuppressionEvent
from models.price import Price
from models.reply import Reply
from models.schedule import Opening, PaceMinute, Schedule, ScheduleRun, ZoneGroup
from models.sender import Sender
from models.sequence import Sequence, SequencePerson, SequenceStep
from models.tally import CampaignTally
from models.template import Template
from models.variant import Variant, WinnerRule
from models.webhook_event import HearingStretch, HistoryUse, WebhookEvent, WebhookKind

__all__ = [
    "ApiKey",
    "Approval",
    "Attempt",
    "AudienceImport",
    "AuditEntry",
    "BackgroundJob",
    "Base",
    "Campaign",
    "CampaignExclusion",
    "CampaignTally",
    "ConsentEvent",
    "ConsentExpiry",
    "ConsentSeal",
    "ConsentWatch",
    "Contact",
    "Draft",
    "Erasure",
    "HearingStretch",
    "Heartbeat",
    "HistoryUse",
    "IdempotencyKey",
    "KnownUser",
    "LoginAttempt",
    "MarketingCap",
    "MediaFile",
    "MediaUpload",
    "Message",
    "Notice",
    "Opening",
    "OptOutConfirmation",
    "PaceMinute",
    "Price",
    "RecipientUse",
    "RejectedRow",
    "Reply",
    "Role",
    "Schedule",
    "ScheduleRun",
    "Sender",
    "Sequence",
    "SequencePerson",
    "SequenceStep",
    "SetupToken",
    "StopWord",
    "Subscription",
    "Suppression",
    "SuppressionEvent",
    "Template",
    "Upload",
    "User",
    "Variant",
    "WebSession",
    "WebhookEvent",
    "WebhookKind",
    "WinnerRule",
    "ZoneGroup",
]

"""The one door to the platform: what a provider takes, what it answers, what it reports later.

A room of `campaign/` knows this module only; `tasks/wiring.py` picks the dialect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class OutboundTemplate:
    """One template message, ready for any dialect.

    to             E.164 with leading `+`
    components     filled components in the platform's shape, platform.md A.4; empty for a static template
    callback_data  echoed in every status webhook; at most 512 characters, platform.md A.3
    """

    to: str
    name: str
    language: str
    components: Sequence[Mapping[str, Any]]
    callback_data: str
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class OutboundText:
    """Free-form text, taken only inside an open service window. Source: platform.md A.5, G.3.

    to        E.164 with leading `+`
    body      1 to 4096 characters
    reply_to  id of the inbound message that it answers
    """

    to: str
    body: str
    preview_url: bool = False
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform took the message. `wa_id` is None where only a business-scoped id is known."""

    wamid: str
    wa_id: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Taken, but waiting for a verdict (`held_for_quality_assessment`), or answered with `paused`."""

    wamid: str
    wa_id: str | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform answered with an error. `code` None: no numeric code was given; the text decides."""

    code: int | None
    text: str
    http_status: int
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request left this machine; sending again is safe. Source: platform.md C.6."""

    text: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The request left, or may have, and no usable answer came. Never resend before it is reconciled."""

    text: str


Outcome = Accepted | Held | Refused | NotSent | Uncertain


class DeliveryStatus(StrEnum):
    """The platform's later word on one message; others (`deleted`, `warning`) are counted and kept raw."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class DeliveryEvent(NamedTuple):
    """One status of one message, in one shape for all providers. `occurred_at` is aware, UTC.

    category, billable, pricing_model, pricing_type  what it costs, in the platform's words, platform.md D.3
    user_id                                          the person's business-scoped id, where the platform names it
    """

    wamid: str
    status: DeliveryStatus
    occurred_at: datetime
    callback_data: str | None = None
    error_code: int | None = None
    error_text: str | None = None
    category: str | None = None
    billable: bool | None = None
    pricing_model: str | None = None
    pricing_type: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """What a person wrote or tapped. `occurred_at` is aware, UTC. Source: platform.md D.5.

    wa_id, user_id  who wrote; either may be unknown, platform.md F
    kind            the platform's word: text, button, interactive, system, image …
    payload         of a button or list entry
    in_reply_to     wamid of the message that was answered, where the platform says so
    new_wa_id       of a person who changed number
    old_user_id     of a person who has another user id now: the one before, and `user_id` is the new one
    """

    id: str
    kind: str
    occurred_at: datetime
    wa_id: str | None = None
    user_id: str | None = None
    text: str | None = None
    payload: str | None = None
    in_reply_to: str | None = None
    new_wa_id: str | None = None
    old_user_id: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateEvent:
    """A change of one language of a template. At most one of the new values is set. Source: platform.md D.4.

    status       upper case, such as PAUSED
    quality      upper case, such as RED
    category     lower case, already in force
    edited       its text changed
    account      the business account that it was told of
    occurred_at  aware, UTC; in whole seconds
    """

    name: str
    language: str
    platform_id: str | None = None
    status: str | None = None
    quality: str | None = None
    category: str | None = None
    reason: str | None = None
    account: str | None = None
    occurred_at: datetime | None = None
    edited: bool = False


@dataclass(frozen=True, slots=True)
class SenderEvent:
    """A change of a number, or of all numbers of an account. What is None was not said. Source: platform.md D.4.

    kind             the platform's word, such as FLAGGED or ACCOUNT_RESTRICTION
    account          the business account that it was told of
    phone            digits of the number; None: all numbers of the account
    state            what the number may do now: connected, flagged, restricted or disabled
    until            end of a restriction; None: none was named
    quality          upper case, such as RED
    messaging_limit  such as TIER_2K; unique people in 24 h, shared by the portfolio
    occurred_at      aware, UTC; in whole seconds
    """

    kind: str
    account: str | None = None
    phone: str | None = None
    state: str | None = None
    until: datetime | None = None
    quality: str | None = None
    messaging_limit: str | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PreferenceChange:
    """A person switched our marketing off or on in the app; `wants` False is an opt-out. Source: platform.md G.2."""

    wants: bool
    occurred_at: datetime
    wa_id: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookContent:
    """What one webhook body held.

    others  counts what is not a delivery status, by kind
    odd     of kinds that could not be read, where the first of each departs from the known shape; never what it says
    """

    deliveries: Sequence[DeliveryEvent]
    others: Mapping[str, int] = field(default_factory=dict)
    inbound: Sequence[InboundMessage] = ()
    template_events: Sequence[TemplateEvent] = ()
    preferences: Sequence[PreferenceChange] = ()
    sender_events: Sequence[SenderEvent] = ()
    odd: Mapping[str, str] = field(default_factory=dict)

    @property
    def tells_more(self) -> bool:
        """Whether it says anything that somebody acts on beside delivery statuses."""
        return bool(self.inbound or self.template_events or self.preferences or self.sender_events)


class UnreadableWebhook(ValueError):
    """A body that is not in a shape we know; the message says where it departs."""


@dataclass(frozen=True, slots=True)
class TemplateRecord:
    """One language of one template as a provider lists it."""

    platform_id: str | None
    name: str
    language: str
    category: str
    status: str
    quality: str | None
    parameter_format: str
    components: Sequence[Mapping[str, Any]]
    ttl_seconds: int | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class NumberInfo:
    """What the platform tells about a number, in its own words; None where the dialect does not say.

    source           platform.md A.2
    status           CONNECTED, FLAGGED, RESTRICTED …; an open list
    quality          GREEN, YELLOW, RED, NA
    throughput       STANDARD, HIGH
    messaging_limit  such as TIER_2K; unique people in 24 h, shared by the portfolio
    health           AVAILABLE, LIMITED or BLOCKED: the worst node decides
    health_reason    what is wrong at that node
    """

    status: str | None = None
    quality: str | None = None
    throughput: str | None = None
    messaging_limit: str | None = None
    health: str | None = None
    health_reason: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """Where the provider is to post webhooks, and the secret by which the address knows it.

    secret  the verify token at Meta, the `Authorization` header at 360dialog
    """

    url: str
    secret: str = field(repr=False)


class Provider(Protocol):
    """A business number behind one dialect of the platform."""

    async def send(self, message: OutboundTemplate) -> Outcome:
        """Hand over one message. Never raises for anything the network or the platform does."""

    async def send_text(self, message: OutboundText) -> Outcome:
        """Hand over free-form text. Whether the window is open is asked before: see campaign.conversations."""

    async def mark_read(self, inbound_id: str) -> None:
        """Show a person that their message was read.

        raises  PlatformError when the platform refuses or does not answer
        """

    async def list_templates(self) -> list[TemplateRecord]:
        """Every template of the account, all pages.

        raises  PlatformError when the platform refuses or does not answer
        """

    async def read_number(self) -> NumberInfo:
        """What the platform tells about the number.

        raises  PlatformError when the platform refuses or does not answer
        """

    async def register_webhook(self, address: WebhookAddress) -> None:
        """Have webhooks posted to an address; at Meta an override of the account's, for messages only.

        raises  PlatformError when the platform refuses or does not answer
        source  platform.md A.1
        """

    async def aclose(self) -> None:
        """Give the connections back."""

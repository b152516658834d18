"""What a lane sends with: a campaign's templates, and how messages of them are built."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from campaign.callback import callback_data
from campaign.providers.base import OutboundTemplate
from campaign.sending.store import Claimed
from campaign.templates.components import MessageBuilder
from models import Campaign, Template

FLAGGED = "FLAGGED"


@dataclass(frozen=True)
class Wording:
    """One language of a template, and how messages of it are built."""

    template: Template
    builder: MessageBuilder


@dataclass(frozen=True)
class Line:
    """One running campaign in a lane: its own template, and by id the same in other languages.

    former  templates that messages were moved away from; what was sent with one is retried with it
    """

    campaign: Campaign
    own: Wording
    translated: Mapping[int, Wording] = field(default_factory=dict)
    former: Mapping[int, Wording] = field(default_factory=dict)

    def cap(self, rate_mps: float, flagged_share: float) -> float | None:
        """Messages per second that the campaign may send of its sender's `rate_mps`, where that is less.

        source  platform.md B.1: a template that WhatsApp has flagged is sendable; slow down
        """
        flagged = [w for w in (self.own, *self.translated.values()) if w.template.status == FLAGGED]
        caps = [self.campaign.rate_mps, rate_mps * flagged_share if flagged else None]
        return min((float(cap) for cap in caps if cap is not None), default=None)

    def wording(self, claimed: Claimed) -> Wording:
        """What one person is written with.

        raises  LookupError when the template of their language is gone
        """
        id_ = self.template_id(claimed)
        if id_ == self.own.template.id:
            return self.own
        return self.translated[id_] if id_ in self.translated else self.former[id_]

    def template_id(self, claimed: Claimed) -> int:
        """The template that one person is written with."""
        return claimed.template_id or self.own.template.id

    def rests(self, claimed: Claimed, stopped: Collection[int]) -> bool:
        """Whether a message has to wait though its campaign runs: it was moved since this lane began, or its template
        is one of the former and out of service. `stopped` are templates of which this lane has just learned so.
        """
        id_ = claimed.template_id
        if id_ is None or id_ == self.own.template.id or id_ in self.campaign.template_ids:
            return False
        wording = self.former.get(id_)
        return wording is None or id_ in stopped or not wording.template.sendable

    def outbound(self, claimed: Claimed) -> OutboundTemplate:
        """The message of one person, ready for the provider."""
        wording = self.wording(claimed)
        return OutboundTemplate(
            to=claimed.phone_e164,
            name=wording.template.name,
            language=wording.template.language,
            components=wording.builder.components(claimed.parameters),
            callback_data=callback_data(claimed.campaign_id, claimed.id, claimed.attempt),
            namespace=wording.template.namespace,
        )

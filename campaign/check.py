"""What would happen if a campaign were launched now: who gets it, who does not and why, how long it takes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign import store
from campaign.audience.reasons import VALUE_REASONS, RejectReason
from campaign.creation import audience_of
from campaign.lifecycle import find_campaign
from campaign.templates.findings import Finding, finding
from campaign.templates.lint import lint_mapping, lint_rows
from campaign.templates.slots import slots_of
from models.campaign import Campaign
from models.sender import Sender
from models.states import MessageState
from models.template import Template

FUNNEL: Sequence[tuple[str, frozenset[RejectReason] | None]] = (
    # None takes every reason that no other step names: whatever is wrong with the row or its phone.
    ("with a usable phone", None),
    ("with every value", VALUE_REASONS),
    ("listed once", frozenset({RejectReason.DUPLICATE})),
    ("with consent", frozenset({RejectReason.NO_CONSENT, RejectReason.CONSENT_WITHDRAWN})),
    ("not suppressed", frozenset({RejectReason.SUPPRESSED})),
)
"""The steps from rows to messages, each with the reasons that end a row there."""


@dataclass(frozen=True, slots=True)
class Step:
    """Rows left after one step of the funnel, and those that ended there by reason."""

    name: str
    left: int
    refused: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TierUse:
    """The messaging limit that the sender shares with its portfolio: unique recipients in 24 h. None is unlimited."""

    limit: int | None
    used: int
    needed: int

    @property
    def days(self) -> int:
        """Days that the limit alone makes the campaign take, at least 1."""
        if self.limit is None or self.needed <= self.limit - self.used:
            return 1
        return 1 + math.ceil((self.needed - max(0, self.limit - self.used)) / self.limit)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a launch would do. `to_message` is who passes the gate now; `rate_mps` is messages per second."""

    name: str
    state: str
    rows: int
    funnel: Sequence[Step]
    to_message: int
    rate_mps: int
    duration: timedelta
    tier: TierUse
    findings: Sequence[Finding] = field(default_factory=tuple)


def forecast(session: Session, name: str, *, now: datetime) -> Forecast:
    """What would become of the messages of a campaign that are still to be sent.

    raises  NotFound
    """
    campaign = find_campaign(session, name)
    audience = audience_of(session, campaign)
    sender = session.get_one(Sender, campaign.sender_id)
    withheld = store.withheld_by_reason(session, campaign, now)
    queued = store.count_messages(session, campaign.id).get(MessageState.QUEUED, 0)
    to_message = queued - sum(withheld.values())
    rate = rate_of(campaign, sender)
    used = store.recipients_of_portfolio(session, sender.portfolio, now)
    return Forecast(
        name=campaign.name,
        state=campaign.state,
        rows=audience.row_count,
        funnel=funnel(audience.row_count, store.refused_by_reason(session, campaign.id), withheld),
        to_message=to_message,
        rate_mps=rate,
        duration=timedelta(seconds=to_message / rate),
        tier=TierUse(sender.tier, used, to_message),
        findings=[*_of_templates(session, campaign, audience.columns), *lint_rows(audience.notes)],
    )


def _of_templates(session: Session, campaign: Campaign, columns: Sequence[str]) -> list[Finding]:
    """The findings of the template in each language of the campaign, each once."""
    found: dict[str, Finding] = {}
    for template_id in (campaign.template_id, *campaign.template_ids):
        template = session.get_one(Template, template_id)
        own = {slot.key for slot in slots_of(template.components, template.parameter_format)}
        mapping = {k: v for k, v in campaign.mapping.items() if k in own or "opt_out" in v}
        found |= {one.text: one for one in lint_mapping(template, mapping, columns)}
        if template.category != campaign.category:
            words = f"The template is {template.category} now and was {campaign.category} when the campaign was made"
            changed = finding("category_changed", f"{words}; people need consent to {template.category} messages.")
            found[changed.text] = changed
    return list(found.values())


def funnel(rows: int, refused: Mapping[str, int], withheld: Mapping[str, int]) -> list[Step]:
    """Row counts step by step. Pure; `withheld` are rows that passed when the list was read and would not now."""
    named = frozenset().union(*(reasons for _, reasons in FUNNEL if reasons))
    total = {reason: refused.get(reason, 0) + withheld.get(reason, 0) for reason in (*refused, *withheld)}
    steps = []
    for name, reasons in FUNNEL:
        here = {r: n for r, n in total.items() if (r in reasons if reasons else r not in named)}
        rows -= sum(here.values())
        steps.append(Step(name, rows, here))
    return steps


def rate_of(campaign: Campaign, sender: Sender) -> int:
    """Messages per second that the campaign may send: the sender's rate, or its own cap below it."""
    return min(sender.rate_mps, campaign.rate_mps or sender.rate_mps)

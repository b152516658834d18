"""What would happen if a campaign were launched now: who gets it, who does not and why, how long it takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign import store
from campaign.audience.funnel import Step, funnel
from campaign.audience.told import reading_words
from campaign.costs.forecast import CostForecast, forecast_cost
from campaign.creation import audience_of
from campaign.lifecycle import find_campaign
from campaign.planning.ahead import limits_ahead, plan_campaign
from campaign.planning.days import Plan
from campaign.scheduling.ahead import openings_ahead
from campaign.sending.endpoints import steady_rate
from campaign.sending.pacing import holding_risks
from campaign.settings import Settings, current_settings
from campaign.templates.findings import Finding, finding
from campaign.templates.lint import lint_mapping, lint_rows
from campaign.templates.slots import slots_of
from models.campaign import Campaign
from models.sender import Sender
from models.states import MessageState
from models.template import Template


@dataclass(frozen=True, slots=True)
class TierUse:
    """The messaging limit that the sender shares with its portfolio: unique recipients in 24 h. None is unlimited."""

    limit: int | None
    used: int
    needed: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a launch would do. `to_message` is who passes the gate now; `rate_mps` is messages per second.

    list_read, list_warnings  how the list was read, and what looks wrong with it as a whole
    holding_risks             why WhatsApp may hold messages for quality
    """

    name: str
    state: str
    rows: int
    funnel: Sequence[Step]
    to_message: int
    rate_mps: int
    duration: timedelta
    tier: TierUse
    plan: Plan
    findings: Sequence[Finding] = field(default_factory=tuple)
    cost: CostForecast = field(default_factory=CostForecast)
    list_read: str = ""
    list_warnings: Sequence[str] = ()
    holding_risks: Sequence[str] = ()


def forecast(session: Session, name: str, *, now: datetime, settings: Settings | None = None) -> Forecast:
    """What would become of the messages of a campaign that are still to be sent.

    settings  None: those of this process
    raises  NotFound
    """
    campaign = find_campaign(session, name)
    audience = audience_of(session, campaign)
    sender = session.get_one(Sender, campaign.sender_id)
    withheld = store.withheld_by_reason(session, campaign, now)
    queued = store.count_messages(session, campaign.id).get(MessageState.QUEUED, 0)
    to_message = queued - sum(withheld.values())
    settings = settings or current_settings()
    rate = rate_of(campaign, sender, settings.flagged_share)
    limits = limits_ahead(session, sender, rate_mps=rate, reserve=settings.tier_reserve, now=now)
    used = sum(people for _, people in limits.used_by_hour)
    limited = limits.warm_up is not None or (limits.tier is not None and limits.tier - used < to_message)
    openings = openings_ahead(session, campaign, to_message, rate_mps=rate, limited=limited, now=now)
    return Forecast(
        name=campaign.name,
        state=campaign.state,
        rows=audience.row_count,
        funnel=funnel(audience.row_count, store.refused_by_reason(session, campaign.id), withheld),
        to_message=to_message,
        rate_mps=rate,
        duration=timedelta(seconds=to_message / rate),
        tier=TierUse(sender.tier, used, to_message),
        plan=plan_campaign(campaign, to_message, limits, now, openings),
        cost=forecast_cost(session, campaign, now),
        holding_risks=holding_risks(session, campaign, to_message, now),
        findings=[*_of_templates(session, campaign, audience.columns), *lint_rows(audience.notes)],
        list_read=reading_words(audience),
        list_warnings=audience.warnings,
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


def rate_of(campaign: Campaign, sender: Sender, flagged_share: float) -> int:
    """Messages per second that the campaign keeps up: what its sender does, or its own cap below it."""
    rate = max(1, int(steady_rate(sender, flagged_share)))
    return min(rate, campaign.rate_mps or rate)

"""Why WhatsApp may hold messages of a campaign for quality, told before it is launched. Source: platform.md B.4."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign.sending.pauses import store
from models import Campaign, Sender, Template
from models.people import Category

UTILITY_MEMORY = timedelta(days=7)
"""How long utility templates are paced after one of the business was paused."""

YEAR = timedelta(days=365)
PORTFOLIO_SENDS = 500_000
"""Template messages in a year below which the bursts of a portfolio may be held."""

BURST = 1_000
"""Messages from which we speak of a burst; small sends are never held. The platform publishes no number."""


def holding_risks(session: Session, campaign: Campaign, to_message: int, now: datetime) -> list[str]:
    """The reasons that apply, a sentence each; none for few messages, which are never held."""
    if to_message < BURST:
        return []
    template = session.get_one(Template, campaign.template_id)
    sender = session.get_one(Sender, campaign.sender_id)
    risks = []
    if template.category == Category.MARKETING and (template.quality != "GREEN" or template.unpaused_at is not None):
        risks.append("WhatsApp paces marketing templates that are new, were paused, or are not rated green.")
    if template.category == Category.UTILITY and store.utility_paused_since(
        session, sender.account, now - UTILITY_MEMORY
    ):
        risks.append("A utility template of this account was paused in the last 7 days, so utility is paced, too.")
    if store.sends_since(session, sender.portfolio, now - YEAR, PORTFOLIO_SENDS) < PORTFOLIO_SENDS:
        risks.append(
            f"Fewer than {PORTFOLIO_SENDS:,} messages in a year are known of this portfolio: large bursts may be held."
        )
    return risks

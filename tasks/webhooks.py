"""Shells: what the platform reported, applied."""

from functools import partial

from campaign.providers.events import read_webhook
from campaign.sending.retry import RetryPolicy, next_step
from campaign.webhooks.batch import InboxRules
from campaign.webhooks.inbox import apply_webhooks
from tasks import wiring
from tasks.app import app


@app.task(name="webhooks.apply")
def apply() -> None:
    """Apply what the inbox holds. Safe to run twice: one applier works at a time, and events are applied once."""
    with wiring.stores_may_be_away("apply"):
        apply_webhooks(wiring.sessions(), inbox_rules(), clock=wiring.utc_now)


def inbox_rules() -> InboxRules:
    """How this process works the inbox off."""
    settings = wiring.settings()
    policy = partial(next_step, policy=RetryPolicy.from_settings(settings), rng=wiring.rng())
    return InboxRules(read=read_webhook, policy=policy, batch=settings.webhook_batch, buffer_s=settings.ttl_buffer_s)

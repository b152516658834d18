"""Shells: what the platform reported, applied."""

import time
from collections.abc import Hashable
from dataclasses import replace
from datetime import timedelta
from functools import cache

from campaign.consent.replies import ReplyRules
from campaign.sending.reported import Reported
from campaign.webhooks.batch import InboxRules
from campaign.webhooks.inbox import apply_webhooks
from campaign.webhooks.listening import Listening
from tasks import senders, templates, wiring
from tasks.app import app

ASK_AGAIN_S = 15.0
"""Least time between two questions about one account or number: the platform counts them, platform.md E."""


@app.task(name="webhooks.apply")
def apply() -> None:
    """Apply what the inbox holds. Safe to run twice: one applier works at a time, and events are applied once."""
    with wiring.stores_may_be_away("apply"):
        apply_webhooks(wiring.sessions(), inbox_rules(), clock=wiring.utc_now)
        ask_again(listening(), time.monotonic())
        brake(reported())


def inbox_rules() -> InboxRules:
    """How this process works the inbox off."""
    rules = InboxRules.from_settings(wiring.settings(), wiring.rng())
    return replace(rules, listen=listening(), listen_first=listening().first, on_failures=reported())


@cache
def listening() -> Listening:
    """The listener of this process."""
    settings = wiring.settings()
    return Listening(ReplyRules.from_settings(settings), timedelta(seconds=settings.reply_window_s))


@cache
def reported() -> Reported:
    """The listener to failures of this process."""
    return Reported()


def brake(heard: Reported) -> None:
    """Stop the senders of which a report said that they are throttled; one that cannot be reached stays noted."""
    for sender_id, stop_s in list(heard.brakes.items()):
        wiring.limiter(f"sender:{sender_id}").brake(stop_s or wiring.settings().brake_s)
        del heard.brakes[sender_id]


def ask_again(heard: Listening, now_s: float) -> None:
    """Ring for the accounts and numbers that webhooks left in doubt, each at most every `ASK_AGAIN_S`."""
    for account in sorted(heard.read_again):
        if _may_ask(("account", account), now_s):
            templates.refresh.apply_async((account,), expires=60)
            heard.read_again.discard(account)
    for sender_id in sorted(heard.look_again):
        if _may_ask(("sender", sender_id), now_s):
            senders.refresh.apply_async((sender_id,), expires=60)
            heard.look_again.discard(sender_id)


_asked_at: dict[Hashable, float] = {}


def _may_ask(key: Hashable, now_s: float) -> bool:
    may = now_s - _asked_at.get(key, -ASK_AGAIN_S) >= ASK_AGAIN_S
    if may:
        _asked_at[key] = now_s
    return may

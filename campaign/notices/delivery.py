"""Notices to their subscribers: claimed, signed, posted, and tried again until they are taken or given up."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog

from campaign.errors import CampaignError, ConfigurationError
from campaign.notices import store
from campaign.notices.address import checked_url
from campaign.notices.events import TEST
from campaign.notices.post import Poster
from campaign.notices.retry import next_try
from campaign.notices.signature import signed_headers
from campaign.notices.store import DueNotice
from campaign.settings import Settings
from models.access import Subscription
from models.session import Sessions, session_scope

log = structlog.get_logger(__name__)

EACH = 10
"""Notices posted to one subscriber in one sweep, at once."""

MOST_AT_ONCE = 50
REST = timedelta(minutes=1)
"""How long a subscriber that did not take a notice is left alone."""


@dataclass(frozen=True)
class Post:
    """What deliveries work with; `environment` holds the secrets."""

    settings: Settings
    environment: Mapping[str, str]
    clock: Callable[[], datetime]


async def deliver_due(sessions: Sessions, post: Post) -> int:
    """Deliver what is due; how many were taken. Safe to run twice: each is claimed before it leaves.

    A notice may come twice when its answer is lost; its id stays the same.
    """
    now = post.clock()
    due = await asyncio.to_thread(_claim, sessions, post, now)
    if not due:
        return 0
    poster = Poster(timeout_s=post.settings.notice_timeout_s, loopback=post.settings.notice_loopback)
    turns = asyncio.Semaphore(MOST_AT_ONCE)
    try:
        taken = await asyncio.gather(*(_deliver(sessions, post, poster, notice, turns) for notice in due))
    finally:
        await poster.aclose()
    return sum(taken)


async def send_test(subscription: Subscription, post: Post) -> str | None:
    """Post a test to a subscriber now; None when it was taken, or what went wrong in words."""
    poster = Poster(timeout_s=post.settings.notice_timeout_s, loopback=post.settings.notice_loopback)
    now = post.clock()
    id_ = f"evt_{uuid4()}"
    body = {"id": id_, "type": TEST, "at": now.isoformat(), "subscription": subscription.name}
    try:
        return await _post(poster, post, DueNotice(0, 0, id_, body, 1, subscription.url, subscription.secret_env))
    finally:
        await poster.aclose()


def body_of(notice: Mapping[str, Any]) -> bytes:
    """The bytes that are signed and posted."""
    return json.dumps(notice, ensure_ascii=False, separators=(",", ":")).encode()


def _claim(sessions: Sessions, post: Post, now: datetime) -> list[DueNotice]:
    lease = timedelta(seconds=3 * post.settings.notice_timeout_s + 30)
    with session_scope(sessions) as session:
        given_up = store.give_up_beyond(session, post.settings.notice_waiting, now)
        store.forget(session, now - timedelta(days=post.settings.notice_retention_days))
        due = store.claim_due(session, now=now, until=now + lease, each=EACH)
    if given_up:
        log.warning("notices given up, too many waited", notices=given_up)
    return due


async def _deliver(sessions: Sessions, post: Post, poster: Poster, notice: DueNotice, turns: asyncio.Semaphore) -> bool:
    async with turns:
        error = await _post(poster, post, notice)
    await asyncio.to_thread(_keep, sessions, notice, error, post.clock())
    return error is None


async def _post(poster: Poster, post: Post, notice: DueNotice) -> str | None:
    try:
        parts = checked_url(notice.url, loopback=post.settings.notice_loopback)
        secret = post.environment.get(notice.secret_env)
        if not secret:
            raise ConfigurationError(f"the variable {notice.secret_env} that signs is not set; export it")
        content = body_of(notice.body)
        headers = signed_headers(secret, notice.event_id, post.clock(), content)
    except CampaignError as error:
        return str(error)
    return await poster.post(parts, {**headers, "Content-Type": "application/json"}, content)


def _keep(sessions: Sessions, notice: DueNotice, error: str | None, now: datetime) -> None:
    with session_scope(sessions) as session:
        if error is None:
            store.keep_delivered(session, notice.id, now)
            return
        due_at = next_try(notice.tries, now)
        store.keep_failed(session, notice.id, error, due_at, now)
        store.rest(session, notice.subscription_id, now + REST if due_at is None else min(due_at, now + REST))
    log.warning("notice not taken", told=notice.body.get("type"), tries=notice.tries, given_up=due_at is None)

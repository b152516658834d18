"""Webhooks that could not be read, settled by a person: permission checked, done, and written down."""

from collections.abc import Callable
from datetime import datetime

from campaign.access.audit import audited
from campaign.access.roles import Act, Actor
from campaign.webhooks import problems, replay
from campaign.webhooks.batch import Applied, InboxRules
from campaign.webhooks.inbox_store import Range
from models.session import Sessions, session_scope


def retry(sessions: Sessions, by: Actor, event_id: int, rules: InboxRules, *, clock: Callable[[], datetime]) -> Applied:
    """Apply a webhook once more; what that came to.

    raises  Forbidden, NotFound
    """
    with audited(sessions, by, Act.RETRY_WEBHOOK, f"webhook:{event_id}") as act:
        applied = replay.retry(act.sessions, [event_id], rules, clock=clock)
        act.after = {"problems": applied.problems, "changed": len(applied.changed)}
        return applied


def dismiss(sessions: Sessions, by: Actor, event_id: int, *, now: datetime) -> None:
    """Say that a webhook tells nothing of any message of ours.

    raises  Forbidden, NotFound, Conflict
    """
    with audited(sessions, by, Act.DISMISS_WEBHOOK, f"webhook:{event_id}") as act:
        with session_scope(act.sessions) as session:
            problems.dismiss(session, event_id, now)
        act.after = {"dismissed": True}


def replay_range(
    sessions: Sessions, by: Actor, span: Range, rules: InboxRules, *, clock: Callable[[], datetime], dry_run: bool
) -> Applied:
    """Apply the webhooks of a range once more. It is written down when it ends: a batch is a transaction of its own.

    raises  Forbidden
    """
    by.require(Act.RETRY_WEBHOOK)
    applied = replay.replay(sessions, span, rules, clock=clock, dry_run=dry_run)
    if not dry_run:
        with audited(sessions, by, Act.RETRY_WEBHOOK, "webhooks") as act:
            act.before = {"from": span.since.isoformat(), "to": span.until.isoformat()}
            act.after = {"webhooks": applied.webhooks, "changed": len(applied.changed)}
    return applied

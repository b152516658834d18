"""What webhooks tell of templates, kept in our rows; and what has to be read again to be known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from campaign.providers.base import TemplateEvent
from campaign.templates import store
from campaign.templates.store import Matched, ToldTemplate

log = structlog.get_logger(__name__)

PLAIN = frozenset(
    {"APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "FLAGGED", "IN_APPEAL", "PENDING_DELETION", "DELETED"}
    | {"LIMIT_EXCEEDED", "ARCHIVED"}
)
"""Statuses that say all there is to know; after any other the template is read again. Source: platform.md B.1."""

LOCKED = "LOCKED"
"""Its content cannot be edited; whether it can be sent is another matter."""

SAME_TEXT = frozenset({"APPROVED", "FLAGGED", "PAUSED", "DISABLED", "ARCHIVED", "REINSTATED"})
"""Statuses from which an approval brings no new text; after a review it may."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What events came to: how many were about templates of ours, and the accounts whose templates to read again."""

    ours: int
    read_again: frozenset[str]


def apply_template_events(session: Session, told: Sequence[ToldTemplate], now: datetime) -> Changes:
    """Keep the status, quality and category that the platform told of. Safe to run twice, in any order.

    An event that is older than what we know is not written; the template is read again instead. The caller lets the
    campaigns follow (campaign.lifecycle.follow_templates) in the same transaction.

    source  platform.md B.1, B.4, D.4
    """
    # In the order in which it happened; what bears no time counts as of now.
    ordered = sorted(told, key=lambda each: each.event.occurred_at or now)
    matched = store.change_templates(session, [_written(each) for each in ordered], now)
    for each in matched:
        _log(ordered[each.seq], each)
    again = {ordered[each.seq].account for each in matched if _wants_reading(ordered[each.seq].event, each)}
    return Changes(len({each.seq for each in matched}), frozenset(again))


def _written(told: ToldTemplate) -> ToldTemplate:
    return told._replace(event=replace(told.event, status=None)) if told.event.status == LOCKED else told


def _wants_reading(event: TemplateEvent, matched: Matched) -> bool:
    if matched.late or event.edited:
        return True
    if event.status == "APPROVED":
        return matched.status_before not in SAME_TEXT
    return event.status is not None and event.status not in PLAIN


def _log(told: ToldTemplate, matched: Matched) -> None:
    event = told.event
    log.info(
        "template changed",
        template=event.name,
        language=event.language,
        status=event.status,
        quality=event.quality,
        category=event.category,
        reason=event.reason,
        late=matched.late,
    )

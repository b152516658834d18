"""`/webhooks`: what the platform posted and could not be read or applied; applied again, or settled."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import model_validator

from campaign.access import webhooks as acts
from campaign.access.roles import Act
from campaign.senders import find_sender
from campaign.webhooks.batch import Applied
from campaign.webhooks.inbox_store import Range
from campaign.webhooks.problems import Problems, list_problems, show_webhook
from console.api.door import Acting, Doored, Look
from console.api.long_work import long_work
from console.api.shapes import Answer, Body
from console.api.words import Id, Moment, Text
from tasks.webhooks import inbox_rules

router = APIRouter(tags=["webhooks"])


class RangeIn(Body):
    """Webhooks by arrival: from an instant until before another; of one sender, or of all."""

    since: Moment
    until: Moment
    sender: Text | None = None
    dry_run: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> "RangeIn":
        if self.since >= self.until:
            raise ValueError("since is not before until; swap them")
        return self


class AppliedOut(Answer):
    """What applying webhooks again came to: reports in them, those of no message of ours, messages changed."""

    webhooks: int
    events: int
    unmatched: int
    problems: int
    changed: int

    @classmethod
    def of(cls, applied: Applied) -> "AppliedOut":
        """The counts alone."""
        return cls(
            webhooks=applied.webhooks, events=applied.events, unmatched=applied.unmatched, problems=applied.problems,
            changed=len(applied.changed),
        )  # fmt: skip


@router.get("/webhooks/problems")
def problems(session: Look, sender: Annotated[str | None, Query(max_length=63)] = None) -> Problems:
    """What could not be read or applied, the newest thousand of `count`; and what is only counted."""
    return list_problems(session, sender)


@router.get("/webhooks/{id}")
def show(id: Id, session: Look) -> Mapping[str, Any]:
    """One webhook as it was received, and what became of it."""
    return show_webhook(session, id)


@router.post("/webhooks/{id}/retry")
def retry(id: Id, door: Doored, by: Acting) -> AppliedOut:
    """Apply a webhook once more, such as after an update that can read it."""
    by.require(Act.RETRY_WEBHOOK)
    return AppliedOut.of(acts.retry(door.sessions, by, id, inbox_rules(), clock=door.clock))


@router.post("/webhooks/{id}/dismiss", status_code=204)
def dismiss(id: Id, door: Doored, by: Acting) -> None:
    """Settle a problem that says nothing of any message of yours."""
    acts.dismiss(door.sessions, by, id, now=door.clock())


@router.post("/webhooks/replay")
def replay(body: RangeIn, door: Doored, by: Acting) -> AppliedOut:
    """Apply the webhooks of a range once more. What they changed before, they do not change again."""
    by.require(Act.RETRY_WEBHOOK)
    with door.sessions() as session:
        sender_id = find_sender(session, body.sender).id if body.sender is not None else None
    span = Range(body.since, body.until, sender_id)
    with long_work():
        applied = acts.replay_range(door.sessions, by, span, inbox_rules(), clock=door.clock, dry_run=body.dry_run)
    return AppliedOut.of(applied)
